/** What holds of Redis with Sentinels and as a Cluster alike; each test file opens its group and runs these. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChangeStore } from '../../src/approval/store.js';
import { loadConfig } from '../../src/config.js';
import { createQueues, startWorker, type Queues, type RunningWorker } from '../../src/queue/queues.js';
import { createBus, type Bus } from '../../src/redis/bus.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createKept, keeping, type Kept } from '../../src/redis/kept.js';
import type { RedisLink } from '../../src/redis/link.js';
import type { RedisPlace } from '../../src/redis/place.js';
import { redisProblems } from '../../src/redis/problems.js';
import { problemLine } from '../../src/settings/problem.js';
import { exampleChange } from '../approval/example-change.js';
import { until, type RedisGroup } from '../lab/redis-group.js';

/** The group of a test file, and how we are connected to it. */
export interface OpenGroup {
  readonly group: RedisGroup;
  readonly place: RedisPlace;
  readonly redis: RedisLink;
  readonly kept: Kept;
}

/** What `redis:` in aixops.yaml comes to; throws its problems. */
export function placeOf(settings: string, env: Readonly<Record<string, string>> = {}): RedisPlace {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-place-'));
  writeFileSync(join(folder, 'aixops.yaml'), `${settings}\n`);
  const loaded = loadConfig({ folder, env });
  rmSync(folder, { recursive: true, force: true });
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(problemLine).join('\n'));
  return loaded.config.redis.place;
}

/** Connects as a process does. The caller closes. */
export async function openGroup(
  group: RedisGroup,
  env: Readonly<Record<string, string>> = {},
): Promise<OpenGroup> {
  const place = placeOf(group.settings, env);
  const redis = connectRedis(place, () => undefined);
  await readyRedis(redis, place, 20_000);
  const monotonic = (): number => performance.now();
  const kept = createKept({ redis, prefix: keyPrefix, replicas: place.replicas, monotonic });
  return { group, place, redis, kept };
}

/** Resolves when a message of one bus is heard on the other. */
export async function hears(listening: Bus, telling: Bus): Promise<void> {
  let heard = 0;
  const end = listening.subscribe('said', () => (heard += 1));
  await until('a message is heard', async () => {
    await telling.publish('said', '');
    return heard > 0;
  });
  end();
}

const by = { user: 'UBOB', at: '2026-03-01T02:01:00.000Z', note: '' };

/**
 * Fail-over, with writes and jobs under way; `hasSpare` when a replica is left after the master has died. The last test
 * leaves the group without any.
 */
export function behavesAsOneRedis(open: () => OpenGroup, { hasSpare }: { hasSpare: boolean }): void {
  let queues: Queues;
  let worker: RunningWorker;
  let waiting: RedisLink;
  let buses: readonly Bus[];
  const seen: string[] = [];

  beforeAll(() => {
    const { redis, place } = open();
    queues = createQueues(redis, () => undefined);
    waiting = connectRedis(place, () => undefined, 'worker');
    buses = [1, 2, 3].map(() => createBus({ redis, prefix: keyPrefix, onError: () => undefined }));
    const settings = {
      connection: waiting,
      queue: 'read' as const,
      concurrency: 5,
      clock: Date.now,
      knows: () => true,
      again: queues,
      onLeft: () => undefined,
      onGivenUp: () => Promise.resolve(),
      onFailed: () => undefined,
      onError: () => undefined,
    };
    worker = startWorker(settings, (name, { id }) => {
      seen.push(`${name} ${id}`);
      return Promise.resolve();
    });
  });
  afterAll(async () => {
    await worker.close(0);
    await queues.close();
    await Promise.all(buses.map((bus) => bus.close()));
    waiting.disconnect();
  });

  // Three listeners: in a Cluster each may listen on another node.
  const allHear = async (): Promise<void> => {
    await Promise.all(buses.map((bus) => hears(bus, bus)));
  };

  const add = (id: string) =>
    queues.add('read', 'diagnose', { v: 1, id, notAfter: Number.MAX_SAFE_INTEGER }, { jobId: `d-${id}` });
  const isDone = (id: string) => () => Promise.resolve(seen.includes(`diagnose ${id}`));

  describe('a fail-over', () => {
    it('finds nothing wrong with a whole group', async () => {
      const { redis, place } = open();
      expect(place.replicas).toBe(1);
      expect(await redisProblems(redis, place)).toEqual([]);
    });

    it('does not stop the queues: workers find the new master by themselves', async () => {
      const { group } = open();
      await add('before');
      await until('the job before', isDone('before'));
      await allHear();
      await group.failOver();
      await until('a job is taken after', () => add('after').then(() => true));
      await until('the job after', isDone('after'));
      await allHear();
      expect(seen.filter((one) => one === 'diagnose after')).toHaveLength(1);
    }, 90_000);

    it('loses nothing that was acknowledged when the master is killed in the middle of writes', async () => {
      const { group, redis, kept } = open();
      await group.restore();
      const changes = keeping(createChangeStore(redis, keyPrefix), ['create', 'move'], kept);
      const acknowledged: string[] = [];
      const refused: string[] = [];
      let isOver = false;
      let next = 0;
      const write = async (): Promise<void> => {
        while (!isOver) {
          const id = `killed-${(next += 1)}`;
          try {
            await changes.create(exampleChange({ id }));
            if ((await changes.move(id, 'approve', by)).kind === 'moved') acknowledged.push(id);
          } catch {
            refused.push(id);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      };
      const writers = Array.from({ length: 8 }, write);
      await until('some are written', () => Promise.resolve(acknowledged.length >= 100));
      await group.killMaster();
      const atFailOver = acknowledged.length;
      if (!hasSpare) await group.restore();
      await until('some are written after', () => Promise.resolve(acknowledged.length >= atFailOver + 50));
      await allHear();
      isOver = true;
      await Promise.all(writers);
      // Who writes to a master that is away is told so.
      expect(refused.length).toBeGreaterThan(0);
      const read = await Promise.all(acknowledged.map((id) => changes.get(id)));
      expect(read.filter((change) => change?.state !== 'approved')).toEqual([]);
    }, 120_000);

    it('refuses what it promises to keep when no replica is left, and writes nothing', async () => {
      const { group, redis, place, kept } = open();
      await group.killReplicas();
      await until('the master has seen them go', async () => {
        const found = await redisProblems(redis, place);
        return found.some(({ sentence }) => sentence.includes('are refused until there are more'));
      });
      const write = async () => kept(() => redis.set(`${keyPrefix}promised`, '1'));
      // What was seen within the last second still counts; then the write is not confirmed.
      await expect(write()).rejects.toThrow(/replica/);
      await redis.del(`${keyPrefix}promised`);
      await expect(write()).rejects.toMatchObject({ class: 'RefusedError', rule: 'redis-replicas' });
      expect(await redis.exists(`${keyPrefix}promised`)).toBe(0);
      await until('the group calls them down', async () =>
        (await redisProblems(redis, place)).some(({ sentence }) => sentence.includes(' is down')),
      );
    }, 60_000);
  });
}
