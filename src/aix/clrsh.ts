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
import type { Answer, Reader } from '../core/fact.js';
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
