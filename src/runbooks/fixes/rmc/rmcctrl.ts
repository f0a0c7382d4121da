import { nodeChange } from '../../../core/remote-command.js';

const program = '/usr/sbin/rsct/bin/rmcctrl';
// The same tools under their older path. Source: cloud-init cc_reset_rmc.py.
const options = { alternatives: ['/opt/rsct/bin/rmcctrl'], timeoutMs: 60_000 };
const manPage = 'RSCT 3.2 rmcctrl man page';

/** Stops RMC and all its resource managers. */
export const stopRmc = nodeChange('once', program, ['-z'], `${manPage}; cloud-init cc_reset_rmc.py`, options);

/** Puts RMC into the SRC and inittab, and starts it. Runs even where it is started already. */
export const addAndStartRmc = nodeChange('idempotent', program, ['-A'], manPage, options);

/** Enables remote client connections (TCP 657), which an LPAR needs for its HMC. */
export const enableRemoteClients = nodeChange(
  'idempotent',
  program,
  ['-p'],
  `${manPage}; RSCT 3.3 port usage; IBM technote T1020611`,
  { ...options, timeoutMs: 20_000 },
);

/** Disables remote client connections. */
export const disableRemoteClients = nodeChange('idempotent', program, ['-P'], manPage, {
  ...options,
  timeoutMs: 20_000,
});
