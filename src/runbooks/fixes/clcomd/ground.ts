import { clcomdLog } from './commands.js';
import type { Capture, Check, ClusterCheck, WaitStep } from '../../../core/plan.js';
import type { ClusterCollected, Asked } from '../../definition.js';
import { pairsOf, pairsText, type Pair } from '../../diagnostics/clcomd/pairs.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { clusterFacts, known, nodesIn } from './facts.js';
import type { Refusal } from './gate.js';
import { readClusterGates } from './gates.js';
import { calmFirst, groupLines, hasGroupOnline } from './groups.js';

/** What a change of a cluster's communication stands on, once no gate refuses. */
export interface Ground {
  readonly kind: 'ground';
  readonly collected: ClusterCollected;
  /** In the order of the inventory. */
  readonly nodes: readonly NodeSight[];
  /** In the order in which they are changed: those without an online group first. */
  readonly order: readonly NodeSight[];
  readonly groups: readonly string[];
  readonly pairs: readonly Pair[];
}

const manager = 'PowerHA SystemMirror 7.2, clcomd';

/** Reads the gates and what every such change needs to know; a refusal where one of them is shut or unread. */
export function groundOf(
  fix: string,
  collected: ClusterCollected,
  asked: Asked,
  gates: readonly string[],
): Ground | Refusal {
  const { name } = collected.cluster;
  if (asked.words.length > 0)
    return refused(
      'words',
      `${fix} takes no words, and "${asked.words.join(' ')}" was given. Nothing was planned for ${name}.`,
      `docs/fixes/${fix}.md`,
    );
  const shut = readClusterGates(gates, collected, null);
  if (shut !== null) return shut;
  const nodes = nodesIn(collected);
  const absent = nodes.find(({ clcomd, is61 }) => is61 || clcomd === 'not-on-file');
  if (absent !== undefined)
    return refused(
      'clcomd.not-installed',
      absent.is61
        ? `${absent.name} has PowerHA 6.1, whose clcomdES is not changed from here.`
        : `${absent.name} has no clcomd on file: PowerHA or CAA is not installed there, or the ODM is damaged.`,
      manager,
    );
  const unclear = nodes.find(({ clcomd }) => clcomd !== 'active' && clcomd !== 'inoperative');
  if (unclear !== undefined)
    return refused(
      'clcomd',
      `clcomd on ${unclear.name} is neither running nor down, or was not read. Look again in a minute.`,
      manager,
    );
  const groups = groupLines(nodes);
  if (typeof groups === 'string')
    return refused('C5', `Nobody can say where the resource groups are: ${groups}`, manager);
  return {
    kind: 'ground',
    collected,
    nodes,
    order: calmFirst(nodes, groups),
    groups,
    pairs: pairsOf(collected),
  };
}

/** Refuses while clrsh fails now and then, or was not tried everywhere: neither a list nor a certificate does that. */
export function refusalByPairs({ pairs, collected }: Ground): Refusal | null {
  const { name } = collected.cluster;
  const some = pairs.filter(({ state }) => state === 'sometimes');
  if (some.length > 0)
    return refused(
      'clcomd.pair-intermittent',
      `In ${name} clrsh works now and then (${pairsText(some)}): that is the network (MTU, largesend, lost packets), and a change here would only add to it.`,
      'IBM APAR IJ25390; AIX 7.2, mtu_bypass and platform_lso',
    );
  const unread = pairs.filter(({ state }) => state === 'unread');
  if (unread.length === 0) return null;
  const why = unread[0]?.whyUnread ?? 'it was not tried';
  return refused(
    'fact.unreadable',
    `In ${name} clrsh was not tried for ${pairsText(unread)} (${why}), so nobody can say what fails.`,
    manager,
  );
}

