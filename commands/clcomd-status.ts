import { clusterList } from './cluster-arguments.js';
import { command } from './command.js';

export const clcomdStatus = command({
  name: '/clcomd-status',
  summary: 'Does the cluster communication daemon reach every node of a PowerHA cluster from every node?',
  description:
    'Logs in to every node of the cluster at once and tries clrsh from each node to each node, itself included, three times. ' +
    'Looks at clcomd, its list of trusted hosts, names, clocks, the cluster manager, message authentication and ' +
    'certificates, and shows the last lines of clcomd’s log. It only reads. A node’s name means its cluster.',
  examples: ['/clcomd-status erp', '/clcomd-status erp-db1', '/clcomd-status all'],
  action: 'diagnose',
  runs: 'clcomd',
  args: { clusters: clusterList() },
  request: ({ clusters }) => ({ job: 'diagnose', diagnostic: 'clcomd', targets: clusters }),
});
