import type { StepCommand } from '../../../core/plan.js';
import { nodeChange, nodeRead } from '../../../core/remote-command.js';

const src = 'AIX 7.2 commands';

/** Starts clcomd. */
export const startClcomd = nodeChange('once', '/usr/bin/startsrc', ['-s', 'clcomd'], `${src}, startsrc`, {
  timeoutMs: 60_000,
});

/** Stops clcomd. */
export const stopClcomd = nodeChange('once', '/usr/bin/stopsrc', ['-s', 'clcomd'], `${src}, stopsrc`, {
  timeoutMs: 60_000,
});

/** Has clcomd read its configuration again. Where the SRC cannot pass that on, it says so and exits other than 0. */
export const refreshClcomd = nodeChange(
  'idempotent',
  '/usr/bin/refresh',
  ['-s', 'clcomd'],
  `${src}, refresh`,
  {
    timeoutMs: 60_000,
  },
);

const log = '/var/hacmp/clcomd/clcomd.log';

/** The end of clcomd's log, for people: its format is described nowhere. */
export const clcomdLog = nodeRead('/usr/bin/tail', ['-n', '40', log], `${src}, tail`, { needsRoot: true });

/** The same as the end of a step, so that it stands in the thread. */
export const showLog: StepCommand = {
  command: nodeChange('idempotent', '/usr/bin/tail', ['-n', '20', log], `${src}, tail`),
  always: true,
  mayFail: true,
};

/** A plain file command of a step: it changes files and nothing that runs. */
export function files(program: string, args: readonly string[]): StepCommand['command'] {
  return nodeChange('idempotent', `/usr/bin/${program}`, args, `${src}, ${program}`, { timeoutMs: 120_000 });
}

/** One command that ends the step where it fails. */
export function run(command: StepCommand['command']): StepCommand {
  return { command, always: false };
}
