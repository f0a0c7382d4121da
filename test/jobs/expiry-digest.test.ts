import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expiryDigest, postNow, wakeDigests, type DigestTools } from '../../jobs/expiry-digest.js';
import { createAudit } from '../../src/audit/audit.js';
import type { Attachment, Message } from '../../src/core/message.js';
import { unobserved } from '../../src/core/observe.js';
import type { Poster } from '../../src/core/poster.js';
import { localTime, weekdays } from '../../src/digest/calendar.js';
import { dueDate, type DigestChannel } from '../../src/digest/schedule.js';
import { createDigestStore, type DigestStore } from '../../src/digest/store.js';
import { createOutbox, type Outbox } from '../../src/outbox/outbox.js';
import { pumpChannel } from '../../src/outbox/pump.js';
import type { JobData } from '../../src/queue/queues.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { inDays, node, store, stored } from '../digest/examples.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { log } from './workbench.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-'));
let server: RedisServer;
const connections: Redis[] = [];

beforeAll(async () => {
  server = await startRedis({ folder });
  for (let n = 0; n < 2; n += 1) {
    const redis = connectRedis(server.url, () => undefined);
    await readyRedis(redis, server.url, 5_000);
    connections.push(redis);
  }
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await connections[0]?.flushall();
});

const days = [...weekdays];
const channels: readonly DigestChannel[] = [
  { channel: 'CBERLIN', time: '02:30', zone: 'Europe/Berlin', targets: ['all'], days },
  { channel: 'CNEWYORK', time: '01:30', zone: 'America/New_York', targets: ['all'], days },
  { channel: 'CLORDHOWE', time: '02:00', zone: 'Australia/Lord_Howe', targets: ['all'], days },
  { channel: 'CKATHMANDU', time: '07:30', zone: 'Asia/Kathmandu', targets: ['all'], days },
];

/** Where a process may be killed: before or after each write that a digest makes. */
const moments = [
  'read',
  'before keepDaily',
  'after keepDaily',
  'before put 0',
  'after put 0',
  'after put 1',
  'after put 2',
  'before markPosted',
  'after markPosted',
] as const;
type Moment = (typeof moments)[number];

class Killed extends Error {}

/** One worker process on its own connection; `killAt` ends it there: nothing that it does afterwards takes effect. */
function replica(redis: Redis, clock: () => number, killAt: { at: Moment | null }) {
  const queued = new Map<string, JobData>();
  let dead = false;
  let puts = 0;
  const pass = (moment: string): void => {
    if (killAt.at === moment) {
      dead = true;
      killAt.at = null;
    }
    if (dead) throw new Killed(moment);
  };
  const alive = (): void => {
    if (dead) throw new Killed('dead');
  };
  const bare = createDigestStore(redis, keyPrefix);
  const digest: DigestStore = {
    ...bare,
    letGo: (channel, token) => (dead ? Promise.resolve() : bare.letGo(channel, token)),
    keepDaily: async (edition, memory) => {
      pass('before keepDaily');
      const kept = await bare.keepDaily(edition, memory);
      pass('after keepDaily');
      return kept;
    },
    markPosted: async (edition) => {
      pass('before markPosted');
      await bare.markPosted(edition);
      pass('after markPosted');
    },
  };
  const plainOutbox = createOutbox(redis, keyPrefix, () => Promise.resolve());
  const outbox: Outbox = {
    ...plainOutbox,
    putOnce: async (letter, content) => {
      pass(`before put ${puts}`);
      await plainOutbox.putOnce(letter, content);
      pass(`after put ${puts}`);
      puts += 1;
    },
  };
  const tools: DigestTools = {
    inventory: { nodes: new Map(), hmcs: new Map(), systems: new Map(), clusters: new Map() },
    chooseNodes: () => [],
    outbox,
    audit: createAudit(redis, keyPrefix, clock),
    queue: {
      add: (_queue, _name, data, options) => {
        queued.set(options?.jobId ?? '', data);
        return Promise.resolve();
      },
    },
    clock,
    newId: () => Math.random().toString(36).slice(2),
    log,
    digest,
    digestChannels: channels,
    readNodes: () => {
      alive();
      pass('read');
      return Promise.resolve([
        node('lpar1', [store('/a.pem', [stored({ until: inDays(-1, Date.parse('2026-01-01T00:00:00Z')) })])]),
      ]);
    },
    drawYear: () => Promise.resolve(Buffer.from('a picture')),
    observe: unobserved,
  };
  return { tools, queued };
}

