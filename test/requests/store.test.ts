import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyPrefix } from '../../src/redis/connect.js';
import { createRequestStore, type RequestStore } from '../../src/requests/store.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-requests-'));
let server: RedisInTest;
let store: RequestStore;

beforeAll(async () => {
  server = await openRedisInTest(folder);
  store = createRequestStore(server.redis, keyPrefix);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => server.empty());

describe('what Slack delivers', () => {
  it('is new once', async () => {
    expect([await store.once('a'), await store.once('a'), await store.once('b')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is new again where whoever took it for a moment came to no end', async () => {
    expect(await store.once('a', 50)).toBe(true);
    await expect.poll(() => store.once('a', 50), { timeout: 10_000 }).toBe(true);
  });

  it('is not new again where that came to its end', async () => {
    expect(await store.once('a', 60_000)).toBe(true);
    await store.keepSeen('a');
    expect(await server.redis.pttl(`${keyPrefix}seen:a`)).toBeGreaterThan(23 * 3_600_000);
    expect(await store.once('a', 50)).toBe(false);
  });
});

describe('the job of a request', () => {
  it('is withdrawn only where no worker has begun with it, and never begun after that', async () => {
    expect([await store.withdraw('a'), await store.begin('a'), await store.withdraw('a')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await store.begin('b'), await store.withdraw('b'), await store.begin('b')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
