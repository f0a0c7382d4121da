import type { RedisLink } from './link.js';

/** Members change seldom; who was removed from a group gets a reminder too much at worst. */
const keepSeconds = 24 * 3600;

/**
 * Who was in Slack's user groups when a bot last asked, for workers, which never ask Slack. It tells whom to remind; what
 * anybody may do is never decided by it.
 */
export interface UsergroupMembers {
  keep(group: string, users: readonly string[]): Promise<void>;
  /** Of those groups that are known. */
  of(groups: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** UsergroupMembers on one Redis; `prefix` carries the hash tag. */
export function createUsergroupMembers(redis: RedisLink, prefix: string): UsergroupMembers {
  const key = (group: string): string => `${prefix}usergroup:${group}`;
  return {
    keep: async (group, users) => {
      await redis.set(key(group), JSON.stringify(users), 'EX', keepSeconds);
    },
    of: async (groups) => {
      const known = new Map<string, readonly string[]>();
      for (const group of groups) {
        const text = await redis.get(key(group));
        if (text !== null) known.set(group, JSON.parse(text) as string[]);
      }
      return known;
    },
  };
}
