import { isKnownError, UsageError } from '../core/errors.js';
import type { Level } from '../core/verdict.js';

/** Exit status where the call itself makes no sense, as `sysexits.h` has it; the monitoring codes end at 3. */
export const usageExit = 64;

/** Exit status of a monitoring plug-in. */
export const levelExit: Readonly<Record<Level, number>> = { ok: 0, warn: 1, crit: 2, unknown: 3 };

const escapes = { red: 31, green: 32, yellow: 33, magenta: 35, grey: 90, bold: 1 } as const;
export type Style = keyof typeof escapes;

/** Colours where a person looks at a terminal, plain text everywhere else (NO_COLOR is honoured). */
export function paint(stream: NodeJS.WriteStream): (style: Style, text: string) => string {
  const colours = stream.isTTY && stream.hasColors();
  return (style, text) => (colours ? `\u001b[${escapes[style]}m${text}\u001b[0m` : text);
}

/** Control characters of foreign output would steer the reader's terminal: they are shown, not sent. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Says an error on stderr in plain words and returns the exit status for it. */
export function complain(error: unknown): number {
  const words = isKnownError(error)
    ? error.message
    : `This is a bug in aixops: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  process.stderr.write(`aixops: ${plain(words)}\n`);
  if (error instanceof UsageError && error.hint !== null) process.stderr.write(`${plain(error.hint)}\n`);
  return error instanceof UsageError ? usageExit : 3;
}

/** A line that is written over while something is under way; nothing where stderr is not a terminal. */
export function progressLine(): { show(text: string): void; clear(): void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show: (text) => stderr.write(`\r\u001b[2K${text}`),
    clear: () => stderr.write('\r\u001b[2K'),
  };
}
