import pino, { type DestinationStream, type Logger } from 'pino';
import { KnownSecrets } from './core/known-secrets.js';
import { redact, redactIn } from './core/redact.js';
import type { Tracing } from './core/tracing.js';
import { logFields } from './log-fields.js';

/** For whom lines are: `auto` writes for people on a terminal, and for machines everywhere else. */
interface LogSettings {
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
  readonly noColor: boolean;
  /** Which of several worker processes on this machine writes; null where there is one. */
  readonly worker?: number | null;
}

/** The log of a process on stderr, as the settings want it; `current` tells where in which trace a line is written. */
export async function openLog(
  { level, format, noColor, worker = null }: LogSettings,
  known: KnownSecrets,
  current: Tracing['current'],
): Promise<Logger> {
  const { stderr } = process;
  const isPretty = format === 'pretty' || (format === 'auto' && stderr.isTTY);
  const base = worker === null ? {} : { worker };
  if (!isPretty) return createLog(level, known, stderr, current).child(base);
  // Loaded where it is used: machines read most logs.
  const { prettyFactory } = await import('pino-pretty');
  const words = prettyFactory({ colorize: stderr.isTTY && !noColor, translateTime: 'HH:MM:ss.l' });
  // No stream between: the last line of a process is written when it ends.
  const stream = { write: (line: string) => void stderr.write(words(line)) };
  return createLog(level, known, stream, current).child(base);
}

/**
 * The program's log: one JSON line an event, constant message, details as fields. Whatever passes is searched for the
 * `known` secrets of this process and for secrets of known shapes, string by string.
 */
export function createLog(
  level: string,
  known: KnownSecrets = new KnownSecrets([]),
  destination: DestinationStream = process.stderr,
  current: Tracing['current'] = () => null,
): Logger {
  return pino(
    {
      level,
      base: {},
      mixin: () => ({ ...placeOf(current()), ...logFields() }),
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: (line) => cleanLine(line, known) },
    },
    destination,
  );
}

/** As OpenTelemetry names them in logs that are no records of its own. */
function placeOf(here: ReturnType<Tracing['current']>): object {
  return here === null ? {} : { trace_id: here.traceId, span_id: here.spanId };
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
