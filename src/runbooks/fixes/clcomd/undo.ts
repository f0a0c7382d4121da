import type { ClusterCheck, Rollback, Step } from '../../../core/plan.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { restoreOn, type Backup, type SavedFile } from './backup.js';
import { active, answering, asBefore, greenBefore, settled, verifyRounds, type Ground } from './ground.js';

/** What goes back on which node. */
export type WantedBack = readonly { readonly node: NodeSight; readonly files: readonly SavedFile[] }[];

/**
 * The way back from a copy, in the reverse order of the change. Before the next node clcomd must run and the files be
 * there; at the end every pair must answer that answered before. What failed before may fail again.
 */
export function backFrom(ground: Ground, backup: Backup, wanted: WantedBack, note: string): Rollback {
  const steps = [...wanted]
    .reverse()
    .flatMap(({ node, files }): readonly Step[] => [
      restoreOn(ground, backup, node, files),
      settled(
        `restored-${ground.nodes.indexOf(node) + 1}`,
        `See that ${node.name} has its files back and clcomd runs`,
        [...active([node]), asSaved(node, files)],
      ),
    ]);
  const green = greenBefore(ground);
  return {
    kind: 'steps',
    steps,
    verify: {
      kind: 'checks',
      checks: [
        ...wanted.map(({ node, files }) => asSaved(node, files)),
        ...active(ground.nodes),
        ...(green.length === 0 ? [] : [answering([], verifyRounds, green)]),
        ...asBefore(ground),
      ],
      reads: 2,
    },
    note,
  };
}

function asSaved({ name }: NodeSight, files: readonly SavedFile[]): ClusterCheck {
  const sums = files.map(({ path, crc, bytes }) => ({ path, crc, bytes }));
  return { kind: 'files', node: name, files: sums };
}
