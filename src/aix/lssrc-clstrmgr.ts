/**
 * `lssrc -ls clstrmgrES`: the state of the PowerHA cluster manager on this node.
 *
 *     Current state: ST_STABLE
 *     sccsid = "@(#)36 1.135.1.118 src/43haes/usr/sbin/cluster/hacmprd/main.C, hacmp.pe, 61haes_r711"
 *     i_local_nodeid 0, i_local_siteid -1, my_handle 1
 *     ml_idx[1]=0     ml_idx[2]=1
 *     There are 0 events on the Ibcast queue
 *     There are 0 events on the RM Ibcast queue
 *     CLversion: 11
 *     local node vrmf is 7113
 *     cluster fix level is "3"
 *     The following timer(s) are currently active:
 *     Current DNP values
 *     DNP Values for NodeId - 1  NodeName - erp1
 *         PgSpFree = 1308144  PvPctBusy = 0  PctTotalTimeIdle = 94.846421
 *     CAA Cluster Capabilities
 *     CAA Cluster services are active
 *     There are 4 capabilities
 *     Capability 0
 *       id: 3  version: 1  flag: 1
 *       Hostname Change capability is defined and globally available
 *
 * Only the state is always there: what was not printed is null, never zero. A manager that is down answers with an
 * SRC message (0513-004, 0513-036). Printing nothing is no answer.
 * NOT PROVEN: apart from the first line the texts are those of PowerHA 6.1 to 7.2 as administrators know them;
 * states: ST_INIT, ST_STABLE, ST_UNSTABLE, ST_JOINING, ST_VOTING, ST_RP_RUNNING, ST_BARRIER, ST_CBARRIER,
 * NOT_CONFIGURED, RP_FAILED.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface ClusterManager {
  readonly state: string;
  readonly vrmf: string | null;
  /** Events waiting; null where the line was not printed. */
  readonly ibcastEvents: number | null;
  readonly rmIbcastEvents: number | null;
}

type Part = Partial<Record<keyof ClusterManager, string>>;

const facts = [
  /^Current state: (?<state>ST_(?:INIT|STABLE|UNSTABLE|JOINING|VOTING|RP_RUNNING|RP_FAILED|BARRIER|CBARRIER)|NOT_CONFIGURED|RP_FAILED)$/,
  /^There are (?<ibcastEvents>\d+) events on the Ibcast queue$/,
  /^There are (?<rmIbcastEvents>\d+) events on the RM Ibcast queue$/,
  /^local node vrmf is (?<vrmf>\d{3,6})$/,
];

/** Known lines that hold none of the facts. */
const others = [
  /^(?:sccsid|build) = ".*"$/,
  /^i_local_nodeid -?\d+, i_local_siteid -?\d+, my_handle -?\d+$/,
  /^(?:ml_idx\[\d+\]=\d+ ?)+$/,
  /^Forced down node list:(?: \S+)*$/,
  /^tp is [0-9a-f]+$/,
  /^Events on event queue:$/,
  /^te_type -?\d+, te_nodeid -?\d+, te_network -?\d+$/,
  /^CLversion: \d+$/,
  /^cluster fix level is "\d*"$/,
  /^The following timer\(s\) are currently active:$/,
  /^Current DNP values$/,
  /^DNP Values for NodeId - \d+ NodeName - \S+$/,
  /^PgSpFree = -?\d+ PvPctBusy = -?\d+ PctTotalTimeIdle = -?[\d.]+$/,
  /^CAA Cluster Capabilities$/,
  /^CAA Cluster services are (?:not )?active$/,
  /^There are \d+ capabilities$/,
  /^Capability \d+$/,
  /^id: \d+ version: \d+ flag: \d+$/,
  /^[\w ]+ capability is (?:not )?defined(?: and(?: not)? globally available)?$/,
];

const layout: Layout<Part> = {
  starts: (text) =>
    /^(?:Current|sccsid|build|i_local|ml_idx|Forced|tp is|Events|te_type|There|CLversion|local node|cluster fix|The following|DNP|PgSpFree|CAA|Capability|id:|[\w ]+ capability is)/.test(
      text,
    ),
  read: readPart,
};

/** Reads the long status of the cluster manager. */
export const lssrcClstrmgrReader: Reader<ClusterManager> = {
  id: 'lssrc-clstrmgr',
  programs: ['lssrc'],
  read: readLssrcClstrmgr,
};

function readLssrcClstrmgr(text: string): Answer<ClusterManager> {
  const lines = linesOf(text);
  const failure = failureIn('lssrc-clstrmgr', lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  return answer(readClusterManager('lssrc-clstrmgr', lines));
}

/** Reads the lines of one cluster manager's status; the state is required. */
export function readClusterManager(command: string, lines: readonly Line[]): ClusterManager {
  const found: Part = {};
  for (const { value, line } of readRecords(command, lines, layout)) {
    const twice = Object.keys(value).some((key) => Object.hasOwn(found, key));
    if (twice) throw notUnderstood(command, 'this was printed already', line);
    Object.assign(found, value);
  }
  if (found.state === undefined) throw endsEarly(command, 'no state was printed', lines);
  return {
    state: found.state,
    vrmf: found.vrmf ?? null,
    ibcastEvents: found.ibcastEvents === undefined ? null : Number(found.ibcastEvents),
    rmIbcastEvents: found.rmIbcastEvents === undefined ? null : Number(found.rmIbcastEvents),
  };
}

function readPart(text: string): Part | null {
  const collapsed = text.replace(/\s+/g, ' ');
  for (const fact of facts) {
    const groups = fact.exec(collapsed)?.groups;
    if (groups !== undefined) return { ...groups };
  }
  return others.some((other) => other.test(collapsed)) ? {} : null;
}

/** The cluster manager of the node. It is looked at and never touched. */
export const clusterManager: Fact<ClusterManager> = {
  command: nodeRead('/usr/bin/lssrc', ['-ls', 'clstrmgrES'], 'AIX 7.2 commands, lssrc'),
  reader: lssrcClstrmgrReader,
};
