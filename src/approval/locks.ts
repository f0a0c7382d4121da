import type { Redis } from 'ioredis';

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
}

const takeAll = `
for i, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if holder and holder ~= ARGV[1] then return { i, holder } end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1]) end
return 0`;

const releaseAll = `
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return 0`;

/** Locks on one Redis; `prefix` carries the hash tag. */
export function createLocks(redis: Redis, prefix: string): Locks {
  const name = (key: string): string => `${prefix}lock:${key}`;
  return {
    take: async (keys, changeId) => {
      const answer = await redis.eval(takeAll, keys.length, ...keys.map(name), changeId);
      if (!Array.isArray(answer)) return { ok: true };
      const [index, holder] = answer as [number, string];
      return { ok: false, key: keys[index - 1] ?? '', holder };
    },
    release: async (keys, changeId) => {
      await redis.eval(releaseAll, keys.length, ...keys.map(name), changeId);
    },
  };
}
