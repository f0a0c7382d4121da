import type { NodeStep, Plan, Proposal, Rollback, Step } from '../../core/plan.js';
import { clusterFix, type Asked, type ClusterCollected } from '../definition.js';
import type { NodeSight } from '../diagnostics/clcomd/sight.js';
import { run, showLog, startClcomd, stopClcomd } from './clcomd/commands.js';
import { clusterFacts } from './clcomd/facts.js';
import { clusterGates } from './clcomd/gates.js';
import {
  active,
  answering,
  asBefore,
  basisOf,
  capturesOf,
  groundOf,
  locksOf,
  settled,
  verifyRounds,
  type Ground,
} from './clcomd/ground.js';

const id = 'clcomd-start';

const interrupts =
  'Nothing: it starts clcomd where it is down. Cluster services, resource groups and heartbeats do not go through clcomd and are left as they are.';

/** Starts the cluster communication daemon on the nodes where it is down, and nowhere else. */
export const clcomdStart = clusterFix({
  id,
  title: 'Start clcomd where it is down',
  risk: 'low',
  summary: 'Starts the cluster communication daemon on the nodes where it is down (startsrc -s clcomd).',
  interrupts,
  cures: ['clcomd.inoperative'],
  node: clusterFacts,
  rounds: 1,
  plan: propose,
});

function propose(collected: ClusterCollected, asked: Asked): Proposal {
  const ground = groundOf(id, collected, asked, clusterGates);
  if (ground.kind === 'refused') return ground;
  const down = ground.nodes.filter(({ clcomd }) => clcomd === 'inoperative');
  if (down.length === 0)
    return { kind: 'nothing-to-do', reason: `clcomd is active on every node of ${collected.cluster.name}.` };
  return { kind: 'plan', plan: planFor(ground, down) };
}

function planFor(ground: Ground, down: readonly NodeSight[]): Plan {
  const { cluster } = ground.collected;
  const names = down.map(({ name }) => name).join(', ');
  return {
    version: 1,
    fix: id,
    title: `Start clcomd on ${names} of cluster ${cluster.name}`,
    risk: 'low',
    target: cluster.name,
    basis: basisOf(ground),
    interrupts,
    captures: capturesOf(ground),
    steps: down.flatMap((node): readonly Step[] => [start(ground, node), started(ground, node)]),
    verify: {
      kind: 'checks',
      checks: [...active(ground.nodes), answering(ground.nodes, verifyRounds), ...asBefore(ground)],
      reads: 2,
    },
    rollback: stopAgain(ground, down),
    locks: locksOf(ground),
  };
}

function numberOf({ nodes }: Ground, node: NodeSight): number {
  return nodes.indexOf(node) + 1;
}

function start(ground: Ground, node: NodeSight): NodeStep {
  return {
    id: `start-${numberOf(ground, node)}`,
    title: `Start clcomd on ${node.name}`,
    effect: 'once',
    node: node.name,
    commands: [run(startClcomd), showLog],
    timeoutMs: 120_000,
    gates: clusterGates,
    undo: `stop it again on ${node.name}: stopsrc -s clcomd`,
  };
}

function started(ground: Ground, node: NodeSight): Step {
  const title = `See that clcomd runs on ${node.name}`;
  return settled(`started-${numberOf(ground, node)}`, title, active([node]));
}

function stopAgain(ground: Ground, down: readonly NodeSight[]): Rollback {
  const steps = [...down].reverse().map(
    (node): NodeStep => ({
      id: `stop-${numberOf(ground, node)}`,
      title: `Stop clcomd on ${node.name} again, as found`,
      effect: 'once',
      node: node.name,
      commands: [
        {
          command: stopClcomd,
          always: false,
          waitUntilStopped: { subsystems: ['clcomd'], timeoutMs: 60_000 },
        },
      ],
      timeoutMs: 180_000,
      gates: clusterGates,
    }),
  );
  return {
    kind: 'steps',
    steps,
    verify: {
      kind: 'checks',
      checks: [
        ...down.map(({ name }) => ({ kind: 'clcomd', node: name, status: 'inoperative' }) as const),
        ...asBefore(ground),
      ],
      reads: 1,
    },
    note: 'clcomd was down there before, so rolling back stops it again. The cluster then cannot be synchronised or administered from other nodes.',
  };
}
