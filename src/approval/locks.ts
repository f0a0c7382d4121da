import type { RedisLink } from '../redis/link.js';

/**
 * Locks on nodes, clusters and managed systems, owned by a change until it ends. They do not expire: a change whose
 * outcome is unknown keeps its node locked until a person has decided.
 */
export interface Locks {
  /** Takes all keys or none; tells who holds the first that is taken. Taking one's own again is fine. */
  take(
    keys: readonly string[],
    changeId: string,
  ): Promise<{ ok: true } | { ok: false; key: string; holder: string }>;
  release(keys: readonly string[], changeId: string): Promise<void>;
  /** Every lock that is held, by its key; `also` are keys that may have been taken before there was a list of them. */
  held(also?: readonly string[]): Promise<readonly HeldLock[]>;
  /**
   * Takes a lock away from a holder whose change is still as it was when it was read; `version` is null where that
   * change is not known any more. False, and nothing done, when either has moved since.
   */
  force(lock: HeldLock, version: number | null): Promise<boolean>;
}

/** A lock and the change that holds it. */
export interface HeldLock {
  readonly key: string;
  readonly holder: string;
}

// KEYS: the list of held ones, then the locks · ARGV: change, then the locks as people know them
const takeAll = `
for i = 2, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  if holder and holder ~= ARGV[1] then return { i - 2, holder } end
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[1])
  redis.call('SADD', KEYS[1], ARGV[i])
end
return 0`;

// KEYS and ARGV as above.
const releaseAll = `
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    redis.call('DEL', KEYS[i])
    redis.call('SREM', KEYS[1], ARGV[i])
  end
end
return 0`;

// KEYS: the list of held ones, the lock, the change that holds it · ARGV: change, lock, version that was read or ''
const forceOne = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[3], 'version') or '') ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[1], ARGV[2])
return 1`;

/** Locks on one Redis; `prefix` carries the hash tag. */
export function createLocks(redis: RedisLink, prefix: string): Locks {
  const name = (key: string): string => `${prefix}lock:${key}`;
  const list = `${prefix}locks:held`;
  return {
    take: async (keys, changeId) => {
      const answer = await redis.eval(takeAll, keys.length + 1, list, ...keys.map(name), changeId, ...keys);
      if (!Array.isArray(answer)) return { ok: true };
      const [index, holder] = answer as [number, string];
      return { ok: false, key: keys[index] ?? '', holder };
    },
    release: async (keys, changeId) => {
      await redis.eval(releaseAll, keys.length + 1, list, ...keys.map(name), changeId, ...keys);
    },
    held: async (also = []) => {
      const keys = [...new Set([...(await redis.smembers(list)), ...also])].sort();
      if (keys.length === 0) return [];
      const holders = await redis.mget(keys.map(name));
      return keys.flatMap((key, n) => {
        const holder = holders[n] ?? null;
        return holder === null ? [] : [{ key, holder }];
      });
    },
    force: async ({ key, holder }, version) => {
      const keys = [list, name(key), `${prefix}change:${holder}`];
      const args = [holder, key, version === null ? '' : String(version)];
      return (await redis.eval(forceOne, 3, ...keys, ...args)) === 1;
    },
  };
}
