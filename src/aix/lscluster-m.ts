/**
 * `lscluster -m`: the nodes of the Cluster Aware AIX cluster as this node sees them.
 *
 *     Calling node query for all nodes...
 *     Node query number of nodes examined: 2
 *
 *             Node name: erp1.example.com
 *             Cluster shorthand id for node: 1
 *             UUID for node: 8e2f6a10-4c1b-11ee-8001-2a9b4c5d6e7f
 *             State of node: UP
 *             Smoothed rtt to node: 7
 *             Mean Deviation in network rtt to node: 3
 *             Number of clusters node is a member in: 1
 *             CLUSTER NAME       SHID         UUID
 *             erp_cluster        0            3f2504e0-4f89-11d3-9a0c-0305e82c3301
 *             SITE NAME          SHID         UUID
 *             LOCAL              1            51735173-5173-5173-5173-517351735173
 *
 *             Points of contact for node: 1
 *             -----------------------------------------------------------------------
 *             Interface     State  Protocol    Status     SRC_IP->DST_IP
 *             -----------------------------------------------------------------------
 *             tcpsock->02   UP     IPv4        none       10.20.1.12->10.20.1.11
 *
 *     ----------------------------------------------------------------------------
 *
 *             Node name: erp2.example.com
 *             State of node: UP  NODE_LOCAL
 *             Points of contact for node: 0
 *
 * The node that was asked is marked NODE_LOCAL and always has no point of contact. Where no cluster is active the
 * command says so in a sentence. Printing nothing is no answer, and so is another number of nodes than the second line
 * says.
 * NOT PROVEN: IBM's page gives the lines above run together into one; how they are broken and indented, the column of
 * addresses, and the states beside UP and DOWN are field knowledge. Below a node's name, lines of the forms above are
 * known; anything else is an error.
 * Source: AIX 7.2 commands, lscluster.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface ClusterMember {
  /** As the cluster names it, usually with its domain. */
  readonly name: string;
  /** `UP`, `DOWN` and others, as printed. */
  readonly state: string;
  /** Is it the node that was asked? */
  readonly isLocal: boolean;
  /** Null where the line was not printed. */
  readonly pointsOfContact: number | null;
}

type Open = { -readonly [K in keyof ClusterMember]: ClusterMember[K] | null };

const command = 'lscluster-m';
const title = /^Calling node query for all nodes(?:\.\.\.)?$/;
const count = /^Node query number of nodes examined: (?<count>\d+)$/;
const name = /^Node name: (?<name>\S+)$/;
const state = /^State of node: (?<state>[A-Z][A-Z_]*)(?<marks>(?: +[A-Z_]+)*)$/;
const contacts = /^Points of contact for node: (?<count>\d+)$/;
const others = [
  /^Cluster shorthand id for node: \d+$/,
  /^UUID for node: [0-9a-f-]{36}$/,
  /^Smoothed rtt to node: ?\d+$/,
  /^Mean Deviation in network rtt to node: ?\d+$/,
  /^Number of (?:clusters|zones|sites) node is a member in: \d+$/,
  /^(?:CLUSTER|SITE) NAME\s+(?:TYPE\s+)?SHID\s+UUID$/,
  /^[\w.-]+\s+(?:local|linked\s+)?\d+\s+[0-9a-f-]{36}$/,
  /^-{20,}$/,
  /^Interface\s+State\s+Protocol\s+Status(?:\s+SRC_IP->DST_IP)?$/,
  /^[\w.>-]+\s+(?:UP|DOWN)\s+(?:none|IPv4|IPv6)\s+[\w ]+(?:\s+\S+->\S+)?$/,
];
const noCluster =
  /^(?:lscluster:\s+)?Cluster services are not active(?: on this node(?: because it has been stopped)?)?\.?$/;

/** Reads the nodes of a cluster, or the sentence that none is active. */
export const lsclusterMReader: Reader<readonly ClusterMember[]> = {
  id: command,
  programs: ['lscluster'],
  read,
};

function read(text: string): Answer<readonly ClusterMember[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, isData, noCluster);
  if (failure === null) return answer(readMembers(lines));
  if (failure.code === null && lines[1] !== undefined)
    throw notUnderstood(command, 'nothing comes behind this sentence', lines[1]);
  return failed(failure);
}

function isData(text: string): boolean {
  return [title, count, name, state, contacts, ...others].some((form) => form.test(text));
}

function readMembers(lines: readonly Line[]): readonly ClusterMember[] {
  const [first, ...behind] = lines;
  if (first === undefined) throw endsEarly(command, 'nothing was printed', lines);
  const rest = title.test(first.text) ? behind : lines;
  const [counted, ...body] = rest;
  const expected = count.exec(counted?.text ?? '')?.groups?.count;
  if (counted === undefined || expected === undefined)
    throw notUnderstood(command, 'not the number of nodes', counted ?? first);
  const members: Open[] = [];
  for (const line of body) take(members, line);
  const whole = members.map((member) => closed(member, lines));
  if (whole.length !== Number(expected)) throw endsEarly(command, 'not as many nodes as it says', lines);
  const names = new Set(whole.map((member) => member.name));
  if (names.size !== whole.length || whole.filter(({ isLocal }) => isLocal).length > 1)
    throw endsEarly(command, 'one node was printed twice', lines);
  return whole;
}

function take(members: Open[], line: Line): void {
  const named = name.exec(line.text)?.groups?.name;
  const current = members.at(-1);
  if (named !== undefined && isHost(named)) {
    members.push({ name: named, state: null, isLocal: null, pointsOfContact: null });
    return;
  }
  if (current === undefined) throw notUnderstood(command, 'not the name of a node', line);
  const stated = state.exec(line.text)?.groups;
  if (stated?.state !== undefined) {
    if (current.state !== null) throw notUnderstood(command, 'this was printed already', line);
    current.state = stated.state;
    current.isLocal = (stated.marks ?? '').split(' ').includes('NODE_LOCAL');
    return;
  }
  const points = contacts.exec(line.text)?.groups?.count;
  if (points !== undefined) {
    if (current.pointsOfContact !== null) throw notUnderstood(command, 'this was printed already', line);
    current.pointsOfContact = Number(points);
    return;
  }
  if (!others.some((form) => form.test(line.text)))
    throw notUnderstood(command, 'not a line of this output', line);
}

function closed(member: Open, lines: readonly Line[]): ClusterMember {
  const { name: called, state: stated, isLocal, pointsOfContact } = member;
  if (called === null || stated === null || isLocal === null)
    throw endsEarly(command, 'a node without its state', lines);
  return { name: called, state: stated, isLocal, pointsOfContact };
}

/** The nodes of the cluster as the node sees them. The command ships with bos.cluster.rte. */
export const clusterMembers: Fact<readonly ClusterMember[]> = {
  command: nodeRead('/usr/sbin/lscluster', ['-m'], 'AIX 7.2 commands, lscluster', { needsRoot: true }),
  reader: lsclusterMReader,
};
