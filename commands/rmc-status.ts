import { targetList } from './arguments.js';
import { command } from './command.js';

export const rmcStatus = command({
  name: '/rmc-status',
  summary: 'Is the RMC connection between these LPARs and their HMC up?',
  description:
    'Reads both sides, the LPAR and its HMC, and changes nothing. Each LPAR gets one verdict with what was expected, ' +
    'what was found and the fixes that may help. For a group such as all or system:NAME the HMC is asked first, and ' +
    'only LPARs that need it are logged in to.',
  examples: [
    '/rmc-status lpar1 lpar2',
    '/rmc-status system:p9-a',
    '/rmc-status tag:env=prod',
    '/rmc-status all',
    '/rmc-status all --deep',
  ],
  action: 'diagnose',
  runs: 'rmc',
  args: { targets: targetList() },
  flags: {
    deep: 'logs in to every LPAR of a group, whatever its HMC says',
    now: 'reads once, and leaves out the second read a minute later that some verdicts need',
  },
  request: ({ targets }, flags) => ({
    job: 'diagnose',
    diagnostic: 'rmc',
    targets,
    ...(flags.has('deep') && { deep: true }),
    ...(flags.has('now') && { now: true }),
  }),
});
