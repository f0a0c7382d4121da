import { fixes } from '../src/runbooks/index.js';
import { command } from './command.js';
import { clustersToFix, optionalFix, refusesTogether, rolloutNote } from './fix-arguments.js';
import { groundsOptions, groundsSaid } from './grounds.js';

export const clcomdFix = command({
  name: '/clcomd-fix',
  summary: 'Proposes a fix for the communication between the nodes of one cluster.',
  description:
    'With a fix, its exact commands on every node are shown for approval; nothing runs before somebody else has approved them. ' +
    'Without one, the cluster is read first and the fixes that its findings suggest appear as buttons. A node’s name means its cluster. ' +
    'Several clusters and a fix make a roll-out: one approval, one cluster first, then more at a time.',
  examples: [
    '/clcomd-fix erp',
    '/clcomd-fix erp clcomd-start',
    '/clcomd-fix erp clcomd-renew-certificates',
    '/clcomd-fix all clcomd-start',
  ],
  action: 'propose',
  args: { cluster: clustersToFix(), fix: optionalFix(['clcomd-'], []) },
  options: groundsOptions,
  request: ({ cluster, fix }, _flags, options) => {
    // Several without a fix are refused before.
    if (fix === null)
      return {
        job: 'diagnose',
        diagnostic: 'clcomd',
        targets: cluster.kind === 'one' ? [cluster.name] : cluster.words,
      };
    const said = { ...(fix.words.length > 0 && { args: fix.words }), ...groundsSaid(options) };
    return cluster.kind === 'one'
      ? { job: 'propose-fix', fix: fix.id, target: cluster.name, ...said }
      : { job: 'propose-rollout', fix: fix.id, targets: cluster.words, ...said };
  },
  refuses: ({ cluster, fix }) =>
    refusesTogether('/clcomd-fix', '/clcomd-status', { target: cluster, fix }, fixes),
  note: ({ cluster, fix }) =>
    fix === null
      ? 'no fix was named: the cluster is read first, and the fixes that the findings suggest appear as buttons'
      : rolloutNote(cluster),
});
