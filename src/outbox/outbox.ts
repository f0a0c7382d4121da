import type { RedisLink } from '../redis/link.js';
import type { Attachment, Message } from '../core/message.js';
import type { KeptTrace } from '../core/tracing.js';
import { storedVersions } from '../core/stored.js';
import { plainKeeping, type Keeping } from '../core/sealer.js';

/** Approvals and errors go before cards, cards before details, details before digests. */
export const priorities = { approval: 0, card: 1, detail: 2, digest: 3 } as const;
export type Priority = keyof typeof priorities;

/** Which thread a message belongs to: one that Slack made, or one that another message of ours starts. */
export type Thread = { readonly ts: string } | { readonly key: string } | null;

interface Letter {
  /** Names the message for ever: putting the same key again changes the message instead of posting another. */
  readonly key: string;
  readonly channel: string;
  readonly thread: Thread;
  readonly priority: Priority;
  /** Who is told directly when Slack does not let us into the channel. */
  readonly user: string;
  /** Set on the first card of a request: when that was asked for (ISO 8601 UTC). */
  readonly askedAt?: string;
}

export type Content =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'whisper'; readonly message: Message }
  | { readonly kind: 'file'; readonly file: Attachment };

/** A message waiting for Slack, or one that was posted and may still change. */
export interface Entry extends Letter {
  readonly content: Content;
  /** Grows with each change; `sent` is the last version that Slack has. */
  readonly version: number;
  readonly sent: number;
  /** Slack's name of the message, once posted, and the channel it is in (a direct message has its own). */
  readonly ts: string | null;
  readonly postedIn: string | null;
  /** An earlier try got no answer, or whoever made it ended in the middle: Slack may have it already. */
  readonly unsure: boolean;
  /** So long ago somebody began to post it, and has not written down what came of that; null for nobody. Milliseconds. */
  readonly triedForMs: number | null;
  /** The version of the content. */
  readonly v: number;
  /** Where it was put last, if that was traced. */
  readonly trace?: KeptTrace;
}

/** Messages on their way to Slack. What `put` accepted survives restarts and outages. */
export interface Outbox {
  /** Posts the message, or changes the one of that key; several changes in a row become one. */
  put(letter: Letter, content: Content): Promise<void>;
  /** The same, where nothing was ever put under that key; else nothing: who repeats his work repeats no message. */
  putOnce(letter: Letter, content: Content): Promise<void>;
  /** Channels that have something waiting. */
  waiting(): Promise<string[]>;
  /** The entries of one channel that wait, in the order in which they should go: so many, from the `from`th on (0). */
  queue(channel: string, count: number, from?: number): Promise<Entry[]>;
  get(key: string): Promise<Entry | null>;
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
  /** Takes the right to post to a channel; false when another bot has it. */
  hold(channel: string, token: string, ttlMs: number): Promise<boolean>;
  letGo(channel: string, token: string): Promise<void>;
}

const keepSeconds = 14 * 24 * 3600;

// Of one priority, what nobody has seen yet goes before what changes a message that is there.
const scoreStep = 1_000_000_000_000;

// The store's own clock tells since when an entry waits: bots and workers need not agree on the time for that.
const nowMs = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

// KEYS: entry, channel queue, channels, sequence · ARGV: letter json, content json, key, channel, priority, once (1/0), seconds to keep, trace
const putScript = `
if ARGV[6] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'content', ARGV[2], 'trace', ARGV[8], 'v', '${storedVersions.message}')
if version == 1 then redis.call('HSET', KEYS[1], 'letter', ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[7])
if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then
  local seen = redis.call('HGET', KEYS[1], 'ts') and ${scoreStep / 2} or 0
  redis.call('ZADD', KEYS[2], tonumber(ARGV[5]) * ${scoreStep} + seen + redis.call('INCR', KEYS[4]), ARGV[3])
  ${nowMs}
  redis.call('HSET', KEYS[1], 'since', now)
end
redis.call('SADD', KEYS[3], ARGV[4])
return version`;

// KEYS: entry, channel queue, channels · ARGV: sent version, ts, posted in, key, channel
const settleScript = `
${nowMs}
local since = redis.call('HGET', KEYS[1], 'since')
redis.call('HSET', KEYS[1], 'sent', ARGV[1], 'unsure', '', 'trying', '')
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'ts', ARGV[2], 'postedIn', ARGV[3]) end
if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then redis.call('ZREM', KEYS[2], ARGV[4])
else redis.call('HSET', KEYS[1], 'since', now) end
if redis.call('ZCARD', KEYS[2]) == 0 then redis.call('SREM', KEYS[3], ARGV[5]) end
if not since then return -1 end
return now - since`;

// KEYS: entry · ARGV: being tried (1/0)
const tryingScript = `
${nowMs}
redis.call('HSET', KEYS[1], 'trying', ARGV[1] == '1' and now or '')
return 1`;

