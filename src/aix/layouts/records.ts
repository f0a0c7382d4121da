import { canonicalJson } from '../../core/canonical.js';
import { notUnderstood, widthOf, type Line } from './lines.js';

/** How one record of an output looks, when it stands on one line as the command prints it. */
export interface Layout<T> {
  /** Could a record, or one of the fixed lines of the output, begin like this? */
  starts(text: string): boolean;
  /** The record that this text is, complete; or null. */
  read(text: string): T | null;
  /** False where blanks inside a value count, so that only a terminal's own wrap may be undone. Default true. */
  readonly wordWraps?: boolean;
}

export interface Read<T> {
  readonly value: T;
  /** Where the record begins. */
  readonly line: Line;
}

/** No terminal is narrower: a line that is complete by itself is only continued from here on. */
const narrowestTerminal = 72;

/**
 * Reads lines as records of one layout. What a terminal or a mail program wrapped is put together again, if the
 * widths fit such a wrap; any other line that is no record is an error naming it. No line is ever left out.
 */
export function readRecords<T>(
  command: string,
  lines: readonly Line[],
  layout: Layout<T>,
): readonly Read<T>[] {
  const width = lines.reduce((widest, line) => Math.max(widest, widthOf(line)), 0);
  const found: Read<T>[] = [];
  for (let at = 0; at < lines.length; ) {
    const group = groupAt(lines, at, layout);
    found.push(readGroup(command, group, layout, width));
    at += group.length;
  }
  return found;
}

/** A line and those right below it that no record begins with. */
function groupAt<T>(lines: readonly Line[], at: number, layout: Layout<T>): readonly Line[] {
  let end = at + 1;
  while (end < lines.length && !layout.starts(lines[end]!.text)) end += 1; // `end` is inside by the test before
  return lines.slice(at, end);
}

function readGroup<T>(command: string, group: readonly Line[], layout: Layout<T>, width: number): Read<T> {
  const [line, ...rest] = group;
  if (line === undefined) throw new TypeError('a group holds at least one line');
  if (!layout.starts(line.text)) throw notUnderstood(command, 'not a line of this output', line);
  let whole = layout.read(line.text);
  if (rest.length === 0 && whole !== null) return { value: whole, line };
  let culprit = whole === null ? line : rest[0];
  let texts: readonly string[] = [line.raw];
  for (const [at, next] of rest.entries()) {
    const before = group[at]!; // `rest` is `group` without its first
    texts = fits(before, next, whole !== null, width) ? joined(texts, before, next, layout, width) : [];
    whole = only(texts.map((text) => layout.read(text.trim())).filter((value) => value !== null));
    if (whole !== null) culprit = rest[at + 1];
  }
  if (whole === null) throw notUnderstood(command, 'not a line of this output', culprit ?? line);
  return { value: whole, line };
}

/** Lines wrap where they end, not across a blank line, and a complete one only at a real terminal's width. */
function fits(before: Line, next: Line, complete: boolean, width: number): boolean {
  if (next.number !== before.number + 1) return false;
  return !complete || width >= narrowestTerminal;
}

/** All texts that the wrapped lines may have been: a terminal cuts at its width, a mail program at a blank. */
function joined<T>(
  texts: readonly string[],
  before: Line,
  next: Line,
  layout: Layout<T>,
  width: number,
): string[] {
  const firstWord = next.text.split(/\s/, 1)[0]?.length ?? 0;
  const terminal = widthOf(before) >= width;
  const mail = layout.wordWraps !== false && before.raw.trimEnd().length + 1 + firstWord > width;
  return texts.flatMap((text) => [
    ...(terminal ? [text + next.raw] : []),
    ...(mail ? [`${text.trimEnd()} ${next.text}`] : []),
  ]);
}

/** The one value that all readings agree on. */
function only<T>(values: readonly T[]): T | null {
  const [first] = values;
  if (first === undefined) return null;
  return values.every((value) => canonicalJson(value) === canonicalJson(first)) ? first : null;
}
