/**
 * `lscondresp`: which conditions of the event response resource manager have which responses.
 *
 *     Displaying condition with response information:
 *
 *     Condition                    Response                     Node        State
 *     "Filesystem space used"      "E-mail root off-shift"      "lpar1"     "Active"
 *     "Page in Rate"               "Log to syslog"              "lpar1"     "Not Active"
 *
 * Printing nothing, or titles without a row, means that no condition has a response.
 * NOT PROVEN: no public capture of AIX was found. The columns are those of the man page, the quoted rows those that
 * xCAT's monitoring plug-in takes apart. Only whole quoted rows are read, Node and Locked being optional; anything else is
 * an error. Source: RSCT 3.2, lscondresp man page; xCAT, rmcmon.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout, type Read } from './layouts/records.js';

export interface ConditionResponse {
  readonly condition: string;
  readonly response: string;
  /** Null where the column is not printed. */
  readonly node: string | null;
  readonly isActive: boolean;
}

const banner = /^Displaying condition (?:with|and) response information:?$/;
const header = /^Condition\s+Response(?:\s+Node)?\s+State(?:\s+Locked)?$/;
const row =
  /^"(?<condition>[^"]+)"\s+"(?<response>[^"]+)"(?:\s+"(?<node>[^"\s]+)")?\s+"(?<state>Active|Not [Aa]ctive)"(?:\s+"(?:Yes|No)")?$/;

const layout: Layout<ConditionResponse | 'banner' | 'header'> = {
  starts: (text) => text.startsWith('"') || /^(?:Displaying\s|Condition\s)/.test(text),
  read: (text) => (banner.test(text) ? 'banner' : header.test(text) ? 'header' : readRow(text)),
  wordWraps: false,
};

/** Reads the table of associations, with or without its titles. */
export const lscondrespReader: Reader<readonly ConditionResponse[]> = {
  id: 'lscondresp',
  programs: ['lscondresp'],
  read: readLscondresp,
};

function readLscondresp(text: string): Answer<readonly ConditionResponse[]> {
  const lines = linesOf(text);
  const failure = failureIn('lscondresp', lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const records = readRecords('lscondresp', lines, layout);
  const late = lateTitle(records);
  if (late !== undefined) throw notUnderstood('lscondresp', 'a title in the wrong place', late);
  return answer(records.flatMap(({ value }) => (typeof value === 'string' ? [] : [value])));
}

/** The sentence stands first, the columns behind it. */
function lateTitle(records: readonly Read<unknown>[]): Line | undefined {
  const bannerAt = records.findLastIndex(({ value }) => value === 'banner');
  if (bannerAt > 0) return records[bannerAt]?.line;
  const headerAt = records.findLastIndex(({ value }) => value === 'header');
  return headerAt > bannerAt + 1 ? records[headerAt]?.line : undefined;
}

function readRow(text: string): ConditionResponse | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { condition = '', response = '', node = null, state } = groups;
  return { condition, response, node, isActive: state === 'Active' };
}

/** The associations of the local node: what `recfgct` would lose. */
export const conditionResponses: Fact<readonly ConditionResponse[]> = {
  command: nodeRead('/usr/bin/lscondresp', [], 'RSCT 3.2, lscondresp', {
    alternatives: ['/usr/sbin/rsct/bin/lscondresp', '/opt/rsct/bin/lscondresp'],
    needsRoot: true,
  }),
  reader: lscondrespReader,
};
