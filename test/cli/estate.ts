import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startLab, type Lab } from '../lab/lab.js';

export interface TestEstate {
  readonly lab: Lab;
  /** A folder of settings for the whole lab. */
  readonly config: string;
  /** A copy of those settings, changed by `change`; the inventory is the parsed YAML. */
  copy(change?: (inventory: InventoryFile) => void): string;
  stop(): Promise<void>;
}

/** As much of inventory.yaml as tests change. */
export interface InventoryFile {
  readonly defaults: Record<string, unknown>;
  readonly hmcs: Record<string, Record<string, unknown>>;
  readonly nodes: Record<string, Record<string, unknown>>;
}

/** The demo estate with its settings, in a folder of its own. */
export async function startEstate(): Promise<TestEstate> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-cli-'));
  const lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  const config = join(folder, 'config');
  await lab.writeConfig(config);
  // Files of the lab are named by absolute paths: a copy of the settings must not share its known_hosts.
  const copy: TestEstate['copy'] = (change) => {
    const at = mkdtempSync(join(folder, 'config-'));
    cpSync(config, at, { recursive: true });
    const inventory = parse(readFileSync(join(at, 'inventory.yaml'), 'utf8')) as InventoryFile;
    Object.assign(inventory.defaults, { knownHosts: './known_hosts', identityFile: './id_ed25519' });
    change?.(inventory);
    writeFileSync(join(at, 'inventory.yaml'), stringify(inventory));
    return at;
  };
  return {
    lab,
    config,
    copy,
    stop: async () => {
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
