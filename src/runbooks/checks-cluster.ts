import type { Check, ClusterCheck, FileSum } from '../core/plan.js';
import type { Agreement } from './checks.js';
import { certificatesLater } from './checks-certificates.js';
import type { ClusterCollected, ClusterFix } from './definition.js';
import { certificatesNamed } from './diagnostics/clcomd/security.js';
import { pairsOf, type Pair } from './diagnostics/clcomd/pairs.js';
import { lookAtNodes, type NodeSight } from './diagnostics/clcomd/sight.js';
import { clusterFacts, known, nodesIn, type ClusterFactName } from './fixes/clcomd/facts.js';
import { groupLines } from './fixes/clcomd/groups.js';

const kinds: Readonly<Record<ClusterCheck['kind'], readonly ClusterFactName[]>> = {
  clcomd: ['clcomd'],
  'clrsh-pairs': [],
  rhosts: ['sums', 'entries'],
  files: ['sums'],
  'cluster-manager': ['manager'],
  'resource-groups': ['groups', 'manager'],
  'caa-nodes-up': ['members'],
  'certificates-later': ['security'],
};

/** Whether a check is about a cluster and not about one node. */
export function isClusterCheck(check: Check): check is ClusterCheck {
  return Object.hasOwn(kinds, check.kind);
}

/** What must be read of a cluster to hold it against these checks. */
export function clusterQuestions(
  checks: readonly ClusterCheck[],
): Pick<ClusterFix, 'node' | 'rounds' | 'certificatesNamed'> {
  const wanted = new Set<string>(checks.flatMap((check) => kinds[check.kind]));
  const node = Object.fromEntries(Object.entries(clusterFacts).filter(([name]) => wanted.has(name)));
  const rounds = Math.max(0, ...checks.map((check) => (check.kind === 'clrsh-pairs' ? check.rounds : 0)));
  const readsDates = checks.some(({ kind }) => kind === 'certificates-later');
  return { node, rounds, ...(readsDates && { certificatesNamed: namedBy }) };
}

/** Certificates that a node itself names. */
export function namedBy(node: ClusterCollected['nodes'][number]): readonly string[] {
  return certificatesNamed(lookAtNodes([node]));
}

/**
 * Holds what was read of a cluster against statements about it. The first that does not hold is told with what was seen
 * instead; what was not read proves nothing. The agreement's mark holds the process ids of every clcomd.
 */
export function clusterChecksHold(checks: readonly ClusterCheck[], collected: ClusterCollected): Agreement {
  const nodes = nodesIn(collected);
  const seen: string[] = [];
  const marks: string[] = [];
  for (const check of checks) {
    const one = holds(check, nodes, collected);
    if (!one.agreed) return one;
    if (one.note !== '') seen.push(one.note);
    if (one.mark !== undefined) marks.push(one.mark);
  }
  const note = seen.join(' ');
  return { agreed: true, note, ...(marks.length > 0 && { mark: marks.join(' ') }) };
}

function holds(check: ClusterCheck, nodes: readonly NodeSight[], collected: ClusterCollected): Agreement {
  switch (check.kind) {
    case 'clcomd':
      return onNode(nodes, check.node, (node) => clcomdIs(node, check.status));
    case 'clrsh-pairs':
      return pairsAnswer(check, collected);
    case 'rhosts':
      return rhostsAlike(check, nodes);
    case 'files':
      return onNode(nodes, check.node, (node) => filesAre(node, check.files));
    case 'cluster-manager':
      return onNode(nodes, check.node, (node) => managerIs(node, check.state));
    case 'resource-groups':
      return groupsAre(nodes, check.groups);
    case 'caa-nodes-up':
      return nodesUp(nodes, check.nodes);
    case 'certificates-later':
      return certificatesLater(check.than, collected);
  }
}

function onNode(nodes: readonly NodeSight[], name: string, test: (node: NodeSight) => Agreement): Agreement {
  const node = nodes.find((one) => one.name === name);
  return node === undefined ? no(`${name} was not read: it is not in the cluster any more.`) : test(node);
}

function clcomdIs(node: NodeSight, wanted: 'active' | 'inoperative'): Agreement {
  const rows = known(node, 'clcomd');
  if (!rows.ok) return no(`${rows.why}.`);
  const row = rows.value.find(({ name }) => name === 'clcomd');
  if (row?.status !== wanted) return no(`clcomd on ${node.name} is ${row?.status ?? 'not shown'}.`);
  return {
    agreed: true,
    note: `clcomd on ${node.name} is ${wanted}.`,
    mark: `${node.name}:${row.pid ?? '-'}`,
  };
}

