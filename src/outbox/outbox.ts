import type { KeptTrace } from '../core/tracing.js';
import { plainKeeping, type Keeping } from '../core/sealer.js';
import type { RedisLink } from '../redis/link.js';
import type { Content, Entry, Letter } from './entry.js';
import { createHolding, type OutboxHolding } from './holding.js';
import { outboxKeys } from './keys.js';
import { createReading, type OutboxReading } from './reading.js';
import { priorities } from './scores.js';
import { putScript, settleScript, tryingScript } from './scripts.js';

export type { Content, Entry, Thread } from './entry.js';
export type { Priority } from './scores.js';

/** Messages on their way to Slack. What `put` accepted survives restarts and outages. */
export interface Outbox extends OutboxReading, OutboxHolding {
  /** Posts the message, or changes the one of that key; several changes in a row become one. */
  put(letter: Letter, content: Content): Promise<void>;
  /** The same, where nothing was ever put under that key; else nothing: who repeats his work repeats no message. */
  putOnce(letter: Letter, content: Content): Promise<void>;
  /**
   * Writes down what Slack has now; takes the entry off the queue unless it changed meanwhile. Resolves with the
   * milliseconds that it had waited, by the store's own clock; null where that is not known.
   */
  settle(
    entry: Entry,
    sentVersion: number,
    ts: string | null,
    postedIn: string | null,
  ): Promise<number | null>;
  markUnsure(entry: Entry): Promise<void>;
  /** Set before Slack is called: whoever finds it so later knows that the caller may have died over it. Off when Slack has refused. */
  markTrying(entry: Entry, isTrying: boolean): Promise<void>;
}

const keepSeconds = 14 * 24 * 3600;

/**
 * An Outbox on one Redis; `prefix` carries the hash tag. `wake` is called with the channel after each put, but not where
 * somebody sends for it just now: who does, looks once more when he is through. Messages are kept for two weeks after
 * their last change, or for the days of `keeping`: so long they can be changed in place.
 */
export function createOutbox(
  redis: RedisLink,
  prefix: string,
  wake: (channel: string) => Promise<void>,
  { sealer, days }: Keeping = plainKeeping,
  trace: () => KeptTrace | undefined = () => undefined,
): Outbox {
  const ttl = String(Math.min(keepSeconds, days * 24 * 3600));
  const keys = outboxKeys(prefix);
  const { entryKey, queueKey, channelsKey } = keys;

  async function put(letter: Letter, content: Content, isOnce: boolean): Promise<void> {
    const { key, channel } = letter;
    const on = [entryKey(key), queueKey(channel), channelsKey, keys.sequenceKey, keys.holdKey(channel)];
    const sealed = sealer.seal(entryKey(key), JSON.stringify(content));
    const about = [key, channel, String(priorities[letter.priority]), isOnce ? '1' : '0'];
    const args = [JSON.stringify(letter), sealed, ...about, ttl, trace()?.parent ?? ''];
    const isHeld = (await redis.eval(putScript, on.length, ...on, ...args)) === 1;
    if (!isHeld) await wake(channel);
  }

  return {
    ...createReading(redis, keys, sealer),
    ...createHolding(redis, keys),
    put: (letter, content) => put(letter, content, false),
    putOnce: (letter, content) => put(letter, content, true),
    settle: async (entry, sentVersion, ts, postedIn) => {
      const on = [entryKey(entry.key), queueKey(entry.channel), channelsKey];
      const args = [String(sentVersion), ts ?? '', postedIn ?? '', entry.key, entry.channel];
      const waitedMs = Number(await redis.eval(settleScript, 3, ...on, ...args));
      return waitedMs < 0 ? null : waitedMs;
    },
    markUnsure: async (entry) => {
      await redis.hset(entryKey(entry.key), 'unsure', '1');
    },
    markTrying: async (entry, isTrying) => {
      await redis.eval(tryingScript, 1, entryKey(entry.key), isTrying ? '1' : '0');
    },
  };
}
