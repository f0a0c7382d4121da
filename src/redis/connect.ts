import { Redis } from 'ioredis';

/** Every key of ours carries one hash tag, so that all of them live in one slot of a Redis Cluster. */
export const keyPrefix = '{aixops}:';

/**
 * Opens a connection for our own stores and for adding jobs. It fails fast instead of queueing commands in memory:
 * a command that is parked while Redis is away would run later, as a ghost, after its caller has said that it failed.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  // ioredis takes a socket's path, not the URL that other clients write for it.
  const redis = new Redis(url.replace(/^unix:\/\//, ''), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
  });
  redis.on('error', onError);
  return redis;
}

/** Waits until the connection answers; rejects after `timeoutMs` with words that say what to do. */
export async function readyRedis(redis: Redis, url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      await redis.ping();
      return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(
    `Redis at ${withoutPassword(url)} did not answer within ${Math.round(timeoutMs / 1000)} s (${last}). ` +
      'Start it, or set REDIS_URL to where it is.',
  );
}

/**
 * Settings without which jobs can be lost: keys must not be evicted, and writes must survive a restart.
 * Returns one sentence for each that is wrong; a server that hides its settings gets a sentence as well.
 */
export async function redisProblems(redis: Redis): Promise<string[]> {
  const problems: string[] = [];
  const read = async (name: string): Promise<string | null> => {
    try {
      const answer: unknown = await redis.config('GET', name);
      return Array.isArray(answer) ? String(answer[1]) : null;
    } catch {
      return null;
    }
  };
  const policy = await read('maxmemory-policy');
  if (policy === null) problems.push('Redis does not show maxmemory-policy; it must be noeviction.');
  else if (policy !== 'noeviction')
    problems.push(
      `Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction, or jobs can vanish.`,
    );
  const aof = await read('appendonly');
  if (aof === null) problems.push('Redis does not show appendonly; it must be yes.');
  else if (aof !== 'yes')
    problems.push('Redis keeps no append-only file: set appendonly yes, or a restart loses jobs.');
  return problems;
}

/** A Redis URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
