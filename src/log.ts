import pino, { type Logger } from 'pino';
import { redact } from './core/redact.js';

/**
 * The program's log: one JSON line an event, constant message, details as fields. Whatever passes is searched for
 * secrets of known shapes once more, because `redact` paths reach one level only.
 */
export function createLog(level: string, destination: NodeJS.WritableStream = process.stderr): Logger {
  return pino(
    {
      level,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redact },
    },
    destination,
  );
}

export type { Logger };
