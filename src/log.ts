import pino, { type Logger } from 'pino';
import { KnownSecrets } from './core/known-secrets.js';
import { redact, redactIn } from './core/redact.js';

/**
 * The program's log: one JSON line an event, constant message, details as fields. Whatever passes is searched for the
 * `known` secrets of this process and for secrets of known shapes, string by string.
 */
export function createLog(
  level: string,
  known: KnownSecrets = new KnownSecrets([]),
  destination: NodeJS.WritableStream = process.stderr,
): Logger {
  return pino(
    {
      level,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: (line) => cleanLine(line, known) },
    },
    destination,
  );
}

/** A secret may end at a quote that JSON has escaped: the strings are searched, not the line. */
function cleanLine(line: string, known: KnownSecrets): string {
  try {
    return `${known.hideInJson(JSON.stringify(redactIn(JSON.parse(line))))}\n`;
  } catch {
    return `${known.hide(redact(line.trimEnd()))}\n`;
  }
}

const mostCauses = 5;

/**
 * What a line says of an error. Libraries hang whole requests on theirs, headers with tokens in them: only what is named
 * here is taken along, causes included.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const { code, cause, original } = error as { code?: unknown; cause?: unknown; original?: unknown };
  const inner = cause ?? original;
  return {
    type: name,
    message,
    stack,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(inner instanceof Error && depth < mostCauses ? { cause: describeError(inner, depth + 1) } : {}),
  };
}

export type { Logger };
