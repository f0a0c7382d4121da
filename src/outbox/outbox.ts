import type { RedisLink } from '../redis/link.js';
import type { Attachment, Message } from '../core/message.js';
import type { KeptTrace } from '../core/tracing.js';
import { storedVersions } from '../core/stored.js';
import { plainKeeping, type Keeping } from '../core/sealer.js';
import { changeRanges, priorities, unseenRanges, type Priority } from './scores.js';
import {
  endScript,
  holdScript,
  letGoScript,
  putScript,
  rangeScript,
  settleScript,
  triedScript,
  tryingScript,
} from './scripts.js';

export type { Priority } from './scores.js';

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

/** A newer aixops may have put some of what was looked at: it is sent by a bot that knows it. */
export interface Page {
  readonly entries: readonly Entry[];
  /** Whether nothing comes behind them. */
  readonly isLast: boolean;
}

export type Standing = Pick<Entry, 'channel' | 'thread' | 'ts' | 'sent' | 'postedIn'>;

/** Messages on their way to Slack. What `put` accepted survives restarts and outages. */
export interface Outbox {
  /** Posts the message, or changes the one of that key; several changes in a row become one. */
  put(letter: Letter, content: Content): Promise<void>;
  /** The same, where nothing was ever put under that key; else nothing: who repeats his work repeats no message. */
  putOnce(letter: Letter, content: Content): Promise<void>;
  /** Channels that have something waiting. */
  waiting(): Promise<string[]>;
  /** The first entries of one channel that wait, in the order in which they should go. */
  queue(channel: string, count: number): Promise<readonly Entry[]>;
  /** The same from the `from`th on (0). `unseen` leaves out what changes a message that is there, but for approvals. */
  page(channel: string, count: number, from: number, which: 'all' | 'unseen'): Promise<Page>;
  /** Whether something waits that `unseen` leaves out. */
  hasChanges(channel: string): Promise<boolean>;
  get(key: string): Promise<Entry | null>;
  /** Where a message stands, without its content. */
  standing(key: string): Promise<Standing | null>;
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
  /** Lets go of a channel if nothing waits for it; false where something does, and then it is still held. */
  end(channel: string, token: string): Promise<boolean>;
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
    const { key, channel } = letter;
    const keys = [
      entryKey(key),
      queueKey(channel),
      channelsKey,
      `${prefix}outbox:sequence`,
      holdKey(channel),
    ];
    const sealed = sealer.seal(entryKey(key), JSON.stringify(content));
    const about = [key, channel, String(priorities[letter.priority]), isOnce ? '1' : '0'];
    const args = [JSON.stringify(letter), sealed, ...about, ttl, trace()?.parent ?? ''];
    const isHeld = (await redis.eval(putScript, keys.length, ...keys, ...args)) === 1;
    if (!isHeld) await wake(channel);
  }

  const page: Outbox['page'] = async (channel, count, from, which) => {
    const ranges = which === 'all' ? ['-inf', '+inf'] : unseenRanges;
    const asked = [String(from), String(count), ...ranges];
    const keys = (await redis.eval(rangeScript, 1, queueKey(channel), ...asked)) as string[];
    const found = await Promise.all(keys.map(get));
    const entries = found.filter((entry) => entry !== null).filter(isKnown);
    return { entries, isLast: keys.length < count };
  };

  return {
    get,
    put: (letter, content) => put(letter, content, false),
    putOnce: (letter, content) => put(letter, content, true),
    waiting: () => redis.smembers(channelsKey),
    standing: async (key) => {
      const [letter, ts, sent, postedIn] = await redis.hmget(
        ...([entryKey(key), 'letter', 'ts', 'sent', 'postedIn'] as const),
      );
      if (letter == null) return null;
      const { channel, thread } = JSON.parse(letter) as Letter;
      return { channel, thread, ts: ts ?? null, sent: Number(sent ?? 0), postedIn: postedIn ?? null };
    },
    hasChanges: async (channel) =>
      ((await redis.eval(rangeScript, 1, queueKey(channel), '0', '1', ...changeRanges)) as string[]).length >
      0,
    page,
    queue: async (channel, count) => (await page(channel, count, 0, 'all')).entries,
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
    end: async (channel, token) =>
      (await redis.eval(endScript, 2, queueKey(channel), holdKey(channel), token)) === 1,
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
