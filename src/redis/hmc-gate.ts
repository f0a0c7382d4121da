import { unobserved, type Observe } from '../core/observe.js';
import type { RedisLink } from './link.js';

export interface HmcGateOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** Sessions at a time on one HMC, over all workers. An HMC is small: 2 to 4. */
  readonly limit: number;
  readonly clock: () => number;
  readonly newToken: () => string;
  readonly observe?: Observe;
}

// A session that takes longer than this belonged to a worker that died.
const leaseMs = 120_000;
const retryMs = 50;

// KEYS: sessions of one HMC, by when they end at the latest · ARGV: now, limit, token, end
const enter = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ${leaseMs * 2})
return 1`;

/** Where the sessions of an HMC are counted: a sorted set by when each ends at the latest. */
export function hmcSessionsKey(prefix: string, hmc: string): string {
  return `${prefix}hmc:${hmc}`;
}

/** Does work on an HMC as soon as fewer than `limit` sessions are open on it, counted over all workers in Redis. */
export function createHmcGate(
  options: HmcGateOptions,
): <T>(hmc: string, work: () => Promise<T>) => Promise<T> {
  const { redis, prefix, limit, clock, newToken, observe = unobserved } = options;
  return async (hmc, work) => {
    const key = hmcSessionsKey(prefix, hmc);
    const token = newToken();
    const wantedAt = clock();
    observe({ kind: 'hmc-wanted', hmc });
    try {
      for (;;) {
        const now = clock();
        const args = [String(now), String(limit), token, String(now + leaseMs)];
        if ((await redis.eval(enter, 1, key, ...args)) === 1) break;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    } catch (error) {
      observe({ kind: 'hmc-gave-up', hmc });
      throw error;
    }
    observe({ kind: 'hmc-entered', hmc, waitedMs: clock() - wantedAt });
    try {
      return await work();
    } finally {
      await redis.zrem(key, token);
    }
  };
}
