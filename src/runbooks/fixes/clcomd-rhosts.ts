import { sumLine } from '../../aix/cksum.js';
import { rhostsPath } from '../../aix/rhosts.js';
import type { NodeStep, Plan, Proposal, Rollback, Step, StepCommand } from '../../core/plan.js';
import { clusterFix, type Asked, type ClusterCollected } from '../definition.js';
import type { NodeSight } from '../diagnostics/clcomd/sight.js';
import { backupBasis, backupOf, inPreparation, saveOn, type Backup } from './clcomd/backup.js';
import { files, refreshClcomd, run, showLog } from './clcomd/commands.js';
import { clusterFacts } from './clcomd/facts.js';
import { copyGates } from './clcomd/gates.js';
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
import {
  comparisonLines,
  currentLists,
  isAsProposed,
  proposedList,
  type Current,
  type Proposed,
} from './clcomd/rhosts-list.js';
import { backFrom } from './clcomd/undo.js';

const id = 'clcomd-rhosts';

const interrupts =
  'What is under way over clcomd while it reads the list again; the gates see that nothing is. Heartbeats and resource groups do not go through clcomd.';

/** Replaces /etc/cluster/rhosts on the nodes where it is not what the cluster's own addresses make it. */
export const clcomdRhosts = clusterFix({
  id,
  title: 'Replace /etc/cluster/rhosts from the cluster’s own addresses',
  risk: 'medium',
  summary:
    'Gives every node the same list of trusted hosts, made from the boot addresses of the cluster; each file is replaced whole.',
  interrupts,
  cures: ['clcomd.rhosts-wrong'],
  node: clusterFacts,
  rounds: betweenRounds,
  plan: propose,
});

/** Everything that a plan is made of. */
interface Work {
  readonly ground: Ground;
  readonly backup: Backup;
  readonly proposed: Proposed;
  readonly lists: ReadonlyMap<NodeSight, Current | null>;
  /** The nodes whose list changes, in the order in which it does. */
  readonly wrong: readonly NodeSight[];
}

function propose(collected: ClusterCollected, asked: Asked): Proposal {
  const ground = groundOf(id, collected, asked, copyGates);
  if (ground.kind === 'refused') return ground;
  const down = ground.nodes.find(({ clcomd }) => clcomd !== 'active');
  if (down !== undefined)
    return refused(
      'clcomd.inoperative',
      `clcomd on ${down.name} is down: start it first (clcomd-start), for a list cannot be tried on it.`,
      'AIX 7.2 commands, refresh',
    );
  const unclear = refusalByPairs(ground);
  if (unclear !== null) return unclear;
  const proposed = proposedList(ground);
  if (proposed.kind === 'refused') return proposed;
  const lists = currentLists(ground.nodes);
  if ('kind' in lists) return lists;
  const wrong = ground.order.filter((node) => !isAsProposed(lists.get(node) ?? null, proposed));
  if (wrong.length === 0)
    return {
      kind: 'nothing-to-do',
      reason: `${rhostsPath} is on every node of ${collected.cluster.name} what the cluster’s own addresses make it.`,
    };
  const backup = backupOf(ground);
  if (backup.kind === 'refused') return backup;
  return { kind: 'plan', plan: planFor({ ground, backup, proposed, lists, wrong }) };
}

function planFor(work: Work): Plan {
  const { ground, backup, proposed, lists, wrong } = work;
  const { cluster } = ground.collected;
  const names = ground.nodes.map(({ name }) => name);
  return {
    version: 1,
    fix: id,
    title: `Replace ${rhostsPath} on ${wrong.map(({ name }) => name).join(', ')} of cluster ${cluster.name}`,
    risk: 'medium',
    target: cluster.name,
    basis: [
      ...basisOf(ground),
      `boot addresses of the cluster, as every node has them (cllsif): ${proposed.entries.join(', ')}`,
      ...backupBasis(backup),
    ],
    comparison: {
      title: `${rhostsPath}: what is proposed, and what each node has now`,
      lines: comparisonLines(proposed, lists),
    },
    interrupts,
    captures: capturesOf(ground),
    steps: [
      ...ground.nodes.map((node) => saveOn(ground, backup, node)),
      ...wrong.flatMap((node) => changeOn(work, node)),
    ],
    verify: {
      kind: 'checks',
      checks: [
        { kind: 'rhosts', nodes: names, file: proposed.sum },
        ...active(ground.nodes),
        answering(ground.nodes, verifyRounds),
        ...asBefore(ground),
      ],
      reads: 2,
    },
    rollback: rollbackOf(work),
    locks: locksOf(ground),
  };
}

function changeOn(work: Work, node: NodeSight): readonly Step[] {
  const { ground, wrong } = work;
  const number = ground.nodes.indexOf(node) + 1;
  const done = wrong.slice(0, wrong.indexOf(node) + 1);
  const names = done.map(({ name }) => name);
  // Who may call a node is in that node's own list: every call into what was changed must work, and what worked before.
  const also = ground.pairs.filter(({ to, state }) => names.includes(to) || state === 'ok');
  const until = [...active(ground.nodes), answering(done, betweenRounds, also)];
  const title = `See that every node reaches ${names.join(', ')}, and still whom it reached`;
  return [writeOn(work, node, number), settled(`answers-${number}`, title, until)];
}

function writeOn({ proposed, lists }: Work, node: NodeSight, number: number): NodeStep {
  const temporary = inPreparation(rhostsPath);
  const current = lists.get(node) ?? null;
  const written: StepCommand = { ...run(files('tee', [temporary])), stdin: proposed.text };
  const { sum } = proposed;
  return {
    id: `write-${number}`,
    title: `Replace ${rhostsPath} on ${node.name} whole, and refresh clcomd`,
    effect: 'once',
    node: node.name,
    commands: [
      ...(current === null ? [] : [run(files('cp', ['-p', rhostsPath, temporary]))]),
      written,
      { ...run(files('cksum', [temporary])), mustPrint: [sumLine({ ...sum, path: temporary })] },
      run(files('chown', ['root:system', temporary])),
      run(files('chmod', ['600', temporary])),
      ...(current === null
        ? []
        : [{ ...run(files('cksum', [rhostsPath])), mustPrint: [sumLine(current.sum)] }]),
      run(files('mv', ['-f', temporary, rhostsPath])),
      { ...run(files('cksum', [rhostsPath])), mustPrint: [sumLine(sum)] },
      run(refreshClcomd),
      { command: files('rm', ['-f', temporary]), always: true },
      showLog,
    ],
    timeoutMs: 300_000,
    gates: copyGates,
  };
}

function rollbackOf({ ground, backup, lists, wrong }: Work): Rollback {
  // An empty list is a list for nobody, or for whoever comes first: it is not put back, and a missing one is not missed.
  const wanted = wrong.flatMap((node) => {
    const current = lists.get(node) ?? null;
    const file = backup.files.get(node.name)?.find(({ path }) => path === rhostsPath);
    return current === null || current.sum.bytes === 0 || file === undefined ? [] : [{ node, files: [file] }];
  });
  const left = wrong.filter((node) => !wanted.some((one) => one.node === node)).map(({ name }) => name);
  if (wanted.length === 0)
    return {
      kind: 'none',
      reason: `${rhostsPath} was missing or empty on ${left.join(', ')}: neither is ever put back.`,
    };
  const rest =
    left.length === 0 ? '' : ` On ${left.join(', ')} it was missing or empty, and stays as it is then.`;
  return backFrom(
    ground,
    backup,
    wanted,
    `The old list comes back byte for byte from ${backup.directory}; what failed for it before fails again.${rest}`,
  );
}
