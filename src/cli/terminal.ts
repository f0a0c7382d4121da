import { isKnownError, UsageError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { Level } from '../core/verdict.js';

/** Exit status where the call itself makes no sense, as `sysexits.h` has it; the monitoring codes end at 3. */
export const usageExit = 64;

/** Exit status of a monitoring plug-in. */
export const levelExit: Readonly<Record<Level, number>> = { ok: 0, warn: 1, crit: 2, unknown: 3 };

const escapes = { red: 31, green: 32, yellow: 33, magenta: 35, grey: 90, bold: 1 } as const;
type Style = keyof typeof escapes;

/** Colours where a person looks at a terminal, plain text everywhere else (NO_COLOR is honoured). */
export function paint(stream: NodeJS.WriteStream): (style: Style, text: string) => string {
  const colours = stream.isTTY && stream.hasColors();
  return (style, text) => (colours ? `\u001b[${escapes[style]}m${text}\u001b[0m` : text);
}

/** Control characters of foreign output would steer the reader's terminal: they are shown, not sent. */
export function plain(text: string): string {
  return text.replace(steering, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** C0 without tab and newline, DEL and C1, and what turns the direction of writing. */
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A value as one JSON document; what would steer a terminal is escaped, which leaves the value the same. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** Says an error on stderr in plain words and returns the exit status for it; `usage` is the one for a wrong call. */
export function complain(error: unknown, usage: number): number {
  const words = isKnownError(error)
    ? error.message
    : `This is a bug in aixops: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  process.stderr.write(`aixops: ${plain(redact(words))}\n`);
  if (!(error instanceof UsageError)) return levelExit.unknown;
  // "Did you mean" stands in the message already.
  if (error.hint !== null && !error.message.includes(error.hint))
    process.stderr.write(`${plain(error.hint)}\n`);
  return usage;
}

/** A line that is written over while something is under way; nothing where stderr is not a terminal. */
export function progressLine(): { show(text: string): void; clear(): void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    // A line that wraps could not be written over.
    show: (text) => stderr.write(`\r\u001b[2K${plain(text).slice(0, Math.max(stderr.columns - 1, 20))}`),
    clear: () => stderr.write('\r\u001b[2K'),
  };
}

/**
 * Lets Ctrl-C or SIGTERM end `work` at once: says `sentence`, gives `close` half a second, and exits with 130 or 143 as
 * a shell expects. For work that changes nothing.
 */
export async function interruptible<T>(
  sentence: string,
  close: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const stop = (exit: number) => (): void => {
    stopping.abort();
    process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[2K' : ''}aixops: ${sentence}\n`);
    setTimeout(() => process.exit(exit), 500);
    close().then(
      () => process.exit(exit),
      () => process.exit(exit),
    );
  };
  const signals = { SIGINT: stop(130), SIGTERM: stop(143) };
  for (const [signal, handler] of Object.entries(signals)) process.once(signal, handler);
  try {
    return await work();
  } finally {
    // What `close` cut off comes back as an answer of the nodes: it must not be shown as one.
    if (stopping.signal.aborted) await new Promise(() => undefined);
    for (const [signal, handler] of Object.entries(signals)) process.off(signal, handler);
  }
}
