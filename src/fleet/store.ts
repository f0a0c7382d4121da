import type { RedisLink } from '../redis/link.js';
import type { KnownNode } from '../core/fleet.js';

/** What is known of every node's identity, over all workers and requests. */
export interface FleetStore {
  /** Writes what was read now over what was known of these nodes. */
  put(nodes: readonly KnownNode[]): Promise<void>;
  /** Every node ever read, by name in the order of the alphabet; those that left the inventory too. */
  all(): Promise<readonly KnownNode[]>;
}

/** A FleetStore on one Redis; `prefix` carries the hash tag. One hash holds all: an estate of 10,000 nodes is 3 MB. */
export function createFleetStore(redis: RedisLink, prefix: string): FleetStore {
  const key = `${prefix}fleet`;
  return {
    put: async (nodes) => {
      if (nodes.length === 0) return;
      await redis.hset(key, Object.fromEntries(nodes.map((node) => [node.name, JSON.stringify(node)])));
    },
    all: async () => {
      const texts = await redis.hvals(key);
      const nodes = texts.map((text) => JSON.parse(text) as KnownNode);
      return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}
