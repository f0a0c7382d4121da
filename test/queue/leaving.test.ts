import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NewerError } from '../../src/core/stored.js';
import { handedOn, isLeftTooLong, leaveForMs, sayingLeft } from '../../src/queue/leaving.js';
import {
  createQueues,
  startWorker,
  type JobData,
  type JobHandler,
  type Queues,
  type RunningWorker,
} from '../../src/queue/queues.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-leaving-'));
let server: RedisServer;
let redis: Redis;
let waiting: Redis;
let queues: Queues;
const running: RunningWorker[] = [];

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = connectRedis(server.url, () => undefined);
  waiting = connectRedis(server.url, () => undefined, 'worker');
  await readyRedis(redis, server.url, 5_000);
  queues = createQueues(redis, () => undefined);
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.close(0)));
});
afterAll(async () => {
  await queues.close();
  waiting.disconnect();
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What an upgraded process might queue: this version knows neither. */
const newer = (id: string, notAfter = Date.now() + 60_000): JobData =>
  ({ v: 2, id, notAfter, moreThanNow: true }) as unknown as JobData;
const known = (id: string, notAfter = Date.now() + 60_000): JobData => ({ v: 1, id, notAfter });

interface Said {
  readonly done: string[];
  readonly left: string[];
  readonly failed: string[];
  readonly givenUp: string[];
}

function work(
  queue: 'read' | 'change',
  { knows = () => true, handle }: { knows?: (name: string) => boolean; handle?: JobHandler } = {},
): Said & { readonly worker: RunningWorker } {
  const said: Said = { done: [], left: [], failed: [], givenUp: [] };
  const doing: JobHandler = async (name, data, signal) => {
    await handle?.(name, data, signal);
    said.done.push(`${name} ${data.id}`);
  };
  const settings = {
    connection: waiting,
    queue,
    knows,
    concurrency: 5,
    clock: Date.now,
    again: queues,
    onLeft: (_queue: string, name: string, id: string) => said.left.push(`${name} ${id}`),
    onGivenUp: (_queue: string, name: string, id: string, why: string) => {
      said.givenUp.push(`${name} ${id} ${why}`);
      return Promise.resolve();
    },
    onFailed: (_queue: string, name: string, id: string) => said.failed.push(`${name} ${id}`),
    onError: () => undefined,
  };
  const worker = startWorker(settings, doing);
  running.push(worker);
  return { ...said, worker };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a job that this version does not know', () => {
  it.each(['read', 'change'] as const)(
    'of queue %s is left, and done once by a worker that knows it',
    async (queue) => {
      const old = work(queue, { knows: (name) => name !== 'reticulate' });
      await queues.add(queue, 'reticulate', known('spline'), { jobId: 'reticulate-spline' });
      await queues.add(queue, 'diagnose', newer('deep'), { jobId: 'diagnose-deep' });
      await until('both are left', () => old.left.length >= 2);
      expect(new Set(old.left)).toEqual(new Set(['reticulate spline', 'diagnose deep']));
      expect([old.done, old.failed, old.givenUp]).toEqual([[], [], []]);
      await old.worker.close(0);
      const young = work(queue);
      await until('the one is done', () => young.done.length === 1);
      expect(young.done).toEqual(['reticulate spline']);
    },
    60_000,
  );

  it.each(['read', 'change'] as const)(
    'of queue %s is given up when its time is over, and said',
    async (queue) => {
      const old = work(queue);
      await queues.add(queue, 'diagnose', newer('late', Date.now() - 1));
      await until('it is given up', () => old.givenUp.length === 1);
      expect(old.givenUp).toEqual(['diagnose late unknown']);
      // It is told while the job is still in hand.
      await expect.poll(() => queues.depth(queue), { timeout: 20_000 }).toBe(0);
    },
  );

  it('is also one whose document is newer', async () => {
    let isUpgraded = false;
    const seen = work('change', {
      handle: () => (isUpgraded ? Promise.resolve() : Promise.reject(new NewerError('change', 'c-1'))),
    });
    await queues.add('change', 'apply-fix', known('c-1'));
    await until('it is left', () => seen.left.length > 0);
    expect(seen.failed).toEqual([]);
    isUpgraded = true;
    await until('it is done', () => seen.done.length > 0);
    expect(seen.done).toEqual(['apply-fix c-1']);
  }, 60_000);

  it('is said when nobody took a job that is known in its time', async () => {
    const seen = work('read');
    await queues.add('read', 'diagnose', known('late', Date.now() - 1));
    await until('it is given up', () => seen.givenUp.length === 1);
    expect([seen.givenUp, seen.done]).toEqual([['diagnose late late'], []]);
  });
});

describe('a worker that is told to stop', () => {
  it('gives a read that is not through back to be made by another one at once', async () => {
    const began: string[] = [];
    const hanging = work('read', {
      handle: (name, _data, signal) =>
        new Promise((_resolve, reject) => {
          began.push(name);
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        }),
    });
    await queues.add('read', 'diagnose', known('1'), { jobId: 'diagnose-1' });
    await until('it began', () => began.length === 1);
    await hanging.worker.close(50);
    expect([hanging.done, hanging.failed]).toEqual([[], []]);
    expect(await queues.depth('read')).toBe(1);
    const next = work('read');
    await until('another one does it', () => next.done.length === 1);
    expect(next.done).toEqual(['diagnose 1']);
  }, 60_000);

  it('gives it back although the read does not hear of it', async () => {
    let began = false;
    const deaf = work('read', {
      handle: () => {
        began = true;
        return new Promise(() => undefined);
      },
    });
    await queues.add('read', 'diagnose', known('1'));
    await until('it began', () => began);
    await deaf.worker.close(50);
    expect(await queues.depth('read')).toBe(1);
  }, 60_000);

  it('finishes a read that is quick enough', async () => {
    let finish = (): void => undefined;
    let began = false;
    const quick = work('read', {
      handle: () =>
        new Promise((resolve) => {
          began = true;
          finish = resolve;
        }),
    });
    await queues.add('read', 'diagnose', known('1'));
    await until('it began', () => began);
    const closed = quick.worker.close(60_000);
    finish();
    await closed;
    expect([quick.done, await queues.depth('read')]).toEqual([['diagnose 1'], 0]);
  }, 60_000);
});

describe('leaving', () => {
  it('waits longer with time, and never longer than half a minute', () => {
    expect([1, 10, 11, 30, 31, 1_000].map(leaveForMs)).toEqual([1_000, 1_000, 5_000, 5_000, 30_000, 30_000]);
  });

  it('counts on the change queue in the job’s id', () => {
    const job = { name: 'x', data: {}, timestamp: 5, attemptsStarted: 1 };
    expect(handedOn({ ...job, id: 'apply-c-1' })).toEqual({ times: 1, nextId: 'apply-c-1~1' });
    expect(handedOn({ ...job, id: 'apply-c-1~41' })).toEqual({ times: 42, nextId: 'apply-c-1~42' });
    expect(handedOn(job)).toEqual({ times: 1, nextId: 'job-5~1' });
  });

  it('ends after a day where the job names no end', () => {
    const job = { name: 'x', data: 'nonsense', timestamp: 0, attemptsStarted: 1 };
    expect(isLeftTooLong(job, 1, 86_400_000)).toBe(false);
    expect(isLeftTooLong(job, 1, 86_400_001)).toBe(true);
    expect(isLeftTooLong({ ...job, timestamp: 86_400_001 }, 2_881, 86_400_001)).toBe(true);
  });

  it('is said once in ten minutes for each kind of job', () => {
    const said: object[] = [];
    let now = 0;
    const say = sayingLeft({ warn: (fields) => said.push(fields) }, () => now);
    say('read', 'a', '1');
    say('read', 'a', '2');
    say('read', 'b', '3');
    now = 600_000;
    say('read', 'a', '4');
    expect(said).toEqual([
      { queue: 'read', job: 'a', id: '1' },
      { queue: 'read', job: 'b', id: '3' },
      { queue: 'read', job: 'a', id: '4' },
    ]);
  });
});
