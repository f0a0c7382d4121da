import { Redis } from 'ioredis';
import { ConnectError } from '../core/errors.js';
import type { RedisLink } from './link.js';

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

/** Waits until the connection answers; throws ConnectError after `timeoutMs` with words that say what to do. */
export async function readyRedis(redis: RedisLink, url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const where = `Redis at ${withoutPassword(url)}`;
  let last = 'no answer';
  // What a socket says reaches the listeners only; the calls say no more than that they were not sent.
  const remember = (error: Error): void => {
    last = error.message || last;
  };
  redis.on('error', remember);
  try {
    while (Date.now() < deadline) {
      try {
        await redis.ping();
        return;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        const login = [said, last].find((text) => /^(?:NOAUTH|WRONGPASS|NOPERM)\b/.test(text));
        if (login !== undefined)
          throw new ConnectError(
            'Redis',
            'login-refused',
            `${where} does not let us in (${login.split(' ', 1).join('')}). Set REDIS_URL with the right user and password.`,
          );
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    redis.off('error', remember);
  }
  const waited = `${Math.round(timeoutMs / 1000)} s`;
  throw new ConnectError(
    'Redis',
    'unreachable',
    `${where} did not answer within ${waited} (${last}). Start it, or set REDIS_URL to where it is.`,
  );
}

/** `unsafe`: state is lost while all looks well. `weak`: it may be lost at a restart. `untold`: Redis does not say. */
export interface RedisProblem {
  readonly kind: 'unsafe' | 'weak' | 'untold';
  readonly sentence: string;
}

/** Settings without which jobs can be lost: keys must not be evicted, and writes must survive a restart. */
export async function redisProblems(redis: RedisLink): Promise<RedisProblem[]> {
  const problems: RedisProblem[] = [];
  const policy = await settingOf(redis, 'maxmemory-policy');
  const aof = await settingOf(redis, 'appendonly');
  if (policy === null || aof === null)
    problems.push({
      kind: 'untold',
      sentence:
        'Redis does not show its settings (CONFIG GET). See for yourself that maxmemory-policy is noeviction and appendonly is yes.',
    });
  if (policy !== null && policy !== 'noeviction')
    problems.push({
      kind: 'unsafe',
      sentence: `Redis throws keys away when it is full (maxmemory-policy ${policy}), and with them changes and jobs. Set maxmemory-policy noeviction.`,
    });
  if (aof !== null && aof !== 'yes')
    problems.push({
      kind: 'weak',
      sentence: `Redis keeps no append-only file (appendonly ${aof}): a restart loses changes and jobs. Set appendonly yes.`,
    });
  return problems;
}

/** A setting of the server; null where it does not tell. */
async function settingOf(redis: RedisLink, name: string): Promise<string | null> {
  try {
    const answer: unknown = await redis.config('GET', name);
    return Array.isArray(answer) && answer.length > 1 ? String(answer[1]) : null;
  } catch {
    return null;
  }
}

/** A Redis URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
