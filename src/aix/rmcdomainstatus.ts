/**
 * `rmcdomainstatus -s ctrmc`: the RMC domains that this node is in, and how it sees the other members.
 *
 *     Peer Domain Status
 *       I A  0x21d4c3b2a1908f7e  0002  erp2.example.com
 *       S S  0x5a1e0c7d3b92f846  0001  erp1.example.com
 *
 *     Management Domain Status: Managed Nodes
 *       I a  0x77c0ffee12345678  0001  lpar1  payments/+ (1)
 *
 *     Management Domain Status: Management Control Points
 *       I A  0x9b1c2d3e4f506172 0001  10.20.0.11
 *
 * First letter: S this node, I up, i pending up, O down, X and Z communication suspended. Second letter: S on the
 * own row, A no messages queued, a the same with an older RMC, R and r messages queued. Behind the name an MCP
 * prints the node's peer domain. Printing nothing means "in no domain": that is an answer, not a failure.
 * Source: RSCT 3.2, rmcdomainstatus man page and "Checking the status of the management domain and the peer domain".
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout, type Read } from './layouts/records.js';

export interface RmcRow {
  readonly state: string;
  readonly queue: string;
  /** `0x` and 16 hexadecimal digits, as printed. */
  readonly nodeId: string;
  readonly nodeNumber: number;
  /** Node name or address. */
  readonly name: string;
}

export interface RmcDomainStatus {
  readonly peerDomain: readonly RmcRow[];
  readonly managedNodes: readonly RmcRow[];
  readonly controlPoints: readonly RmcRow[];
}

type Section = keyof RmcDomainStatus;

const title =
  /^(?:(?<peerDomain>Peer Domain Status)|Management Domain Status:\s*(?:(?<managedNodes>Managed Nodes)|(?<controlPoints>Management Control Points(?: \(MCP\))?)))$/;
const row =
  /^(?<state>[SIiOXZ])\s+(?<queue>[SARar])\s+(?<nodeId>0x[0-9a-fA-F]{16})\s+(?<nodeNumber>\d{4})\s+(?<name>\S+?)(?:\s+\S*\/\S*?)?\s*(?:\(\d+\))?$/;

const layout: Layout<RmcRow | Section> = {
  starts: (text) => /^(?:Peer\s|Management\sDomain|\S\s+\S\s+0x)/.test(text),
  read: (text) => readTitle(text) ?? readRow(text),
};

/** Reads the lists of `rmcdomainstatus`; a list that was not printed is empty. */
export const rmcdomainstatusReader: Reader<RmcDomainStatus> = {
  id: 'rmcdomainstatus',
  programs: ['rmcdomainstatus'],
  read: readRmcdomainstatus,
};

function readRmcdomainstatus(text: string): Answer<RmcDomainStatus> {
  const lines = linesOf(text);
  const failure = failureIn('rmcdomainstatus', lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const lists: Partial<Record<Section, RmcRow[]>> = {};
  let rows: RmcRow[] | null = null;
  for (const record of readRecords('rmcdomainstatus', lines, layout)) {
    if (typeof record.value === 'string') rows = openList(lists, rows, record.value, record);
    else if (rows === null) throw notUnderstood('rmcdomainstatus', 'a row without its title', record.line);
    else rows.push(record.value);
  }
  if (rows?.length === 0) throw endsEarly('rmcdomainstatus', 'a title without a row', lines);
  return answer({
    peerDomain: lists.peerDomain ?? [],
    managedNodes: lists.managedNodes ?? [],
    controlPoints: lists.controlPoints ?? [],
  });
}

/** A title is printed once, and only with rows below it. */
function openList(
  lists: Partial<Record<Section, RmcRow[]>>,
  before: readonly RmcRow[] | null,
  section: Section,
  { line }: Read<unknown>,
): RmcRow[] {
  if (before?.length === 0) throw notUnderstood('rmcdomainstatus', 'the title above has no row', line);
  if (lists[section] !== undefined)
    throw notUnderstood('rmcdomainstatus', 'this list was printed already', line);
  const rows: RmcRow[] = [];
  lists[section] = rows;
  return rows;
}

function readTitle(text: string): Section | null {
  const groups = title.exec(text.replace(/\s+/g, ' '))?.groups;
  if (groups === undefined) return null;
  if (groups.peerDomain !== undefined) return 'peerDomain';
  return groups.managedNodes === undefined ? 'controlPoints' : 'managedNodes';
}

function readRow(text: string): RmcRow | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { state = '', queue = '', nodeId = '', nodeNumber = '', name = '' } = groups;
  if (!isHost(name)) return null;
  return { state, queue, nodeId, nodeNumber: Number(nodeNumber), name };
}

/** The node's RMC domains. On a node the MCPs are its HMCs; IBM documents the command for root. */
export const rmcDomainStatus: Fact<RmcDomainStatus> = {
  command: nodeRead('/usr/sbin/rsct/bin/rmcdomainstatus', ['-s', 'ctrmc'], 'RSCT 3.2, rmcdomainstatus', {
    alternatives: ['/opt/rsct/bin/rmcdomainstatus'],
    needsRoot: true,
  }),
  reader: rmcdomainstatusReader,
};