interface Posted {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly text: string;
}

/** A Slack that only writes down. */
function slack(): { posted: Posted[]; files: Attachment[]; poster: Poster } {
  const posted: Posted[] = [];
  const files: Attachment[] = [];
  const post = (channel: string, threadTs: string | null, message: Message) => {
    posted.push({ channel, threadTs, text: message.text });
    return Promise.resolve({ ts: `${posted.length}.0`, channel });
  };
  return {
    posted,
    files,
    poster: {
      post,
      update: () => Promise.resolve(),
      whisper: () => Promise.resolve(),
      upload: (_channel, _thread, file) => {
        files.push(file);
        return Promise.resolve();
      },
    },
  };
}

async function deliver(redis: Redis, poster: Poster): Promise<void> {
  const outbox = createOutbox(redis, keyPrefix, () => Promise.resolve());
  for (const channel of await outbox.waiting())
    await pumpChannel(channel, {
      outbox,
      poster,
      clock: () => 0,
      sleep: () => Promise.resolve(),
      newToken: () => Math.random().toString(36),
      onDropped: (entry, code) => {
        throw new Error(`${entry.key} dropped: ${code}`);
      },
      onUnsure: () => undefined,
    });
}

const signal = new AbortController().signal;
const dateIn = (text: string): string => /\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? '';

/** The clock ticks, and whichever of the two workers takes a job does it; both may take the same one. */
async function tick(redis: readonly Redis[], clock: () => number, kill: Moment | null): Promise<void> {
  const killAt = { at: kill };
  const replicas = redis.map((one) => replica(one, clock, killAt));
  await wakeDigests(replicas[0]?.tools ?? fail());
  const jobs = [...(replicas[0]?.queued.values() ?? [])];
  await Promise.all(
    replicas.flatMap(({ tools }) =>
      jobs.map((job) =>
        expiryDigest(job.id, tools, signal).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        }),
      ),
    ),
  );
}

function fail(): never {
  throw new Error('there is no replica');
}

