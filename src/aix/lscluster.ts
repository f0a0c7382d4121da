/**
 * `lscluster -c`: the configuration of the Cluster Aware AIX cluster that the node is in.
 *
 *     Cluster Name: erp_cluster
 *     Cluster UUID: 8e2f6a10-4c1b-11ee-8001-2a9b4c5d6e7f
 *     Number of nodes in cluster = 2
 *             Cluster ID for node erp1.example.com: 1
 *             Primary IP address for node erp1.example.com: 10.20.1.11
 *             Cluster ID for node erp2.example.com: 2
 *             Primary IP address for node erp2.example.com: 10.20.1.12
 *     Number of disks in cluster = 1
 *             Disk = hdisk1 UUID = 3f2504e0-4f89-11d3-9a0c-0305e82c3301 cluster_major = 0 cluster_minor = 1
 *     Multicast for site LOCAL: IPv4 228.20.1.11 IPv6 ff05::e414:10b
 *     Communication Mode: unicast
 *     Local node maximum capabilities: CAA_NETMON, AUTO_REPOS_REPLACE, HNAME_CHG, UNICAST, IPV6, SITE
 *
 * AIX 6.1 and early 7.1 begin with `Cluster query for cluster NAME returns:`, have `is` for the colon of a node's lines
 * and no name line. Where no cluster is active the command says so in a sentence without a number: its own failure, and
 * not proof that none is defined. Printing nothing is no answer.
 * NOT PROVEN: no public capture of the whole output was found. `Cluster Name:` and `Number of nodes in cluster =` are
 * from public scripts, the rest is field knowledge. Below the counts, lines of the form `name: value` or `name = value`
 * are known to vary by level: they are kept as details. Anything else is an error.
 * Source: AIX 7.2 commands, lscluster.
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface CaaCluster {
  readonly name: string;
  readonly uuid: string;
  /** Host names of its nodes, as printed. */
  readonly nodes: readonly string[];
  /** Everything else, as printed. */
  readonly details: readonly string[];
}

const command = 'lscluster';
const name = /^(?:Cluster Name:\s*(?<modern>\S+)|Cluster query for cluster (?<early>\S+) returns:)$/i;
const uuid = /^Cluster UUID:\s*(?<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const count = /^Number of nodes in cluster\s*=\s*(?<count>\d+)$/i;
const node = /^Cluster ID for node (?<host>\S+?)(?::| is)\s*\d+$/i;
const detail =
  /^(?:Primary IP address|Number of disks|Disk|Multicast|Communication Mode|Local node|Effective cluster|Local Merge Policy|Effective)\b[^#<>?]*(?::|=| is)\s*\S.*$/i;
const noCluster = /^(?:lscluster:\s+)?Cluster services are not active(?: on this node)?\.?$/;
const stopped =
  /^(?:lscluster:\s+)?Cluster services are not active on this node because it has been stopped\.?$/;

/** Reads the configuration of a cluster, or the sentence that none is active. */
export const lsclusterReader: Reader<CaaCluster> = { id: 'lscluster', programs: ['lscluster'], read };

function read(text: string): Answer<CaaCluster> {
  const lines = linesOf(text);
  const sentences = new RegExp(`${noCluster.source}|${stopped.source}`);
  const failure = failureIn(command, lines, isData, sentences);
  if (failure === null) return answer(readCluster(lines));
  if (failure.code === null && lines[1] !== undefined)
    throw notUnderstood(command, 'nothing comes behind this sentence', lines[1]);
  return failed(failure);
}

function isData(text: string): boolean {
  return [name, uuid, count, node, detail].some((form) => form.test(text));
}

function readCluster(lines: readonly Line[]): CaaCluster {
  const [first, second, third, ...rest] = lines;
  const names = must(name, first, lines);
  const nodes = rest.flatMap(({ text }) => node.exec(text)?.groups?.host ?? []);
  const cluster = {
    name: names.modern ?? names.early ?? '',
    uuid: must(uuid, second, lines).uuid ?? '',
    nodes,
    details: rest.filter(({ text }) => !node.test(text)).map(({ text }) => text),
  };
  const alien = rest.find(({ text }) => !node.test(text) && !detail.test(text));
  if (alien !== undefined) throw notUnderstood(command, 'not a line of this output', alien);
  if (Number(must(count, third, lines).count) !== nodes.length || !nodes.every(isHost))
    throw endsEarly(command, 'not as many nodes as it says', lines);
  return cluster;
}

function must(form: RegExp, line: Line | undefined, lines: readonly Line[]): Record<string, string> {
  if (line === undefined) throw endsEarly(command, 'the output ends too early', lines);
  const groups = form.exec(line.text)?.groups;
  if (groups === undefined) throw notUnderstood(command, 'not the line that belongs here', line);
  return groups;
}

/** The CAA cluster of the node. The command ships with bos.cluster.rte; its exit status is not documented. */
export const caaCluster: Fact<CaaCluster> = {
  command: nodeRead('/usr/sbin/lscluster', ['-c'], 'AIX 7.2 commands, lscluster', { needsRoot: true }),
  reader: lsclusterReader,
};

/** Is this the sentence that no cluster is active here? A node of a stopped cluster says another one. */
export function saysNoCluster(failure: Failure): boolean {
  return failure.code === null && noCluster.test(failure.message);
}
