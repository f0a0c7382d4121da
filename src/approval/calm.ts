/** What holds changes back, and what opens that again, in Redis: the freeze, and broken glass. */
import type { RedisLink } from '../redis/link.js';
import type { Freeze } from '../core/may-start.js';
import type { Origin } from '../core/request.js';
import type { BrokenGlass } from '../policy/time-decision.js';

/** A glass from the moment it was broken until another person looked at what was done. Times are ISO 8601 UTC. */
export interface Glass extends BrokenGlass {
  /** Node or cluster for which it was broken. */
  readonly target: string;
  readonly at: string;
  readonly channel: string;
  readonly teamId: string;
  /** When it is put before the others, in the zone of which morning. */
  readonly reviewAt: string;
  readonly zone: string;
}

/** What somebody wants to break, and has not proven who they are. */
export interface GlassWish {
  readonly target: string;
  readonly reason: string;
  readonly origin: Origin;
}

/** Who said that it was looked at, and when. */
interface Reviewed {
  readonly by: string;
  readonly at: string;
}

/** All rejects where Redis does not answer or holds what is no freeze: who asks must start nothing then. */
export interface CalmStore {
  freeze(): Promise<Freeze | null>;
  /** null when it holds now; else the freeze that was there before, and nothing is written. */
  setFreeze(freeze: Freeze): Promise<Freeze | null>;
  /** The freeze that this call has lifted; null when there was none. Of many who lift one, one is told so. */
  lift(): Promise<Freeze | null>;
  /** Keeps what somebody wants to break until the code for it is given, for ten minutes. */
  keepWish(id: string, wish: GlassWish): Promise<void>;
  wish(id: string): Promise<GlassWish | null>;
  keepGlass(glass: Glass): Promise<void>;
  /** What was broken and not put before the others yet: all that can be open is among it. */
  glasses(): Promise<readonly Glass[]>;
  glass(id: string): Promise<Glass | null>;
  /** Writes down that a change begins because of it; doing so again changes nothing. */
  addLetThrough(id: string, changeId: string): Promise<void>;
  /** In the order in which they began. */
  letThrough(id: string): Promise<readonly string[]>;
  /** Takes the right to put it before the others for `ttlMs`; false when another worker has it. */
  claimReview(id: string, ttlMs: number): Promise<boolean>;
  /** It was put before the others: it is not among `glasses` any more. */
  setPosted(id: string): Promise<void>;
  /** Who reviewed it: this person, or the one who was quicker. */
  review(id: string, reviewed: Reviewed): Promise<Reviewed>;
  reviewed(id: string): Promise<Reviewed | null>;
}

const wishMs = 10 * 60_000;
/** Kept for those who look weeks later; the audit trail keeps it for good. */
const keepMs = 90 * 24 * 3_600_000;

const liftScript = `
local freeze = redis.call('GET', KEYS[1])
if not freeze then return '' end
redis.call('DEL', KEYS[1])
return freeze`;

const freezeScript = `
local freeze = redis.call('GET', KEYS[1])
if freeze then return freeze end
redis.call('SET', KEYS[1], ARGV[1])
return ''`;

// KEYS: glass, all that wait for their review · ARGV: id, doc, review at (epoch ms), kept for (ms)
const keepScript = `
redis.call('HSET', KEYS[1], 'doc', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1`;

const reviewScript = `
redis.call('HSETNX', KEYS[1], 'reviewed', ARGV[1])
return redis.call('HGET', KEYS[1], 'reviewed')`;

/** A CalmStore on one Redis; `prefix` carries the hash tag. */
export function createCalmStore(redis: RedisLink, prefix: string): CalmStore {
  const freezeKey = `${prefix}freeze`;
  const waitingKey = `${prefix}glasses`;
  const key = (id: string): string => `${prefix}glass:${id}`;
  const ranKey = (id: string): string => `${prefix}glass:${id}:changes`;
  const glass = async (id: string): Promise<Glass | null> => {
    const doc = await redis.hget(key(id), 'doc');
    return doc === null ? null : (JSON.parse(doc) as Glass);
  };
  return {
    glass,
    freeze: async () => freezeOf(await redis.get(freezeKey)),
    setFreeze: async (freeze) =>
      freezeOf(asText(await redis.eval(freezeScript, 1, freezeKey, JSON.stringify(freeze)))),
    // Whatever stands there, lifting takes it away: it may be there because somebody wrote it by hand.
    lift: async () => freezeOf(asText(await redis.eval(liftScript, 1, freezeKey))),
    keepWish: async (id, wish) => {
      await redis.set(`${prefix}glass-wish:${id}`, JSON.stringify(wish), 'PX', wishMs);
    },
    wish: async (id) => {
      const found = await redis.get(`${prefix}glass-wish:${id}`);
      return found === null ? null : (JSON.parse(found) as GlassWish);
    },
    keepGlass: async (one) => {
      const args = [one.glass, JSON.stringify(one), String(Date.parse(one.reviewAt)), String(keepMs)];
      await redis.eval(keepScript, 2, key(one.glass), waitingKey, ...args);
    },
    glasses: async () => {
      const found = await Promise.all((await redis.zrange(waitingKey, '0', '-1')).map(glass));
      return found.filter((one) => one !== null);
    },
    addLetThrough: async (id, changeId) => {
      const count = await redis.zcard(ranKey(id));
      await redis.zadd(ranKey(id), 'NX', count, changeId);
      await redis.pexpire(ranKey(id), keepMs);
    },
    letThrough: (id) => redis.zrange(ranKey(id), '0', '-1'),
    claimReview: async (id, ttlMs) => (await redis.set(`${key(id)}:review`, '1', 'PX', ttlMs, 'NX')) === 'OK',
    setPosted: async (id) => {
      await redis.zrem(waitingKey, id);
    },
    review: async (id, reviewed) =>
      JSON.parse(
        asText(await redis.eval(reviewScript, 1, key(id), JSON.stringify(reviewed))) ?? '',
      ) as Reviewed,
    reviewed: async (id) => {
      const found = await redis.hget(key(id), 'reviewed');
      return found === null ? null : (JSON.parse(found) as Reviewed);
    },
  };
}

function asText(answer: unknown): string | null {
  return typeof answer === 'string' && answer !== '' ? answer : null;
}

/** What cannot be read holds everything back: it throws. */
function freezeOf(text: string | null): Freeze | null {
  if (text === null) return null;
  const { by, at, reason } = parsed(text);
  if (typeof by !== 'string' || typeof at !== 'string' || typeof reason !== 'string') throw unreadable();
  return { by, at, reason };
}

function parsed(text: string): Partial<Freeze> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable();
}

function unreadable(cause?: unknown): Error {
  const words =
    'What Redis holds as the freeze of all changes is none: somebody wrote to it by hand. No change begins.';
  return new Error(words, { cause });
}
