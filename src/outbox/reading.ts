import { storedVersions } from '../core/stored.js';
import type { Sealer } from '../core/sealer.js';
import type { RedisLink } from '../redis/link.js';
import type { Content, Entry, Letter, Page, Standing } from './entry.js';
import type { OutboxKeys } from './keys.js';
import { changeRanges, unseenRanges } from './scores.js';
import { rangeScript, triedScript } from './scripts.js';

/** What waits for Slack, and where messages stand that it has. */
export interface OutboxReading {
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
}

/** The reading half of an Outbox on one Redis. */
export function createReading(
  redis: RedisLink,
  { entryKey, queueKey, channelsKey }: OutboxKeys,
  sealer: Sealer,
): OutboxReading {
  async function get(key: string): Promise<Entry | null> {
    const fields = await redis.hgetall(entryKey(key));
    if (fields['letter'] === undefined) return null;
    const isTrying = (fields['trying'] ?? '') !== '';
    const triedForMs = isTrying ? Number(await redis.eval(triedScript, 1, entryKey(key))) : null;
    const content = sealer.open(entryKey(key), fields['content'] ?? '');
    return { ...entryOf({ ...fields, content }), triedForMs };
  }

  const keysIn = (channel: string, from: number, count: number, ranges: readonly string[]) => {
    const asked = [String(from), String(count), ...ranges];
    return redis.eval(rangeScript, 1, queueKey(channel), ...asked) as Promise<string[]>;
  };

  const page: OutboxReading['page'] = async (channel, count, from, which) => {
    const keys = await keysIn(channel, from, count, which === 'all' ? ['-inf', '+inf'] : unseenRanges);
    const found = await Promise.all(keys.map(get));
    const entries = found.filter((entry) => entry !== null).filter(isKnown);
    return { entries, isLast: keys.length < count };
  };

  return {
    get,
    page,
    waiting: () => redis.smembers(channelsKey),
    queue: async (channel, count) => (await page(channel, count, 0, 'all')).entries,
    hasChanges: async (channel) => (await keysIn(channel, 0, 1, changeRanges)).length > 0,
    standing: async (key) => {
      const [letter, ts, sent, postedIn] = await redis.hmget(
        ...([entryKey(key), 'letter', 'ts', 'sent', 'postedIn'] as const),
      );
      if (letter == null) return null;
      const { channel, thread } = JSON.parse(letter) as Letter;
      return { channel, thread, ts: ts ?? null, sent: Number(sent ?? 0), postedIn: postedIn ?? null };
    },
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
