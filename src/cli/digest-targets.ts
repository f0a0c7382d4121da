import { join } from 'node:path';
import { lineInConfig, type Config } from '../config.js';
import { UsageError } from '../core/errors.js';
import { chooseNodes } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import { keyOf } from '../settings/document.js';
import type { Problem } from '../settings/problem.js';

/** Targets of the digest that name nothing in the inventory: without this, nobody would hear of it before the morning. */
export function digestTargetProblems(
  config: Pick<Config, 'folder' | 'digest'>,
  inventory: Inventory,
): readonly Problem[] {
  return config.digest.channels.flatMap(({ targets }, index) =>
    targets.flatMap((target): Problem[] => {
      try {
        chooseNodes(inventory, [target]);
        return [];
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const path = ['digest', 'channels', index, 'targets'];
        const file = join(config.folder, 'aixops.yaml');
        return [{ file, line: lineInConfig(config.folder, path), key: keyOf(path), problem: error.message }];
      }
    }),
  );
}
