import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Request } from '../../src/core/request.js';
import type { Change } from '../../src/approval/states.js';
import type { JobData } from '../../src/queue/queues.js';
import { startWorker } from '../../src/queue/queues.js';
import { startCluster } from '../lab/redis-cluster.js';
import type { RedisGroup } from '../lab/redis-group.js';
import { startSentinels } from '../lab/redis-sentinel.js';
import { startRedis } from '../lab/redis-server.js';
import { expectEveryAnswer, expectEveryChangeOnce, expectEveryMessageOnce } from './rolling-checks.js';
import { play, until, type Story } from './rolling-story.js';
import { openRollingWorld, type RollingWorld } from './rolling-world.js';

// One world after the other: each has a machine's worth of processes.
const limitMs = 900_000;

let world: RollingWorld;
let story: Story;

/** What every story must come to. */
function itIsWhole({ isBotKilled }: { readonly isBotKilled: boolean }): void {
  it('answers each command, by one card that came to its end or at once', () => {
    const { told, course, clicks } = story;
    const unanswered = told.reduce((sum, { done }) => sum + done.unanswered, 0);
    const again = told.filter(({ done }) => done.tries > 1).length;
    console.info(
      `${course}; ${unanswered} without an answer in time, ${again} tried again, ${clicks.length} clicks`,
    );
    expect(told).toHaveLength(200);
    expectEveryAnswer(story, { isBotKilled });
  });

  it('leaves each message once in Slack, in its last state', async () => {
    await expectEveryMessageOnce(world, story, { isBotKilled });
  });

  it('runs each change once', async () => {
    await expectEveryChangeOnce(world, story);
  });

  it('ends every process in order that was told so', () => {
    expect(story.endings.filter((code) => code !== 0)).toEqual([]);
  });

  it('leaves a chain of records that holds', async () => {
    expect(await world.verifyAudit()).toMatch(/\S/);
  });
}

// It tells of Redis and not of Node: once, on the Node that the image has.
const isOfImage = Number(process.versions.node.split('.')[0]) >= 24;
if (!isOfImage)
  console.warn(`fail-overs are left out on Node ${process.versions.node}: they are tried on 24`);

describe.skipIf(!isOfImage).each([
  ['Sentinels', (folder: string) => startSentinels({ folder, replicas: 1 })],
  ['a Cluster', (folder: string) => startCluster({ folder })],
] as const)(
  'the same while %s put another master in place, once in order and once because it died,',
  (_form, start) => {
    let redis: RedisGroup;

    beforeAll(async () => {
      world = await openRollingWorld(async (folder) => (redis = await start(folder)));
      const disturbances = new Map([
        [60, () => redis.failOver().then(() => redis.restore())],
        [130, () => redis.killMaster().then(() => redis.restore())],
      ]);
      story = await play(world, { count: 200, everyMs: 150, rounds: 1, disturbances });
    }, limitMs);
    afterAll(() => world.stop());

    itIsWhole({ isBotKilled: false });
  },
);

describe('200 commands while each of two bots and three workers is stopped and started, twice,', () => {
  beforeAll(async () => {
    world = await openRollingWorld(async (folder) => {
      const redis = await startRedis({ folder });
      return { settings: `redis: { url: "${redis.url}" }`, stop: () => redis.stop() };
    });
    // Of the first worker and the first bot the end in order is seen twice.
    story = await play(world, { count: 200, everyMs: 150, rounds: 2, isKilled: (n) => n > 1 });
  }, limitMs);
  afterAll(() => world.stop());

  itIsWhole({ isBotKilled: true });
  describe('what a newer aixops has left in Redis, in front of workers that do not know it', newerThings);
});

