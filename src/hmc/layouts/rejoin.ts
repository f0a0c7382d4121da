/**
 * Puts together the records that a terminal broke at its right edge, in the middle of a word if it came so:
 *
 *     name,lpar_id,state,rmc_st
 *     ate
 *     erp1,3,Running,active
 *
 * A terminal breaks every line at the same column, and the caller knows a complete record when it sees one. Both
 * must agree: a text that no column explains is not rejoined, and one that two readings explain is not read.
 */
import type { PrintedLine } from './printed.js';

interface Joined {
  readonly text: string;
  readonly line: PrintedLine;
  readonly pieces: number;
}

/** `records`: every line has its place. `stuck`: the first line that no reading gets past. */
export type Rejoined =
  | { readonly kind: 'records'; readonly records: readonly Joined[] }
  | { readonly kind: 'stuck'; readonly at: PrintedLine | undefined };

/**
 * Says whether a text is one complete record; `pieces` is how many printed lines it was made from. `never` means that
 * nothing joined to its end makes it one either: without it, a long list with one bad line would take minutes.
 */
export type IsRecord = (text: string, pieces: number) => boolean | 'never';

/** Terminals narrower than this are not rejoined; an unbroken record of this width would be wide anyway. */
const narrowest = 20;
const widest = 400;
/** Names that were replaced in a published capture leave the broken lines a little uneven. */
const uneven = 3;
const mostPieces = 60;

/** Rejoins printed lines into records; lines that are complete as they stand are never joined. */
export function rejoin(lines: readonly PrintedLine[], isRecord: IsRecord): Rejoined {
  const stuck = lines.findIndex((line) => isRecord(line.text.trim(), 1) !== true);
  if (stuck === -1) return { kind: 'records', records: lines.map((line) => joined(line, line.text, 1)) };
  let furthest = stuck;
  for (const exact of [true, false]) {
    for (const width of widths(lines)) {
      const attempt = tryWidth(lines, isRecord, { width, exact });
      if (attempt.records !== null) return { kind: 'records', records: attempt.records };
      furthest = Math.max(furthest, attempt.furthest);
    }
  }
  return { kind: 'stuck', at: lines[Math.min(furthest, lines.length - 1)] };
}

function widths(lines: readonly PrintedLine[]): readonly number[] {
  const lengths = new Set(lines.map((line) => line.text.length));
  return [...lengths].filter((length) => length >= narrowest && length <= widest).sort((a, b) => b - a);
}

interface Edge {
  readonly width: number;
  /** Every line is at most as wide as the terminal, and each broken one exactly. Else: a little uneven. */
  readonly exact: boolean;
}

interface Attempt {
  readonly records: readonly Joined[] | null;
  readonly furthest: number;
}

/** Walks the lines from the top; a second way to get to the end makes the text ambiguous, and so not a reading. */
function tryWidth(lines: readonly PrintedLine[], isRecord: IsRecord, edge: Edge): Attempt {
  const ways = Array.from({ length: lines.length + 1 }, () => 0);
  const from: (Joined | undefined)[] = [];
  ways[0] = 1;
  let furthest = 0;
  for (let start = 0; start < lines.length; start += 1) {
    if (ways[start] === 0) continue;
    furthest = start;
    for (const record of recordsFrom(lines, start, isRecord, edge)) {
      const end = start + record.pieces;
      ways[end] = (ways[end] ?? 0) + (ways[start] ?? 0);
      from[end] = record;
    }
  }
  if (ways[lines.length] !== 1) return { records: null, furthest };
  const records = walkBack(from, lines.length);
  return isPattern(records, lines, edge) ? { records, furthest } : { records: null, furthest };
}

/**
 * Several breaks at exactly one column are a pattern. One break, or uneven ones, are hardly: the lower line may as
 * well be a message between two records. So it must go on like a record: with a separator, or within one word.
 */
function isPattern(records: readonly Joined[], lines: readonly PrintedLine[], edge: Edge): boolean {
  const positions = new Map(lines.map((line, at) => [line, at]));
  const lower = records.flatMap((record) => {
    const first = positions.get(record.line) ?? 0;
    return lines.slice(first + 1, first + record.pieces).map((line) => line.text);
  });
  if (edge.exact && lower.length > 1) return true;
  return (edge.exact || lower.length > 1) && lower.every((text) => /[,=]/.test(text) || oneWord.test(text));
}

const oneWord = /^[\w.:/*"-]+$/;

function* recordsFrom(
  lines: readonly PrintedLine[],
  start: number,
  isRecord: IsRecord,
  edge: Edge,
): Generator<Joined> {
  const first = lines[start];
  let text = '';
  for (let pieces = 1; pieces <= mostPieces; pieces += 1) {
    const piece = lines[start + pieces - 1];
    if (first === undefined || piece === undefined) return;
    text += piece.text;
    const fits = !edge.exact || piece.text.length <= edge.width;
    const answer = fits && isRecord(text.trim(), pieces);
    if (answer === true) yield joined(first, text, pieces);
    if (answer === 'never') return;
    const slack = edge.width - piece.text.length;
    if (slack < 0 || slack > (edge.exact ? 0 : uneven)) return;
  }
}

function walkBack(from: readonly (Joined | undefined)[], end: number): readonly Joined[] {
  const records: Joined[] = [];
  let record = from[end];
  for (let at = end; record !== undefined; record = from[at]) {
    records.push(record);
    at -= record.pieces;
  }
  return records.reverse();
}

function joined(line: PrintedLine, text: string, pieces: number): Joined {
  // Blanks around a record are a copy's indentation or a terminal's padding.
  return { text: text.trim(), line, pieces };
}
