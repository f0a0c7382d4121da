/**
 * `clrsh NODE /usr/bin/date`: does clcomd reach a command on another node of the cluster?
 *
 *     Thu Feb 18 11:07:15 CST 2021
 *
 * The answer is the date of the other node. `Communication error, see logfile` is clcomd's failure; it has no
 * message number, and its exit status is documented nowhere. Printing nothing is no answer. The probe is always
 * `date`, so any other text is an error.
 * Source: PowerHA SystemMirror 7.2, clrsh; both texts as in a public capture.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed } from './layouts/messages.js';

export interface Reached {
  /** The other node's date as it printed it, in its own time zone. */
  readonly output: string;
}

const date =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d:\d\d [\w:+<>-]+ \d{4}$/;
const failure = /^Communication error, see logfile\.?$/;

/** Reads the one line that a probe over clcomd prints. */
export const clrshReader: Reader<Reached> = { id: 'clrsh', programs: ['clrsh'], read: readClrsh };

function readClrsh(output: string): Answer<Reached> {
  const { text } = onlyLine('clrsh', linesOf(output), (one) => date.test(one) || failure.test(one));
  return failure.test(text) ? failed({ code: null, message: text }) : answer({ output: text });
}

/** One try hangs where the other node is dead; AIX has no `timeout`. */
const tryMs = 30_000;

/** What a node may be called where its name becomes an argument: nothing that a shell on the way could take apart. */
export function isNodeName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(text);
}

/**
 * The date of another node of the cluster, asked through clcomd. `node` is the name that the cluster knows it by.
 * Throws TypeError for a name that could be anything else. On PowerHA 6.1 the program is with PowerHA's own.
 */
export function dateOver(node: string): Fact<Reached> {
  if (!isNodeName(node)) throw new TypeError(`not a node name: ${node}`);
  return {
    command: nodeRead('/usr/sbin/clrsh', [node, '/usr/bin/date'], 'PowerHA SystemMirror 7.2, clrsh', {
      alternatives: ['/usr/es/sbin/cluster/utilities/clrsh'],
      timeoutMs: tryMs,
      needsRoot: true,
    }),
    reader: clrshReader,
  };
}
