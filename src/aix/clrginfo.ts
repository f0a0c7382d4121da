/**
 * `clRGinfo -s`: where the resource groups are, one line per group and node, 15 fields between colons.
 *
 *     erprg:ONLINE:erp1:non-concurrent:OHN:FNPN:NFB:ignore::: : :::
 *     erprg:OFFLINE:erp2:non-concurrent:OHN:FNPN:NFB:ignore::: : :::
 *
 * In order: group, state, node, kind, startup, fallover, fallback, site policy; seven more were blank in the captures.
 * `Cluster IPC error: …` (the manager is down) is a failure without a number. Printing nothing is no answer.
 * Source: PowerHA SystemMirror 7.2, clRGinfo; layout as in a public capture. States beyond ONLINE and OFFLINE, and the
 * IPC error's text, are field knowledge.
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface GroupOnNode {
  readonly group: string;
  readonly state: string;
  readonly node: string;
  readonly kind: string;
  readonly startup: string;
  readonly fallover: string;
  readonly fallback: string;
  readonly sitePolicy: string;
}

const row =
  /^(?<group>[\w.-]+):(?<state>[A-Z][A-Z ]*[A-Z]):(?<node>[\w.@-]+):(?<kind>[\w -]*):(?<startup>\w*):(?<fallover>\w*):(?<fallback>\w*):(?<sitePolicy>[\w ]*)(?::[^:]*){7}$/;
const ipcError = /^Cluster IPC error:/;

const layout: Layout<GroupOnNode> = {
  starts: (text) => /^[\w.-]+:[A-Z]/.test(text),
  read: (text) => {
    const groups = row.exec(text)?.groups;
    if (groups === undefined) return null;
    const { group = '', state = '', node = '', kind = '' } = groups;
    const { startup = '', fallover = '', fallback = '', sitePolicy = '' } = groups;
    return { group, state, node, kind, startup, fallover, fallback, sitePolicy };
  },
};

/** Reads the colon form of `clRGinfo`. */
export const clrginfoReader: Reader<readonly GroupOnNode[]> = {
  id: 'clrginfo',
  programs: ['clRGinfo'],
  read: readClrginfo,
};

function readClrginfo(text: string): Answer<readonly GroupOnNode[]> {
  const lines = linesOf(text);
  const failure = failureIn('clrginfo', lines, (line) => layout.starts(line), ipcError);
  if (failure !== null) return failed(failure);
  const rows = readRecords('clrginfo', lines, layout).map(({ value }) => value);
  if (rows.length === 0) throw endsEarly('clrginfo', 'no resource group was printed', lines);
  return answer(rows);
}

/** The resource groups, as the cluster manager of this node has them. */
export const resourceGroups: Fact<readonly GroupOnNode[]> = {
  command: nodeRead('/usr/es/sbin/cluster/utilities/clRGinfo', ['-s'], 'PowerHA SystemMirror 7.2, clRGinfo'),
  reader: clrginfoReader,
};

/** Is this the sentence that the cluster manager is down or not configured? */
export function saysManagerDown(failure: Failure): boolean {
  return ipcError.test(failure.message);
}
