import { ParseError } from '../../core/errors.js';

/** One line that is not blank. `text` has no blanks around it, `raw` is as printed (without the line end). */
export interface Line {
  readonly text: string;
  readonly raw: string;
  /** Counts from 1, blank lines included. */
  readonly number: number;
}

/**
 * The lines of an output that are not blank. CRLF and blanks around a line say nothing in any output read here:
 * copies lose indentation and gain carriage returns.
 */
export function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .map((line, at) => {
      const raw = line.replace(/\r+$/, '');
      return { raw, text: raw.trim(), number: at + 1 };
    })
    .filter((line) => line.text !== '');
}

/** The error for a line that is not understood. */
export function notUnderstood(command: string, problem: string, line: Line): ParseError {
  return new ParseError(command, problem, line.raw, line.number);
}

/** The error for output that ends too early: it names the last line that was there. */
export function endsEarly(command: string, problem: string, lines: readonly Line[]): ParseError {
  const last = lines.at(-1);
  return new ParseError(command, problem, last?.raw ?? '', last?.number ?? 1);
}

/** The single line that some commands print; a second one, or one in another form, is an error. */
export function onlyLine(command: string, lines: readonly Line[], isData: (text: string) => boolean): Line {
  const [line, second] = lines;
  if (line === undefined) throw endsEarly(command, 'nothing was printed', lines);
  if (!isData(line.text)) throw notUnderstood(command, 'not what this command prints', line);
  if (second !== undefined) throw notUnderstood(command, 'this command prints one line', second);
  return line;
}

/** The columns that a line takes on a terminal, with tab stops at every eighth. */
export function widthOf(line: Line): number {
  let width = 0;
  for (const character of line.raw) width += character === '\t' ? 8 - (width % 8) : 1;
  return width;
}