const triedScript = `
${nowMs}
local trying = tonumber(redis.call('HGET', KEYS[1], 'trying') or '')
return trying and now - trying or 0`;

const letGoScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * An Outbox on one Redis; `prefix` carries the hash tag. `wake` is called after each put, with the channel. Messages are
 * kept for two weeks after their last change, or for the days of `keeping`: so long they can be changed in place.
 */
export function createOutbox(
  redis: RedisLink,
  prefix: string,
  wake: (channel: string) => Promise<void>,
  { sealer, days }: Keeping = plainKeeping,
  trace: () => KeptTrace | undefined = () => undefined,
): Outbox {
  const ttl = String(Math.min(keepSeconds, days * 24 * 3600));
  const { entryKey, queueKey, channelsKey } = outboxKeys(prefix);
  const holdKey = (channel: string): string => `${prefix}outbox:hold:${channel}`;

  async function get(key: string): Promise<Entry | null> {
    const fields = await redis.hgetall(entryKey(key));
    if (fields['letter'] === undefined) return null;
    const isTrying = (fields['trying'] ?? '') !== '';
    const triedForMs = isTrying ? Number(await redis.eval(triedScript, 1, entryKey(key))) : null;
    const content = sealer.open(entryKey(key), fields['content'] ?? '');
    return { ...entryOf({ ...fields, content }), triedForMs };
  }

  async function put(letter: Letter, content: Content, isOnce: boolean): Promise<void> {
    const keys = [entryKey(letter.key), queueKey(letter.channel), channelsKey, `${prefix}outbox:sequence`];
    const sealed = sealer.seal(entryKey(letter.key), JSON.stringify(content));
    const about = [letter.key, letter.channel, String(priorities[letter.priority]), isOnce ? '1' : '0'];
    const args = [JSON.stringify(letter), sealed, ...about, ttl, trace()?.parent ?? ''];
    await redis.eval(putScript, 4, ...keys, ...args);
    await wake(letter.channel);
  }

  return {
    get,
    put: (letter, content) => put(letter, content, false),
    putOnce: (letter, content) => put(letter, content, true),
    waiting: () => redis.smembers(channelsKey),
    queue: async (channel, count, from = 0) => {
      const keys = await redis.zrange(queueKey(channel), String(from), String(from + count - 1));
      const found = await Promise.all(keys.map(get));
      // What a newer aixops put here is sent by a bot that knows it.
      return found.filter((entry) => entry !== null).filter(isKnown);
    },
    settle: async (entry, sentVersion, ts, postedIn) => {
      const keys = [entryKey(entry.key), queueKey(entry.channel), channelsKey];
      const args = [String(sentVersion), ts ?? '', postedIn ?? '', entry.key, entry.channel];
      const waitedMs = Number(await redis.eval(settleScript, 3, ...keys, ...args));
      return waitedMs < 0 ? null : waitedMs;
    },
    markUnsure: async (entry) => {
      await redis.hset(entryKey(entry.key), 'unsure', '1');
    },
    markTrying: async (entry, isTrying) => {
      await redis.eval(tryingScript, 1, entryKey(entry.key), isTrying ? '1' : '0');
    },
    hold: async (channel, token, ttlMs) =>
      (await redis.eval(holdScript, 1, holdKey(channel), token, String(ttlMs))) === 1,
    letGo: async (channel, token) => {
      await redis.eval(letGoScript, 1, holdKey(channel), token);
    },
  };
}

/** Where entries, the queue of each channel and the list of channels with something waiting are kept. */
export function outboxKeys(prefix: string) {
  return {
    entryKey: (key: string): string => `${prefix}outbox:entry:${key}`,
    queueKey: (channel: string): string => `${prefix}outbox:queue:${channel}`,
    channelsKey: `${prefix}outbox:channels`,
  };
}

/** The scores of one priority in a channel's queue: `from` is in it, `to` is not. */
export function scoresOf(priority: Priority): { readonly from: number; readonly to: number } {
  return { from: priorities[priority] * scoreStep, to: (priorities[priority] + 1) * scoreStep };
}

function isKnown({ v, content: { kind } }: Entry): boolean {
  const kinds: readonly string[] = ['message', 'whisper', 'file'] satisfies Content['kind'][];
  return v <= storedVersions.message && kinds.includes(kind);
}

function entryOf(fields: Record<string, string>): Omit<Entry, 'triedForMs'> {
  const letter = JSON.parse(fields['letter'] ?? '') as Letter;
  return {
    ...letter,
    content: JSON.parse(fields['content'] ?? '') as Content,
    version: Number(fields['version']),
    sent: Number(fields['sent'] ?? 0),
    ts: fields['ts'] ?? null,
    postedIn: fields['postedIn'] ?? null,
    unsure: fields['unsure'] === '1' || (fields['trying'] ?? '') !== '',
    v: Number(fields['v'] ?? 1),
    ...((fields['trace'] ?? '') === '' ? {} : { trace: { parent: fields['trace'] ?? '' } }),
  };
}
