import type { RedisLink } from './link.js';

/** Who has had a Home tab drawn, and when. */
export interface Looking {
  note(user: string, atMs: number): Promise<void>;
  /** Within the last day. */
  has(user: string, atMs: number): Promise<boolean>;
  /** Within the last quarter of an hour, the latest first; at most 30. */
  latest(atMs: number): Promise<readonly string[]>;
}

const dayMs = 24 * 3_600_000;
const latelyMs = 15 * 60_000;

/** A Looking on one Redis; `prefix` carries the hash tag. */
export function createLooking(redis: RedisLink, prefix: string): Looking {
  const key = `${prefix}home:looking`;
  return {
    note: async (user, atMs) => {
      await redis.zadd(key, String(atMs), user);
      await redis.zremrangebyscore(key, '-inf', String(atMs - dayMs));
    },
    has: async (user, atMs) => Number((await redis.zscore(key, user)) ?? 0) > atMs - dayMs,
    latest: (atMs) => redis.zrevrangebyscore(key, '+inf', String(atMs - latelyMs), 'LIMIT', 0, 30),
  };
}
