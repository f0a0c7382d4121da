import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueues, startWorker } from '../../src/queue/queues.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import type { RedisPlace } from '../../src/redis/place.js';
import { redisProblems } from '../../src/redis/problems.js';
import { until } from '../lab/redis-group.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { testStoresAt } from '../redis-in-test.js';
import { placeOf } from './group-behaviour.js';

const root = new URL('../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/operations/redis.md'), 'utf8');
const user = (/```acl\n([^`]*)```/.exec(page)?.[1] ?? '').replace(/\s+/g, ' ').trim();
const folder = mkdtempSync(join(tmpdir(), 'aixops-acl-'));
let server: RedisServer;
let admin: Redis;
let place: RedisPlace;

beforeAll(async () => {
  const line = user.replace('>PASSWORD', '>acl-password-1');
  server = await startRedis({ folder, lines: [line, 'user default on >admin-password-1 ~* &* +@all'] });
  admin = new Redis(server.port, '127.0.0.1', { password: 'admin-password-1' });
  place = placeOf(`redis: { url: "redis://127.0.0.1:${server.port}", username: aixops }`, {
    REDIS_PASSWORD: 'acl-password-1',
  });
}, 60_000);
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

testStoresAt(
  () => place,
  () => admin,
);

describe('as the user of the page', async () => {
  await import('../approval/store.test.js');
  await import('../approval/change-index.test.js');
  await import('../approval/calm.test.js');
  await import('../approval/step-up.test.js');
  await import('../audit/audit.test.js');
  await import('../digest/store.test.js');
  await import('../fleet/store.test.js');
  await import('../outbox/pump.test.js');
  await import('../metrics/standing.test.js');
  await import('./hmc-line.test.js');
});

describe('the user of the page', () => {
  it('may do whatever the scripts of ours and of the queues do', () => {
    const allowed = new Set([...user.matchAll(/\+([a-z]+)/g)].map(([, name]) => name));
    const used = [...commandsIn(join(root, 'src')), ...commandsIn(bullmq)].filter(
      (name) => name !== 'sentinel',
    );
    expect(used.length).toBeGreaterThan(100);
    expect([...new Set(used)].filter((name) => !allowed.has(name))).toEqual([]);
  });

  it('runs, delays, repeats and fails jobs, and looks at the settings', async () => {
    const redis = connectRedis(place, () => undefined);
    const waiting = connectRedis(place, () => undefined, 'worker');
    await readyRedis(redis, place, 5_000);
    const queues = createQueues(redis, () => undefined);
    const seen: string[] = [];
    const settings = {
      connection: waiting,
      queue: 'read' as const,
      concurrency: 2,
      clock: Date.now,
      knows: () => true,
      again: queues,
      onLeft: () => undefined,
      onGivenUp: () => Promise.resolve(),
      onFailed: () => undefined,
      onError: () => undefined,
    };
    const worker = startWorker(settings, (_name, { id }) => {
      seen.push(id);
      // Fails once, and is done when it comes again.
      return id === 'bad' && !seen.slice(0, -1).includes('bad')
        ? Promise.reject(new Error('no'))
        : Promise.resolve();
    });
    const data = (id: string) => ({ v: 1 as const, id, notAfter: Number.MAX_SAFE_INTEGER });
    await queues.schedule('expire', 10_000);
    await queues.add('read', 'diagnose', data('late'), { delayMs: 300 });
    await queues.add('read', 'diagnose', data('bad'), { jobId: 'diagnose-bad' });
    await until('all are done', () =>
      Promise.resolve(seen.includes('late') && seen.filter((id) => id === 'bad').length === 2),
    );
    await until('the queue is empty', async () => (await queues.depth('read')) === 0);
    expect(await redisProblems(redis, place)).toEqual([]);
    await worker.close(0);
    await queues.close();
    waiting.disconnect();
    redis.disconnect();
  }, 60_000);

  it('was refused nothing in all of that, and is refused what is not its own', async () => {
    const denied = (await admin.call('ACL', 'LOG')) as unknown[][];
    expect(denied.map((entry) => entry[entry.indexOf('object') + 1])).toEqual([]);
    const redis = connectRedis(place, () => undefined);
    await readyRedis(redis, place, 5_000);
    await expect(redis.get('others:key')).rejects.toThrow(/NOPERM/);
    await expect(redis.flushall()).rejects.toThrow(/NOPERM/);
    await expect(redis.config('SET', 'appendonly', 'no')).rejects.toThrow(/NOPERM/);
    redis.disconnect();
  });

  it('hears that CONFIG GET is not allowed where it is not, and is let in all the same', async () => {
    await admin.call('ACL', 'SETUSER', 'aixops', '-config|get');
    const redis = connectRedis(place, () => undefined);
    await readyRedis(redis, place, 5_000);
    const [problem, ...others] = await redisProblems(redis, place);
    expect(problem?.kind).toBe('untold');
    expect(problem?.sentence).toContain('does not show its settings (CONFIG GET)');
    expect(others).toEqual([]);
    redis.disconnect();
  });
});

const bullmq = join(root, 'node_modules/bullmq/dist/esm/scripts');

function commandsIn(below: string): readonly string[] {
  const files = readdirSync(below, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:ts|js)$/.test(name),
  );
  return files.flatMap((name) => {
    const text = readFileSync(join(below, name), 'utf8');
    return [...text.matchAll(/(?:rcall|redis\.p?call)\(\\?['"]([A-Za-z]+)/g)].map(([, command = '']) =>
      command.toLowerCase(),
    );
  });
}
