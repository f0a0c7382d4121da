import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createQueues, startWorker, type JobData, type Queues } from '../../src/queue/queues.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-queues-'));
let server: RedisServer;
let redis: Redis;
let waiting: Redis;
let queues: Queues;

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = connectRedis(server.url, () => undefined);
  waiting = connectRedis(server.url, () => undefined, 'worker');
  await readyRedis(redis, server.url, 5_000);
  queues = createQueues(redis, () => undefined);
});
afterAll(async () => {
  await queues.close();
  waiting.disconnect();
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
});

const data = (id: string, notAfter = Date.now() + 60_000): JobData => ({ v: 1, id, notAfter });

const settings = (queue: 'read' | 'change', failed: string[] = []) => ({
  connection: waiting,
  queue,
  concurrency: 5,
  clock: Date.now,
  knows: () => true,
  again: queues,
  onLeft: () => undefined,
  onGivenUp: () => Promise.resolve(),
  onFailed: (_queue: string, name: string, id: string) => failed.push(`${name} ${id}`),
  onError: () => undefined,
});

function worker(queue: 'read' | 'change', seen: string[], failed: string[] = []) {
  return startWorker(settings(queue, failed), (name, { id }) => {
    seen.push(`${name} ${id}`);
    return id === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the queues', () => {
  it('run a job once, and the same job id only once', async () => {
    const seen: string[] = [];
    await queues.add('read', 'diagnose', data('1'), { jobId: 'diagnose-1' });
    await queues.add('read', 'diagnose', data('1'), { jobId: 'diagnose-1' });
    const running = worker('read', seen);
    await until(() => seen.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await running.close(8_000);
    expect(seen).toEqual(['diagnose 1']);
  });

  it('take what is quickly done before what is wide, whoever was first', async () => {
    const seen: string[] = [];
    await queues.add('read', 'diagnose', data('all'), { isWide: true });
    await queues.add('read', 'diagnose', data('all-too'), { isWide: true });
    await queues.add('read', 'diagnose', data('one'));
    expect(await queues.depth('read')).toBe(3);
    const standing = await queues.standing('read', Date.now() + 5_000);
    expect([standing.waiting, standing.oldestMs === null]).toEqual([3, false]);
    const running = worker('read', seen);
    await until(() => seen.length === 3);
    await running.close(8_000);
    expect(seen).toEqual(['diagnose one', 'diagnose all', 'diagnose all-too']);
  });

  it('have places for what is quickly done while much that is wide is under way, and take no more of that than they may', async () => {
    const seen: string[] = [];
    const wide = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];
    let underWay = 0;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const handle = async (_name: string, { id }: JobData): Promise<void> => {
      if (wide.includes(id)) {
        underWay += 1;
        await held;
      }
      seen.push(id);
    };
    for (const id of wide.slice(0, 3)) await queues.add('read', 'diagnose', data(id), { isWide: true });
    const running = startWorker({ ...settings('read'), concurrency: 2, wideBeside: 3 }, handle);
    await until(() => underWay === 3);
    await queues.add('read', 'diagnose', data('one'));
    await queues.add('read', 'diagnose', data('two'));
    await until(() => seen.length === 2);
    expect(seen.sort()).toEqual(['one', 'two']);
    for (const id of wide.slice(3)) await queues.add('read', 'diagnose', data(id), { isWide: true });
    await until(() => underWay === 5);
    expect((await queues.standing('read', Date.now())).waiting).toBe(1);
    letGo();
    await until(() => seen.length === 8);
    await running.close(8_000);
    expect(seen.sort()).toEqual(['one', 'two', ...wide]);
    expect(underWay).toBe(6);
  });

  it('never try a job of the change queue again, and try a reading job again', async () => {
    const [changes, reads, failed]: [string[], string[], string[]] = [[], [], []];
    const workers = [worker('change', changes, failed), worker('read', reads)];
    await queues.add('change', 'apply-fix', data('bad'));
    await queues.add('read', 'diagnose', data('bad'));
    await until(() => reads.length > 1 && failed.length > 0);
    await Promise.all(workers.map((one) => one.close(8_000)));
    expect(changes).toEqual(['apply-fix bad']);
    expect(failed).toEqual(['apply-fix bad']);
    expect(reads.length).toBeGreaterThan(1);
  });

  it('leave a job alone whose time is over', async () => {
    const seen: string[] = [];
    const running = worker('read', seen);
    await queues.add('read', 'diagnose', data('late', Date.now() - 1));
    await queues.add('read', 'diagnose', data('now'));
    await until(() => seen.length > 0);
    await running.close(8_000);
    expect(seen).toEqual(['diagnose now']);
  });

  it('hold a delayed job back, and keep one schedule however many processes ask for it', async () => {
    const seen: string[] = [];
    const started = Date.now();
    const running = worker('change', seen);
    await queues.add('change', 'apply-fix', data('1'), { delayMs: 400 });
    await until(() => seen.length > 0);
    await running.close(8_000);
    expect(Date.now() - started).toBeGreaterThan(380);
    await Promise.all(Array.from({ length: 5 }, () => queues.schedule('expire', 60_000)));
    expect(await queues.depth('clock')).toBe(1);
  });

  it('reject at once, and leave no ghost, while Redis is away', async () => {
    await server.kill();
    const started = Date.now();
    await expect(queues.add('read', 'diagnose', data('ghost'))).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(20_000);
    await server.restart();
    await readyRedis(redis, server.url, 8_000);
    expect(await queues.depth('read')).toBe(0);
  }, 60_000);
});
