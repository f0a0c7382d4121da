import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnownNode } from '../../src/core/fleet.js';
import { createFleetStore } from '../../src/fleet/store.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-fleet-'));
let server: RedisInTest;
let redis: RedisLink;

beforeAll(async () => {
  server = await openRedisInTest(join(folder, 'redis'));
  redis = server.redis;
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => server.empty());

const known = (name: string, more: Partial<KnownNode> = {}): KnownNode => ({
  name,
  nodeId: '1c0de0a511b20c01',
  lparId: 3,
  system: 'p9-a',
  machine: '9009-42A*7800001',
  addresses: ['10.20.0.31'],
  readAt: '2026-03-01T06:00:00.000Z',
  ...more,
});

describe('what is known of the fleet', () => {
  it('is nothing at first', async () => {
    expect(await createFleetStore(redis, '{aixops}:').all()).toEqual([]);
  });

  it('is read as a whole, whoever wrote it, in the order of names', async () => {
    const [one, other] = [createFleetStore(redis, '{aixops}:'), createFleetStore(redis, '{aixops}:')];
    await Promise.all([one.put([known('lpar2')]), other.put([known('lpar1'), known('lpar3')])]);
    expect((await one.all()).map((node) => node.name)).toEqual(['lpar1', 'lpar2', 'lpar3']);
  });

  it('holds the last word of each node', async () => {
    const store = createFleetStore(redis, '{aixops}:');
    await store.put([known('lpar1'), known('lpar2')]);
    await store.put([known('lpar1', { nodeId: null, inCluster: true })]);
    await store.put([]);
    expect(await store.all()).toEqual([known('lpar1', { nodeId: null, inCluster: true }), known('lpar2')]);
  });

  it('takes names that mean something to JavaScript as names', async () => {
    const store = createFleetStore(redis, '{aixops}:');
    await store.put([known('constructor'), known('toString')]);
    expect((await store.all()).map((node) => node.name)).toEqual(['constructor', 'toString']);
  });

  it('keeps one key with the hash tag', async () => {
    await createFleetStore(redis, '{aixops}:').put([known('lpar1'), known('lpar2')]);
    expect(await server.keys('*')).toEqual(['{aixops}:fleet']);
  });
});