/** What every plan for a cluster rests on, in words that do not change from one reading to the next. */
export function basisOf(ground: Ground): readonly string[] {
  const { nodes, groups, pairs } = ground;
  const level = known(nodes[0]!, 'level'); // the gates have seen two nodes and more
  const failing = pairs.filter(({ state }) => state === 'failing');
  return [
    ...(level.ok ? [`PowerHA ${level.value.level} ${level.value.servicePack} on every node`] : []),
    ...nodes.map((node) => {
      const online = hasGroupOnline(node, groups) ? 'a resource group online' : 'no resource group online';
      return `${node.name}: clcomd ${node.clcomd === 'active' ? 'active' : 'inoperative'}, cluster manager ${stateOf(node)}, ${online}`;
    }),
    failing.length === 0
      ? 'clrsh works in every pair of nodes'
      : `clrsh fails in every try for ${pairsText(failing)}`,
  ];
}

function stateOf(node: NodeSight): string {
  const read = known(node, 'manager');
  return read.ok ? read.value.state : 'not read';
}

/** The cluster, and every node of it. */
export function locksOf({ collected: { cluster } }: Ground): readonly string[] {
  return [`cluster:${cluster.name}`, ...cluster.nodes.map(({ name }) => `node:${name}`)].sort();
}

/** What is written down on every node before anything is changed. */
export function capturesOf({ nodes }: Ground): readonly Capture[] {
  return nodes.flatMap(({ name }, at) => {
    const own = (id: string, title: string, command: Capture['command']): Capture => ({
      id: `${id}-${at + 1}`,
      title,
      command,
      node: name,
    });
    return [
      own('clcomd', 'clcomd', clusterFacts.clcomd.command),
      own('manager', 'Cluster manager', clusterFacts.manager.command),
      own('groups', 'Resource groups', clusterFacts.groups.command),
      own('members', 'Nodes of the cluster', clusterFacts.members.command),
      own('entries', '/etc/cluster', clusterFacts.entries.command),
      own('sums', 'Sums of the files in /etc/cluster', clusterFacts.sums.command),
      own('rhosts', '/etc/cluster/rhosts', clusterFacts.rhosts.command),
      own('log', 'The end of clcomd’s log', clcomdLog),
    ];
  });
}

/** So often every pair is tried before a change counts as done. */
export const verifyRounds = 5;
/** And so often between two nodes. */
export const betweenRounds = 3;

/** That nothing of the cluster moved: its managers, its groups and its members are as they were. */
export function asBefore({ nodes, groups }: Ground): readonly ClusterCheck[] {
  return [
    ...nodes.map(
      ({ name }, at): ClusterCheck => ({ kind: 'cluster-manager', node: name, state: stateOf(nodes[at]!) }),
    ), // its own index
    { kind: 'resource-groups', groups },
    { kind: 'caa-nodes-up', nodes: nodes.map(({ name }) => name) },
  ];
}

/** clcomd runs on these nodes; read twice, its process ids must be the same. */
export function active(nodes: readonly NodeSight[]): readonly ClusterCheck[] {
  return nodes.map(({ name }): ClusterCheck => ({ kind: 'clcomd', node: name, status: 'active' }));
}

/** Every ordered pair of these nodes answers in all rounds, and so do the pairs of `also`. */
export function answering(
  nodes: readonly NodeSight[],
  rounds: number,
  also: readonly Pair[] = [],
): ClusterCheck {
  const names = nodes.map(({ name }) => name);
  const others = also
    .filter(({ from, to }) => !(names.includes(from) && names.includes(to)))
    .map(({ from, to }) => ({ from, to }));
  return { kind: 'clrsh-pairs', nodes: names, rounds, ...(others.length > 0 && { also: others }) };
}

/** The pairs that answered every time before. */
export function greenBefore({ pairs }: Ground): readonly Pair[] {
  return pairs.filter(({ state }) => state === 'ok');
}

/** Looks until these checks hold, before the next node is touched. */
export function settled(id: string, title: string, until: readonly Check[]): WaitStep {
  return { kind: 'wait', id, title, atLeastMs: 5_000, everyMs: 10_000, until, timeoutMs: 180_000 };
}

export function refused(gate: string, reason: string, source: string): Refusal {
  return { kind: 'refused', gate, reason, source };
}