function pairsAnswer(
  check: Extract<ClusterCheck, { kind: 'clrsh-pairs' }>,
  collected: ClusterCollected,
): Agreement {
  const pairs = pairsOf(collected);
  const wanted = [
    ...check.nodes.flatMap((from) => check.nodes.map((to) => ({ from, to }))),
    ...(check.also ?? []),
  ];
  for (const { from, to } of wanted) {
    const pair = pairs.find((one) => one.from === from && one.to === to);
    if (pair === undefined || pair.answered < check.rounds)
      return no(pairWords({ from, to }, pair, check.rounds));
  }
  return yes(`clrsh answered ${check.rounds} of ${check.rounds} times in all ${wanted.length} pairs.`);
}

function pairWords(
  { from, to }: { readonly from: string; readonly to: string },
  pair: Pair | undefined,
  rounds: number,
): string {
  const said = pair?.said[0] ?? pair?.whyUnread ?? 'it was not tried';
  return `clrsh from ${from} to ${to} answered ${pair?.answered ?? 0} of ${rounds} times (${said.replace(/\.$/, '')}).`;
}

const rhosts = '/etc/cluster/rhosts';

function rhostsAlike(
  check: Extract<ClusterCheck, { kind: 'rhosts' }>,
  nodes: readonly NodeSight[],
): Agreement {
  let first: FileSum | null = check.file;
  for (const name of check.nodes) {
    const one = onNode(nodes, name, (node) => ownList(node));
    if (!one.agreed) return one;
    const sum = sumIn(nodes, name, rhosts);
    if (sum === undefined) return no(`${rhosts} on ${name} is not there.`);
    first ??= sum;
    if (!isSame(first, sum))
      return no(`${rhosts} on ${name} is not the same as on the other nodes, or not what was written.`);
  }
  return yes(`${rhosts} is the same on ${check.nodes.join(', ')}, of root, mode 600.`);
}

function ownList(node: NodeSight): Agreement {
  const entries = known(node, 'entries');
  if (!entries.ok) return no(`${entries.why}.`);
  const entry = entries.value.find(({ path }) => path === rhosts);
  if (entry === undefined) return no(`${rhosts} on ${node.name} is not there.`);
  const { mode, owner, group } = entry;
  if (mode === '-rw-------' && owner === 'root' && group === 'system') return yes('');
  return no(`${rhosts} on ${node.name} is ${mode} ${owner}:${group}, not -rw------- root:system.`);
}

function filesAre(node: NodeSight, wanted: readonly FileSum[]): Agreement {
  const sums = known(node, 'sums');
  if (!sums.ok) return no(`${sums.why}.`);
  for (const file of wanted) {
    const now = sums.value.find(({ path }) => path === file.path);
    if (now === undefined) return no(`${file.path} on ${node.name} is not there.`);
    if (!isSame(now, file))
      return no(
        `${file.path} on ${node.name} has cksum ${now.crc} ${now.bytes}, not ${file.crc} ${file.bytes}.`,
      );
  }
  const more = sums.value.filter(({ path }) => !wanted.some((file) => file.path === path));
  const words = more.map(({ path }) => path).join(', ');
  const added =
    more.length === 0 || wanted.length === 1 ? '' : ` Not from before, and left for a person: ${words}.`;
  return yes(
    `${wanted.length === 1 ? 'One file' : `${wanted.length} files`} on ${node.name} byte for byte as before.${added}`,
  );
}

function managerIs(node: NodeSight, state: string): Agreement {
  const manager = known(node, 'manager');
  if (!manager.ok) return no(`${manager.why}.`);
  if (manager.value.state === state) return yes('');
  return no(`The cluster manager on ${node.name} is in ${manager.value.state}; before it was in ${state}.`);
}

function groupsAre(nodes: readonly NodeSight[], wanted: readonly string[]): Agreement {
  const now = groupLines(nodes);
  if (typeof now === 'string') return no(now);
  if (now.join('\n') === wanted.join('\n')) return yes('Resource groups and cluster managers are as before.');
  const [come] = now.filter((line) => !wanted.includes(line));
  return no(`The resource groups are not as before${come === undefined ? '' : `: ${come}`}.`);
}

function nodesUp(nodes: readonly NodeSight[], names: readonly string[]): Agreement {
  for (const name of names) {
    const one = onNode(nodes, name, (node) => {
      const members = known(node, 'members');
      if (!members.ok) return no(`${members.why}.`);
      const bad = members.value.find(({ state }) => state !== 'UP');
      return bad === undefined ? yes('') : no(`${name} sees ${bad.name} ${bad.state} (lscluster -m).`);
    });
    if (!one.agreed) return one;
  }
  return yes('lscluster shows every node UP.');
}

function sumIn(nodes: readonly NodeSight[], name: string, path: string): FileSum | undefined {
  const node = nodes.find((one) => one.name === name);
  const sums = node === undefined ? null : known(node, 'sums');
  return sums?.ok === true ? sums.value.find((one) => one.path === path) : undefined;
}

function isSame(a: FileSum, b: FileSum): boolean {
  return a.crc === b.crc && a.bytes === b.bytes;
}

function yes(note: string): Agreement {
  return { agreed: true, note };
}

function no(note: string): Agreement {
  return { agreed: false, note };
}
