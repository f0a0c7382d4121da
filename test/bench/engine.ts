/** The engine as `aixops run` has it: settings, transport, examination. What is measured is what people use. */
import type { Verdict } from '../../src/core/verdict.js';
import { sshOnly, sweepLimitsOf } from '../../src/cli/context.js';
import { chooseSubjects } from '../../src/inventory/choose.js';
import { examine } from '../../src/run/examine.js';
import { boundsOf } from '../../src/run/limits.js';
import { findDiagnostic } from '../../src/runbooks/index.js';

export interface Engine {
  /** One verdict for each target, read once. */
  run(
    diagnostic: string,
    selectors: readonly string[],
    how?: { readonly deep?: boolean },
  ): Promise<readonly Verdict[]>;
  close(): Promise<void>;
}

/** Opens the engine on a folder of settings. */
export function openEngine(folder: string): Engine {
  const context = sshOnly(folder);
  return {
    run: async (id, selectors, { deep = false } = {}) => {
      const diagnostic = findDiagnostic(id);
      const targets = chooseSubjects(diagnostic.kind, context.inventory, selectors);
      const mustLogIn = () => deep || targets.length === 1;
      const surveyed = await examine(
        diagnostic,
        targets,
        { ...context, parser: context.certificates },
        {
          nodesAtOnce: context.nodesAtOnce,
          rsctLevels: context.config.rsct,
          now: true,
          mustLogIn,
          ...boundsOf(diagnostic, targets, mustLogIn, sweepLimitsOf(context.config)),
          fleet: [],
        },
      );
      return surveyed.verdicts;
    },
    close: async () => {
      await Promise.all([context.ssh.close(), context.certificates.close()]);
    },
  };
}
