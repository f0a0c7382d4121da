import { nodeChange, nodeRead, type ReadCommand } from '../../../core/remote-command.js';
import type { StepCommand } from '../../../core/plan.js';
import { addAndStartRmc, enableRemoteClients } from './rmcctrl.js';

const manPage = 'RSCT 3.2 recfgct man page; IBM technote T1020611';

/** Removes all RSCT data below /var/ct and configures RSCT as if freshly installed. */
function recfgct(args: readonly string[]) {
  return nodeChange('irreversible', '/usr/sbin/rsct/install/bin/recfgct', args, manPage, {
    alternatives: ['/opt/rsct/install/bin/recfgct'],
    timeoutMs: 180_000,
  });
}

/** The rebuild itself and what must follow it: RMC running, and open to its HMC. `recfgct` refuses in words, not always by its status. */
export function rebuild(args: readonly string[]): readonly StepCommand[] {
  return [
    { command: recfgct(args), always: false, failsOnOutput: ['Cannot run'] },
    // It starts RMC itself; where it stopped halfway, RMC must still not be left down.
    { command: addAndStartRmc, always: true, mayFail: true },
    { command: enableRemoteClients, always: true },
  ];
}

const odm =
  'IBM Power Virtual Server, "RSCT package levels for imported AIX images"; AIX 7.2 commands, odmget';

/** Prints the CAA device's stanza into the step's output, where it is kept. */
export const printCluster0 = nodeChange(
  'idempotent',
  '/usr/bin/odmget',
  ['-q', 'name=cluster0', 'CuAt'],
  odm,
);

/** Removes the CAA device's attributes from the ODM. */
export const deleteCluster0 = nodeChange(
  'once',
  '/usr/bin/odmdelete',
  ['-o', 'CuAt', '-q', 'name=cluster0'],
  `${odm}; AIX 7.2 commands, odmdelete`,
);

/** Puts stanzas from standard input back into the ODM. */
export const addToOdm = nodeChange('once', '/usr/bin/odmadd', [], 'AIX 7.2 commands, odmadd');

/** Copies everything that RSCT keeps into the step's run directory. */
export const saveRsctData = nodeChange(
  'idempotent',
  '/usr/bin/tar',
  ['-cf', 'var-ct.tar', '/var/ct'],
  'AIX 7.2 commands, tar; RSCT 3.2 recfgct man page (what it removes)',
  { timeoutMs: 300_000 },
);

/** What only a capture asks. */
export function captureCommand(program: string, args: readonly string[], source: string): ReadCommand {
  return nodeRead(program, args, source, { needsRoot: true });
}
