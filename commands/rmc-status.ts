import { targetList } from './arguments.js';
import { command } from './command.js';

export const rmcStatus = command({
  name: '/rmc-status',
  summary: 'Is the RMC connection between these LPARs and their HMC up?',
  description:
    'Reads both sides, the LPAR and its HMC, and changes nothing. Each LPAR gets one verdict with what was expected, ' +
    'what was found and the fixes that may help.',
  examples: [
    '/rmc-status lpar1 lpar2',
    '/rmc-status system:p9-a',
    '/rmc-status tag:env=prod',
    '/rmc-status all',
  ],
  action: 'diagnose',
  args: { targets: targetList() },
  request: ({ targets }) => ({ job: 'diagnose', diagnostic: 'rmc', targets }),
});
