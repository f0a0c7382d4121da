import { ParseError } from '../../core/errors.js';
import { stripPrompt } from '../../core/prompt.js';

/** One printed line and where it stood; numbers count from 1 over the whole text, prompt line included. */
export interface PrintedLine {
  readonly text: string;
  readonly number: number;
}

/** What was printed, without the prompt line that a person may have pasted along. */
export interface Printed {
  /** The pasted prompt and command line, or null. */
  readonly asked: string | null;
  /** Lines that hold something. */
  readonly lines: readonly PrintedLine[];
}

/**
 * Cuts output into lines and reads them. Carriage returns of a terminal and wholly blank lines hold nothing and go.
 * What cannot be read is tried once more with the prompt line rejoined, where the terminal may have broken that too.
 */
export function readPrinted<T>(text: string, programs: readonly string[], read: (printed: Printed) => T): T {
  const lines = solidLines(text);
  const stripped = solidLines(stripPrompt(text, programs));
  const asked = stripped.length < lines.length ? (lines[0]?.text ?? null) : null;
  try {
    return read({ asked, lines: stripped });
  } catch (error) {
    if (!(error instanceof ParseError) || asked === null) throw error;
    for (const printed of brokenPrompts(asked, stripped)) {
      const answer = attempt(() => read(printed));
      if (answer !== null) return answer.value;
    }
    throw error;
  }
}

/** The error for a line that the grammar of `command` has no place for. */
export function notUnderstood(command: string, problem: string, line: PrintedLine | undefined): ParseError {
  return new ParseError(command, problem, line?.text ?? '', line?.number ?? 1);
}

function solidLines(text: string): readonly PrintedLine[] {
  return text
    .split('\n')
    .map((line, index) => ({ text: line.replace(/\r+$/, ''), number: index + 1 }))
    .filter((line) => line.text.trim() !== '');
}

/**
 * The options of the commands read here, behind the first prompt character: a row or another prompt that was mistaken
 * for the prompt's lower part does not fit them.
 */
const wholeCommand =
  /^[^#$>%]*[#$>%]\s*\w+(?:\s+(?:-r\s+\w+|-[mn]\s+(?:"[^",]*"|'[^',]*'|[^\s,]+)|-F(?:\s+[a-z0-9_]+(?:,[a-z0-9_]+)*)?|--header|--filter\s+\S+|--osrefresh|-dlpar|-V|-n))*\s*(?:\|\s*[ef]?grep\s[^,<]*)?$/;

/** The prompt line with one, two, … lower parts; all but the last are as wide as the terminal, and none is wider. */
function* brokenPrompts(asked: string, lines: readonly PrintedLine[]): Generator<Printed> {
  const width = asked.length;
  if (lines.some((line) => line.text.length > width)) return;
  let whole = asked;
  for (const [index, line] of lines.slice(0, 10).entries()) {
    whole += line.text;
    if (wholeCommand.test(whole)) yield { asked: whole, lines: lines.slice(index + 1) };
    if (line.text.length < width) return;
  }
}

function attempt<T>(run: () => T): { readonly value: T } | null {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
