import { LogLevel, type Logger } from '@slack/web-api';
import type { SlackLog } from './tools.js';

/** Bolt's own lines, as fields of a constant one. Its debug lines hold whole payloads and are dropped. */
export function quiet(log: SlackLog): Logger {
  const words = (parts: unknown[]): { said: string } => ({
    said: parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
  });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts: unknown[]) => log.warn(words(parts), 'the Slack library warns'),
    error: (...parts: unknown[]) => log.warn(words(parts), 'the Slack library reports an error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
