import { Cluster } from 'ioredis';
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
  close(): Promise<void>;
}

let elsewhere: (() => RedisPlace) | null = null;

/** From now on stores are tested there, and not on a server of their own. */
export function testStoresAt(place: () => RedisPlace): void {
  elsewhere = place;
}

/** A server of its own below `folder`, or wherever `testStoresAt` has said. */
export async function openRedisInTest(folder: string): Promise<RedisInTest> {
  if (elsewhere !== null) {
    const place = elsewhere();
    const redis = connectRedis(place, () => undefined);
    await readyRedis(redis, place, 10_000);
    return inTest(redis, () => Promise.resolve());
  }
  const server = await startRedis({ folder });
  const redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 10_000);
  return inTest(redis, () => server.stop());
}

function inTest(redis: RedisLink, stop: () => Promise<void>): RedisInTest {
  const nodes = () => (redis instanceof Cluster ? redis.nodes('master') : [redis]);
  return {
    redis,
    empty: async () => {
      await Promise.all(nodes().map((node) => node.flushall()));
    },
    keys: async (pattern) => (await Promise.all(nodes().map((node) => node.keys(pattern)))).flat(),
    close: async () => {
      redis.disconnect();
      await stop();
    },
  };
}