describe('the daily digest', () => {
  it('comes once in each channel on every local day of a year, over both nights of summer time, with two workers, of which one is killed at every moment', async () => {
    const [redis = fail()] = connections;
    const { posted, files, poster } = slack();
    let now = Date.parse('2026-01-01T12:00:00Z');
    const clock = (): number => now;
    for (const { channel } of channels) await redis.set(`${keyPrefix}digest:posted:${channel}`, '2026-01-01');
    const end = Date.parse('2027-01-01T12:00:00Z');
    let kills = 0;
    for (let ticks = 0; now < end; now += 1_800_000, ticks += 1) {
      if (!(await anyDue(redis, now))) continue;
      // Once a day somewhere, another moment each time; the dead worker's claim runs out before the next look.
      const kill = ticks % 3 === 0 ? (moments[kills++ % moments.length] ?? null) : null;
      await tick(connections, clock, kill);
      for (const { channel } of channels) await redis.del(`${keyPrefix}digest:claim:${channel}`);
      if (ticks % 2 === 0) await deliver(redis, poster);
    }
    await deliver(redis, poster);
    expect(kills).toBeGreaterThan(100);
    for (const { channel, zone } of channels) {
      const dates = posted
        .filter((one) => one.channel === channel && one.threadTs === null)
        .map(({ text }) => dateIn(text));
      const expected: string[] = [];
      for (
        let day = '2026-01-02';
        day <= localTime(end, zone).date;
        day = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
      )
        expected.push(day);
      const missing = expected.filter((day) => !dates.includes(day));
      // The last day may not have come to its time yet.
      expect(missing.filter((day) => day !== expected.at(-1))).toEqual([]);
      expect(dates).toEqual([...new Set(dates)]);
      // One thread message of the one certificate each day, and one picture.
      const threads = posted.filter((one) => one.channel === channel && one.threadTs !== null);
      expect(threads.map(({ threadTs }) => threadTs)).toEqual([
        ...new Set(threads.map(({ threadTs }) => threadTs)),
      ]);
      expect(threads).toHaveLength(dates.length);
    }
    expect(files).toHaveLength(posted.filter(({ threadTs }) => threadTs === null).length);
    expect(files[0]).toMatchObject({
      encoding: 'base64',
      altText: expect.stringContaining('expired already') as unknown,
    });
  }, 300_000);

  it.each(moments)('is made whole by the next worker after one was killed at: %s', async (moment) => {
    const [redis = fail()] = connections;
    const { posted, poster } = slack();
    let now = Date.parse('2026-05-06T00:31:00Z');
    await redis.set(`${keyPrefix}digest:posted:CBERLIN`, '2026-05-05');
    const first = replica(redis, () => now, { at: moment });
    await expect(expiryDigest('CBERLIN', first.tools, signal)).rejects.toBeInstanceOf(Killed);
    if (moment !== 'after markPosted')
      expect(await redis.get(`${keyPrefix}digest:posted:CBERLIN`)).toBe('2026-05-05');
    // While the claim of the dead one holds, nobody else works on it; then somebody does, a day later.
    const second = replica(redis, () => now, { at: null });
    await expiryDigest('CBERLIN', second.tools, signal);
    await redis.del(`${keyPrefix}digest:claim:CBERLIN`);
    now += 24 * 3_600_000;
    await expiryDigest('CBERLIN', second.tools, signal);
    await deliver(redis, poster);
    const dates = posted.filter(({ threadTs }) => threadTs === null).map(({ text }) => dateIn(text));
    const wasKept = ['read', 'before keepDaily'].includes(moment) ? [] : ['2026-05-06'];
    expect(dates).toEqual([...wasKept, '2026-05-07']);
    expect(await redis.get(`${keyPrefix}digest:posted:CBERLIN`)).toBe('2026-05-07');
    expect(await second.tools.digest.isPending('CBERLIN')).toBe(false);
  });

  it('comes late, under its own date, after a night in which nothing ran', async () => {
    const [redis = fail()] = connections;
    const { posted, poster } = slack();
    await redis.set(`${keyPrefix}digest:posted:CBERLIN`, '2026-05-03');
    const { tools } = replica(redis, () => Date.parse('2026-05-06T22:05:00Z'), { at: null });
    await expiryDigest('CBERLIN', tools, signal);
    await deliver(redis, poster);
    expect(posted[0]?.text).toContain('Wed 2026-05-06');
    expect(posted[0]?.text).toContain(
      'This is the digest of 2026-05-06, posted late at 2026-05-06 22:05 UTC',
    );
    expect(posted.filter(({ threadTs }) => threadTs === null)).toHaveLength(1);
  });

  it('posted by hand before its time does not come again, and by hand only once', async () => {
    const [redis = fail()] = connections;
    const { posted, poster } = slack();
    let now = Date.parse('2026-05-06T00:10:00Z');
    await redis.set(`${keyPrefix}digest:posted:CKATHMANDU`, '2026-05-05');
    const { tools, queued } = replica(redis, () => now, { at: null });
    const channel = channels[3] ?? fail();
    expect(await postNow(channel, tools)).toMatchObject({ kind: 'posted', date: '2026-05-06' });
    const again = await postNow(channel, tools);
    expect(again).toMatchObject({ kind: 'before', edition: { id: 'CKATHMANDU-2026-05-06' } });
    now += 3 * 3_600_000;
    await wakeDigests({ ...tools, digestChannels: [channel] });
    expect([...queued.keys()]).toEqual([]);
    await deliver(redis, poster);
    expect(posted.filter(({ threadTs }) => threadTs === null)).toHaveLength(1);
  });

  it('writes to the audit trail what it posts', async () => {
    const [redis = fail()] = connections;
    const { tools } = replica(redis, () => Date.parse('2026-05-06T03:00:00Z'), { at: null });
    await expiryDigest('CBERLIN', tools, signal);
    const [record] = await tools.audit.read(0, 10);
    expect(record).toMatchObject({
      code: 'digest.posted',
      actor: 'worker',
      object: 'CBERLIN-2026-05-06',
      detail: { lines: 1 },
    });
  });
});

/** Whether the clock would queue anything: one look is cheaper than making workers for every half hour of a year. */
async function anyDue(redis: Redis, nowMs: number): Promise<boolean> {
  const names = channels.flatMap(({ channel }) => [`posted:${channel}`, `pending:${channel}`]);
  const values = await redis.mget(...names.map((name) => `${keyPrefix}digest:${name}`));
  return channels.some(
    (channel, at) => values[2 * at + 1] != null || dueDate(channel, nowMs, values[2 * at] ?? null) !== null,
  );
}
