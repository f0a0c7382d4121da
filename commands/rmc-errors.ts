import { targetList } from './arguments.js';
import { command } from './command.js';

export const rmcErrors = command({
  name: '/rmc-errors',
  summary: 'What did the error log of these LPARs write of RMC within the last seven days?',
  description:
    'Reads errpt on each LPAR and changes nothing: errors of RSCT, daemons that ended by themselves, starts that no boot ' +
    'explains. It tells of the past; whether the connection is up now is for /rmc-status. The HMC is not asked.',
  examples: ['/rmc-errors lpar1', '/rmc-errors system:p9-a', '/rmc-errors tag:env=prod'],
  action: 'diagnose',
  runs: 'rmc-errors',
  args: { targets: targetList() },
  request: ({ targets }) => ({ job: 'diagnose', diagnostic: 'rmc-errors', targets }),
});