/** Jobs and documents of a version that nobody here is of. */
function newerThings(): void {
  const notAfter = Date.now() + 3_600_000;
  const isHandedOn = async (job: string): Promise<boolean> =>
    (await world.shared.redis.exists(`{aixops}:change:${job}~1`)) === 1;

  it('are jobs that wait for a worker that knows them', async () => {
    const { shared } = world;
    const seen: string[] = [];
    const unknown = { v: 2, id: 'deep', notAfter, moreThanNow: true } as unknown as JobData;
    await shared.queues.add('read', 'diagnose', unknown, { jobId: 'newer-diagnose' });
    await shared.queues.add(
      'change',
      'reticulate',
      { v: 1, id: 'spline', notAfter },
      { jobId: 'newer-name' },
    );
    await until(async () => {
      const isDelayed = (await shared.redis.zscore('{aixops}:read:delayed', 'newer-diagnose')) !== null;
      return isDelayed && (await isHandedOn('newer-name')) ? null : 'both jobs are left';
    });
    const workers = (['read', 'change'] as const).map((queue) =>
      startWorker(
        {
          ...{
            connection: shared.workerLink(),
            queue,
            concurrency: 1,
            clock: Date.now,
            again: shared.queues,
          },
          ...{ onLeft: () => undefined, onFailed: () => undefined, onError: () => undefined },
          // The version that queued them: whatever else it meets it leaves to the others.
          knows: (name) => name === 'reticulate',
          onGivenUp: () => Promise.resolve(),
        },
        (name, { id }) => {
          seen.push(`${name} ${id}`);
          return Promise.resolve();
        },
      ),
    );
    await until(() => Promise.resolve(seen.length > 0 ? null : 'the newer worker takes its job'));
    await Promise.all(workers.map((worker) => worker.close(1_000)));
    expect(seen).toEqual(['reticulate spline']);
    // The other one, of a version that nobody here knows, still waits.
    expect(await shared.queues.depth('read')).toBe(1);
  }, 300_000);

  it('is a request whose fields it does not know: they are kept, and it is carried out', async () => {
    const { shared } = world;
    const [first] = story.requests;
    if (first === undefined) throw new Error('no request');
    const request: Request & { hue: object } = {
      ...{ ...first, id: 'roundtrip00000000000', phase: 'queued', verdicts: [], offers: [], done: 0 },
      ...{ wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['well1'], now: true } as const },
      hue: { of: ['a', 'later', 'version'] },
    };
    await shared.requests.put(request);
    await shared.queues.add('read', 'diagnose', { v: 1, id: request.id, notAfter });
    await until(async () =>
      (await shared.requests.get(request.id))?.phase === 'done' ? null : 'the request is done',
    );
    expect(await shared.requests.get(request.id)).toMatchObject({ hue: request.hue });
  }, 300_000);

  it.each([
    ['of a later version', { v: 2 }],
    ['in a state that is not known', { v: 1, state: 'paused' }],
  ])(
    'is a change %s: nobody touches it, and whoever presses its button is told',
    async (_what, later) => {
      const { shared } = world;
      const [known] = story.changes;
      if (known === undefined) throw new Error('no change');
      const id = `c-later${String(later.v)}`;
      const newer: Change = { ...known, id, state: 'proposed', journal: [], history: [] };
      await shared.changes.create(newer);
      const key = `{aixops}:change:${id}`;
      const text = JSON.stringify({ ...newer, ...later });
      await shared.redis.hset(key, 'doc', text);
      await shared.changes.setDue(id, Date.now());
      await shared.queues.add('change', 'apply-fix', { v: 1, id, notAfter }, { jobId: `apply-${id}` });
      await until(async () => ((await isHandedOn(`apply-${id}`)) ? null : 'the job is left'));
      const answer = await shared.changes.get(id).catch((error: unknown) => String(error));
      expect(answer).toContain('was written by a newer version of aixops');
      expect(await shared.redis.hget(key, 'doc')).toBe(text);
      await shared.redis.srem('{aixops}:changes:open', id);
      await shared.changes.setDue(id, null);
    },
    300_000,
  );
}
