import type { NodeStep, Plan, Proposal, Step } from '../../core/plan.js';
import { clusterFix, type Asked, type ClusterCollected } from '../definition.js';
import { clusterFacts } from './clcomd/facts.js';
import { clusterGates } from './clcomd/gates.js';
import {
  active,
  answering,
  asBefore,
  basisOf,
  betweenRounds,
  capturesOf,
  groundOf,
  locksOf,
  refusalByPairs,
  refused,
  settled,
  verifyRounds,
  type Ground,
} from './clcomd/ground.js';
import { refreshClcomd, run, showLog } from './clcomd/commands.js';
import type { NodeSight } from '../diagnostics/clcomd/sight.js';

const id = 'clcomd-refresh';

const interrupts =
  'What is under way over clcomd at that moment (synchronisation, C-SPOC, clRGmove); the gates see that nothing is. Heartbeats and resource groups do not go through clcomd.';

/** Has clcomd read its list of hosts and its keys again, node by node. */
export const clcomdRefresh = clusterFix({
  id,
  title: 'Have clcomd read its configuration again',
  risk: 'low',
  summary:
    'Has clcomd read its list of trusted hosts and its keys again, one node after the other (refresh -s clcomd).',
  interrupts,
  cures: ['clcomd.pair-failing'],
  node: clusterFacts,
  rounds: betweenRounds,
  plan: propose,
});

function propose(collected: ClusterCollected, asked: Asked): Proposal {
  const ground = groundOf(id, collected, asked, clusterGates);
  if (ground.kind === 'refused') return ground;
  const down = ground.nodes.find(({ clcomd }) => clcomd !== 'active');
  if (down !== undefined)
    return refused(
      'clcomd.inoperative',
      `clcomd on ${down.name} is down: there is nothing to refresh. What fits: clcomd-start.`,
      'AIX 7.2 commands, refresh',
    );
  const unclear = refusalByPairs(ground);
  if (unclear !== null) return unclear;
  if (ground.pairs.every(({ state }) => state === 'ok'))
    return {
      kind: 'nothing-to-do',
      reason: `clrsh works in every pair of ${collected.cluster.name}: a refresh would cure nothing.`,
    };
  return { kind: 'plan', plan: planFor(ground) };
}

function planFor(ground: Ground): Plan {
  const { cluster } = ground.collected;
  return {
    version: 1,
    fix: id,
    title: `Refresh clcomd on the nodes of cluster ${cluster.name}, one after the other`,
    risk: 'low',
    target: cluster.name,
    basis: basisOf(ground),
    interrupts,
    captures: capturesOf(ground),
    steps: refreshOneByOne(ground),
    verify: {
      kind: 'checks',
      checks: [...active(ground.nodes), answering(ground.nodes, verifyRounds), ...asBefore(ground)],
      reads: 2,
    },
    rollback: {
      kind: 'none',
      reason: 'A refresh only has clcomd read what is in its files: there is nothing to put back.',
    },
    locks: locksOf(ground),
  };
}

/** Each node in turn; before the next, clcomd must run and answer among those that were refreshed. */
export function refreshOneByOne(ground: Ground): readonly Step[] {
  return ground.order.flatMap((node, at): readonly Step[] => {
    const number = ground.nodes.indexOf(node) + 1;
    return [refreshOn(node, number), answers(ground, node, number, ground.order.slice(0, at + 1))];
  });
}

function refreshOn(node: NodeSight, number: number): NodeStep {
  return {
    id: `refresh-${number}`,
    title: `Refresh clcomd on ${node.name}`,
    effect: 'idempotent',
    node: node.name,
    commands: [run(refreshClcomd), showLog],
    timeoutMs: 120_000,
    gates: clusterGates,
  };
}

function answers(ground: Ground, node: NodeSight, number: number, done: readonly NodeSight[]): Step {
  const title =
    done.length === 1
      ? `See that clcomd on ${node.name} answers itself`
      : `See that clcomd answers among ${done.map(({ name }) => name).join(', ')}`;
  return settled(`answers-${number}`, title, [...active(ground.nodes), answering(done, betweenRounds)]);
}
