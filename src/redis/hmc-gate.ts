import type { RedisLink } from './link.js';

export interface HmcGateOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** Sessions at a time on one HMC, over all workers. An HMC is small: 2 to 4. */
  readonly limit: number;
  readonly clock: () => number;
  readonly newToken: () => string;
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

/** Does work on an HMC as soon as fewer than `limit` sessions are open on it, counted over all workers in Redis. */
export function createHmcGate(
  options: HmcGateOptions,
): <T>(hmc: string, work: () => Promise<T>) => Promise<T> {
  const { redis, prefix, limit, clock, newToken } = options;
  return async (hmc, work) => {
    const key = `${prefix}hmc:${hmc}`;
    const token = newToken();
    for (;;) {
      const now = clock();
      const entered = await redis.eval(
        enter,
        1,
        key,
        String(now),
        String(limit),
        token,
        String(now + leaseMs),
      );
      if (entered === 1) break;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    try {
      return await work();
    } finally {
      await redis.zrem(key, token);
    }
  };
}
