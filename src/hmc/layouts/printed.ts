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

/** Cuts output into lines. Carriage returns of a terminal and wholly blank lines hold nothing and go. */
export function printed(text: string, programs: readonly string[]): Printed {
  const lines = solidLines(text);
  const stripped = solidLines(stripPrompt(text, programs));
  const asked = stripped.length < lines.length ? (lines[0]?.text ?? null) : null;
  return { asked, lines: stripped };
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
