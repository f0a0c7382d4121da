import { oneCluster } from './cluster-arguments.js';
import { optionalFix } from './arguments.js';
import { command } from './command.js';
import { groundsOptions, groundsSaid } from './grounds.js';

export const clcomdFix = command({
  name: '/clcomd-fix',
  summary: 'Proposes a fix for the communication between the nodes of one cluster.',
  description:
    'With a fix, its exact commands on every node are shown for approval; nothing runs before somebody else has approved them. ' +
    'Without one, the cluster is read first and the fixes that its findings suggest appear as buttons. A node’s name means its cluster.',
  examples: ['/clcomd-fix erp', '/clcomd-fix erp clcomd-start', '/clcomd-fix erp clcomd-renew-certificates'],
  action: 'propose',
  args: { cluster: oneCluster(), fix: optionalFix(['clcomd-'], []) },
  options: groundsOptions,
  request: ({ cluster, fix }, _flags, options) =>
    fix === null
      ? { job: 'diagnose', diagnostic: 'clcomd', targets: [cluster] }
      : {
          job: 'propose-fix',
          fix: fix.id,
          target: cluster,
          ...(fix.words.length > 0 && { args: fix.words }),
          ...groundsSaid(options),
        },
  note: ({ fix }) =>
    fix === null
      ? 'no fix was named: the cluster is read first, and the fixes that the findings suggest appear as buttons'
      : null,
});
