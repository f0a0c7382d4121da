/**
 * `date` and `date -u +%Y-%m-%dT%H:%M:%SZ`: the node's clock as people read it.
 *
 *     Tue Nov  3 11:07:15 CET 2026
 *     2026-11-03T10:07:15Z
 *
 * The first form is that of LC_ALL=C; what its zone's name means only the node knows, so the clock face and the name are
 * kept apart. A day that no month has, a second line and printing nothing are no answer.
 * Source: AIX 7.2 commands, date; the first form as in a public capture.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, onlyLine } from './layouts/lines.js';
import { answer } from './layouts/messages.js';

export interface ClockFace {
  /** Milliseconds since 1970 as if the clock face were UTC. */
  readonly faceMs: number;
  /** The zone's name as printed: `CET`, `UTC`, `EST5EDT`. */
  readonly zone: string;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const posix =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<zone>[\w:+<>-]+) (?<year>\d{4})$/;
const iso =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?<zone>Z)$/;

/** Reads the one line of `date`. */
export const dateReader: Reader<ClockFace> = { id: 'date', programs: ['date'], read };

function read(text: string): Answer<ClockFace> {
  const line = onlyLine('date', linesOf(text), (one) => posix.test(one) || iso.test(one));
  const face = clockFace(line.text);
  if (face === null) throw notUnderstood('date', 'no such day or time', line);
  return answer(face);
}

/** The clock face of one printed date; null where it is none. */
export function clockFace(text: string): ClockFace | null {
  const groups = (posix.exec(text) ?? iso.exec(text))?.groups;
  if (groups === undefined) return null;
  const { year, month = '', day, hour, minute, second, zone = '' } = groups;
  const monthNumber = /^\d/.test(month) ? Number(month) - 1 : months.indexOf(month);
  const [y, d, h, m, s] = [year, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const faceMs = Date.UTC(y, monthNumber, d, h, m, s);
  const back = new Date(faceMs);
  // Date.UTC takes 31 February for 3 March: what does not come back as it went in was no date.
  const isReal =
    monthNumber >= 0 &&
    back.getUTCMonth() === monthNumber &&
    back.getUTCDate() === d &&
    back.getUTCHours() === h &&
    back.getUTCMinutes() === m &&
    back.getUTCSeconds() === s;
  return isReal ? { faceMs, zone: zone === 'Z' ? 'UTC' : zone } : null;
}

/** The node's clock in its own zone. */
export const localDate: Fact<ClockFace> = {
  command: nodeRead('/usr/bin/date', [], 'AIX 7.2 commands, date'),
  reader: dateReader,
};

/** The node's clock in UTC. */
export const utcDate: Fact<ClockFace> = {
  command: nodeRead('/usr/bin/date', ['-u', '+%Y-%m-%dT%H:%M:%SZ'], 'AIX 7.2 commands, date'),
  reader: dateReader,
};
