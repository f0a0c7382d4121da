import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { startCluster } from '../lab/redis-cluster.js';
import { ask, type RedisGroup } from '../lab/redis-group.js';
import { startRedis } from '../lab/redis-server.js';
import { testStoresAt } from '../redis-in-test.js';
import { behavesAsOneRedis, openGroup, placeOf, type OpenGroup } from './group-behaviour.js';

const page = readFileSync(new URL('../../docs/operations/redis.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'aixops-cluster-'));
let group: RedisGroup;
let opened: OpenGroup;

beforeAll(async () => {
  group = await startCluster({ folder });
  opened = await openGroup(group);
}, 90_000);
afterAll(async () => {
  opened.redis.disconnect();
  await group.stop();
  rmSync(folder, { recursive: true, force: true });
});

testStoresAt(() => opened.place);

// The same tests as on one Redis, each store's own.
describe('on a Cluster', async () => {
  await import('../approval/store.test.js');
  await import('../approval/change-index.test.js');
  await import('../approval/outputs.test.js');
  await import('../approval/calm.test.js');
  await import('../approval/step-up.test.js');
  await import('../audit/audit.test.js');
  await import('../digest/store.test.js');
  await import('../fleet/store.test.js');
  await import('../outbox/pump.test.js');
  await import('../metrics/standing.test.js');
  await import('./hmc-line.test.js');
});

describe('Redis as a Cluster', () => {
  it('is told apart from one Redis, either way round', async () => {
    const node = `redis://127.0.0.1:${await group.masterPort()}`;
    const others = group.ports.filter((port) => !node.endsWith(`:${port}`));
    expect(await refusal(`redis: { url: "redis://127.0.0.1:${others[0]}" }`)).toMatch(
      / is a node of a Redis Cluster\. Write redis\.cluster\.nodes in aixops\.yaml instead of redis\.url\.$/,
    );
  });

  it('takes over what one Redis had, by the line of the page', async () => {
    const line = /^redis-cli --cluster import .*$/m.exec(page)?.[0] ?? '';
    const old = await startRedis({ folder: join(folder, 'old') });
    await ask(old.port, ['SET', '{aixops}:moved', 'yes']);
    const text = line
      .replace('redis-1.example.net:6379', `127.0.0.1:${group.ports[0]}`)
      .replace('old.example.net:6379', `127.0.0.1:${old.port}`);
    await promisify(execFile)('/bin/sh', ['-ec', text]);
    await old.stop();
    expect(await opened.redis.get('{aixops}:moved')).toBe('yes');
  }, 60_000);

  behavesAsOneRedis(() => opened, { hasSpare: false });
});

async function refusal(settings: string): Promise<string> {
  const place = placeOf(settings);
  const redis = connectRedis(place, () => undefined);
  try {
    await readyRedis(redis, place, 3_000);
    return 'let in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.disconnect();
  }
}
