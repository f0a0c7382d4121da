import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway } from '../core/errors.js';
import { unobserved, type Observe } from '../core/observe.js';
import type { RedisLink } from './link.js';

export interface HmcGateOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** Sessions at a time on one HMC, over all workers. An HMC is small: 2 to 4. */
  readonly limit: number;
  readonly clock: () => number;
  readonly newToken: () => string;
  /** So long a Redis that is away is waited for, on the way in and on the way out; 15 s unless told. */
  readonly patienceMs?: number;
  readonly observe?: Observe;
}

// A session that is not renewed for so long belonged to a worker that died.
const leaseMs = 15_000;
const renewEveryMs = 5_000;
const retryMs = 50;
const awayRetryMs = 250;

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
  const patiently = patience(clock, options.patienceMs ?? 15_000);
  return async (hmc, work) => {
    const key = hmcSessionsKey(prefix, hmc);
    const token = newToken();
    const wantedAt = clock();
    observe({ kind: 'hmc-wanted', hmc });
    const tryToEnter = async (): Promise<boolean> => {
      const now = clock();
      const args = [String(now), String(limit), token, String(now + leaseMs)];
      return (await redis.eval(enter, 1, key, ...args)) === 1;
    };
    try {
      while (!(await patiently(tryToEnter))) await pause(retryMs);
    } catch (error) {
      observe({ kind: 'hmc-gave-up', hmc });
      throw error;
    }
    observe({ kind: 'hmc-entered', hmc, waitedMs: clock() - wantedAt });
    const renewing = setInterval(() => {
      // Forgotten at worst: one session too many for a moment.
      redis.zadd(key, 'XX', clock() + leaseMs, token).catch(() => undefined);
    }, renewEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
      // What the work has brought must not be lost over this; where Redis stays away the lease ends by itself.
      void patiently(() => redis.zrem(key, token)).catch(() => undefined);
    }
  };
}

/** Does something again while Redis is away, for so long. */
function patience(clock: () => number, patienceMs: number): <T>(act: () => Promise<T>) => Promise<T> {
  return async (act) => {
    const startedAt = clock();
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!isStoreAway(error) || clock() - startedAt >= patienceMs) throw error;
        await pause(awayRetryMs);
      }
    }
  };
}
