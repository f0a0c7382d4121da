import type { Outcome } from '../core/outcome.js';
import { renderCommand } from '../core/remote-command.js';
import type { Transport } from './transport.js';

/** What would have been run, where, as a person reads it. */
export interface Rehearsed {
  readonly target: string;
  readonly text: string;
}

/**
 * A transport that runs nothing: the dry run. It tells `note` what would have been run. Its outcomes are `lost`, the
 * one ending from which nobody concludes anything about the target.
 */
export function createRehearsal(note: (rehearsed: Rehearsed) => void): Transport {
  return {
    read: (target, commands) => {
      for (const command of commands) note({ target: target.name, text: renderCommand(command) });
      return Promise.resolve(commands.map(() => notRun));
    },
    script: (target, script) => {
      note({ target: target.name, text: script });
      return Promise.resolve(notRun);
    },
    change: (hmc, command) => {
      note({ target: hmc.name, text: renderCommand(command) });
      return Promise.resolve(notRun);
    },
    notUnderstood: () => undefined,
    identityOf: () => null,
    close: () => Promise.resolve(),
  };
}

const notRun: Outcome = {
  ended: 'lost',
  exitCode: null,
  signal: null,
  stdout: '',
  stderr: 'rehearsal: nothing was run\n',
  durationMs: 0,
};
