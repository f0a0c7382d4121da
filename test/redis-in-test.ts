import { Cluster, type Redis } from 'ioredis';
import { connectRedis, readyRedis } from '../src/redis/connect.js';
import type { RedisLink } from '../src/redis/link.js';
import type { RedisPlace } from '../src/redis/place.js';
import { startRedis } from './lab/redis-server.js';

/** Redis for the tests of a store. */
export interface RedisInTest {
  readonly redis: RedisLink;
  /** Forgets every key, on every node. */
  empty(): Promise<void>;
  keys(pattern: string): Promise<string[]>;
  /** Seconds. */
  ttl(key: string): Promise<number>;
  close(): Promise<void>;
}

let elsewhere: { readonly place: () => RedisPlace; readonly admin: (() => Redis) | null } | null = null;

/**
 * From now on stores are tested there, and not on a server of their own; `admin` empties it where their own connection may
 * not.
 */
export function testStoresAt(place: () => RedisPlace, admin: (() => Redis) | null = null): void {
  elsewhere = { place, admin };
}

/** A server of its own below `folder`, or wherever `testStoresAt` has said. */
export async function openRedisInTest(folder: string): Promise<RedisInTest> {
  if (elsewhere !== null) {
    const place = elsewhere.place();
    const redis = connectRedis(place, () => undefined);
    await readyRedis(redis, place, 10_000);
    return inTest(redis, elsewhere.admin?.() ?? redis, () => Promise.resolve());
  }
  const server = await startRedis({ folder });
  const redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 10_000);
  return inTest(redis, redis, () => server.stop());
}

function inTest(redis: RedisLink, admin: RedisLink, stop: () => Promise<void>): RedisInTest {
  const nodes = () => (admin instanceof Cluster ? admin.nodes('master') : [admin]);
  return {
    redis,
    empty: async () => {
      await Promise.all(nodes().map((node) => node.flushall()));
    },
    keys: async (pattern) => (await Promise.all(nodes().map((node) => node.keys(pattern)))).flat(),
    ttl: (key) => admin.ttl(key),
    close: async () => {
      redis.disconnect();
      await stop();
    },
  };
}
