import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChangeIndex } from '../../src/approval/change-index.js';
import { firstDueMs, standingOfChanges } from '../../src/approval/standing.js';
import type { Change, Move } from '../../src/approval/states.js';
import { createChangeStore } from '../../src/approval/store.js';
import { watchedChanges } from '../../src/approval/watched-changes.js';
import type { Observed } from '../../src/core/observe.js';
import { createOutbox, type Priority } from '../../src/outbox/outbox.js';
import { pumpChannel } from '../../src/outbox/pump.js';
import { standingOfOutbox } from '../../src/outbox/standing.js';
import { createQueues } from '../../src/queue/queues.js';
import { connectRedis, keyPrefix } from '../../src/redis/connect.js';
import { createHmcGate } from '../../src/redis/hmc-gate.js';
import { exampleChange } from '../approval/example-change.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-standing-'));
let server: RedisInTest;
const seen: Observed[] = [];
const observe = (what: Observed): void => void seen.push(what);

beforeAll(async () => {
  server = await openRedisInTest(folder);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
  seen.length = 0;
});

describe('changes', () => {
  const at = (minutes: number): string =>
    new Date(Date.parse('2026-03-01T02:00:00Z') + minutes * 60_000).toISOString();

  async function make(
    id: string,
    patch: Partial<Change>,
    ...moves: readonly [Move, number][]
  ): Promise<void> {
    const store = watchedChanges(createChangeStore(server.redis, keyPrefix), observe);
    await store.create(
      exampleChange({ id, history: [{ at: at(0), move: 'propose', by: 'UA', note: '' }], ...patch }),
    );
    for (const [move, minutes] of moves)
      expect(await store.move(id, move, { user: 'UB', at: at(minutes), note: '' })).toMatchObject({
        kind: 'moved',
      });
  }
  const standing = () => standingOfChanges(server.redis, keyPrefix, new ChangeIndex(server.redis, keyPrefix));

  it('are counted by open state, with when the oldest came into it and when the first expires', async () => {
    await make('c-1', { expiresAt: at(90) });
    await make('c-2', { createdAt: at(5), history: [], expiresAt: at(60) });
    await make('c-3', {}, ['approve', 10], ['run', 20]);
    await make('c-4', {}, ['approve', 10], ['run', 30], ['lose', 40]);
    await make('c-5', {}, ['reject', 10]);
    const all = new Map((await standing()).map((one) => [one.state, one]));
    expect(all.get('proposed')).toEqual({
      state: 'proposed',
      count: 2,
      oldestMs: Date.parse(at(0)),
      firstExpiryMs: Date.parse(at(60)),
    });
    expect(all.get('running')).toMatchObject({ count: 1, oldestMs: Date.parse(at(20)), firstExpiryMs: null });
    expect(all.get('unknown')).toMatchObject({ count: 1, oldestMs: Date.parse(at(40)) });
    expect(all.get('verifying')).toMatchObject({ count: 0, oldestMs: null });
    expect(all.has('rejected')).toBe(false);
  });

  it('that another version moved are counted, and their age is not made up', async () => {
    await make('c-1', {}, ['approve', 10], ['run', 20]);
    await server.redis.hset(`${keyPrefix}change:c-1`, 'since', 'approved 1 2');
    expect((await standing()).find(({ state }) => state === 'running')).toMatchObject({
      count: 1,
      oldestMs: null,
    });
    await server.redis.hdel(`${keyPrefix}change:c-1`, 'since');
    expect((await standing()).find(({ state }) => state === 'running')).toMatchObject({
      count: 1,
      oldestMs: null,
    });
  });

  it('have each move noticed once, with where it came from', async () => {
    await make('c-1', {}, ['approve', 10], ['run', 20], ['verify', 30]);
    const store = watchedChanges(createChangeStore(server.redis, keyPrefix), observe);
    const by = { user: 'UB', at: at(40), note: '' };
    expect((await store.move('c-1', 'approve', by)).kind).toBe('not-allowed');
    expect((await store.move('c-none', 'approve', by)).kind).toBe('missing');
    expect(seen.map((what) => (what.kind === 'change-moved' ? [what.from, what.to] : what.kind))).toEqual([
      [null, 'proposed'],
      ['proposed', 'approved'],
      ['approved', 'running'],
      ['running', 'verifying'],
    ]);
  });

  it('tell when the first of them is to be looked at', async () => {
    expect(await firstDueMs(server.redis, keyPrefix)).toBeNull();
    const store = createChangeStore(server.redis, keyPrefix);
    await store.setDue('c-2', 2_000);
    await store.setDue('c-1', 1_000);
    expect(await firstDueMs(server.redis, keyPrefix)).toBe(1_000);
  });
});

describe('the outbox', () => {
  const letter = (key: string, channel: string, priority: Priority) => ({
    key,
    channel,
    thread: null,
    priority,
    user: 'UA',
  });
  const message = { kind: 'message', message: { text: 'x', blocks: [] } } as const;
  const outbox = () => createOutbox(server.redis, keyPrefix, () => Promise.resolve());
  const poster = {
    post: () => Promise.resolve({ ts: '1.1', channel: 'C1' }),
    update: () => Promise.resolve(),
    whisper: () => Promise.resolve(),
    upload: () => Promise.resolve(),
  };

  it('is counted by priority over all channels, and forgotten once it is sent', async () => {
    await outbox().put(letter('a', 'C1', 'approval'), message);
    await outbox().put(letter('b', 'C2', 'approval'), message);
    await outbox().put(letter('c', 'C2', 'digest'), message);
    await outbox().put(letter('c', 'C2', 'digest'), message);
    const before = await standingOfOutbox(server.redis, keyPrefix);
    expect(before.channels).toBe(2);
    expect(before.standing.map(({ priority, waiting }) => [priority, waiting])).toEqual([
      ['approval', 2],
      ['card', 0],
      ['detail', 0],
      ['digest', 1],
    ]);
    for (const { waiting, oldestMs } of before.standing)
      expect(oldestMs).toEqual(waiting === 0 ? null : expect.any(Number));
    for (const channel of ['C1', 'C2']) await pump(channel);
    const after = await standingOfOutbox(server.redis, keyPrefix);
    expect(after.channels).toBe(0);
    expect(after.standing.every(({ waiting, oldestMs }) => waiting === 0 && oldestMs === null)).toBe(true);
  });

  it('counts the waiting from when a message began to wait, by the clock of the store', async () => {
    await outbox().put(letter('a', 'C1', 'card'), message);
    const [seconds] = await server.redis.time();
    await server.redis.hset(`${keyPrefix}outbox:entry:a`, 'since', String((Number(seconds) - 100) * 1_000));
    await outbox().put(letter('a', 'C1', 'card'), message);
    const { standing } = await standingOfOutbox(server.redis, keyPrefix);
    expect(standing.find(({ priority }) => priority === 'card')?.oldestMs).toBeGreaterThan(98_000);
    await pump('C1');
    const [sent] = seen.flatMap((what) => (what.kind === 'message-sent' ? [what] : []));
    expect(sent).toMatchObject({ method: 'post', priority: 'card' });
    expect(sent?.waitedMs).toBeGreaterThan(98_000);
    await outbox().put(letter('a', 'C1', 'card'), message);
    await pump('C1');
    const again = seen.flatMap((what) => (what.kind === 'message-sent' ? [what] : [])).at(-1);
    expect(again).toMatchObject({ method: 'update' });
    expect(again?.waitedMs).toBeLessThan(98_000);
  });

  it('says how long after its request the first card came, and nothing of the later ones', async () => {
    const card = { ...letter('request:1', 'C1', 'card'), askedAt: '2026-03-01T02:00:00.000Z' };
    await outbox().put(card, message);
    await pump('C1', Date.parse('2026-03-01T02:00:01.250Z'));
    await outbox().put(card, message);
    await pump('C1', Date.parse('2026-03-01T02:30:00Z'));
    expect(seen.filter(({ kind }) => kind === 'card-shown')).toEqual([{ kind: 'card-shown', ms: 1_250 }]);
  });

  async function pump(channel: string, nowMs = 0): Promise<void> {
    const one = outbox();
    await pumpChannel(channel, {
      outbox: one,
      poster,
      observe,
      clock: () => nowMs,
      sleep: () => Promise.resolve(),
      newToken: () => 'token',
      onDropped: () => undefined,
      onUnsure: () => undefined,
    });
  }
});

describe('a queue', () => {
  it('tells what waits, and since when the oldest could have been taken', async () => {
    const queues = createQueues(server.redis, () => undefined);
    const now = Date.now();
    const idle = { waiting: 0, active: 0, delayed: 0, isPaused: false, oldestMs: null };
    expect(await queues.standing('read', now)).toEqual(idle);
    const data = { v: 1, id: 'x', notAfter: now + 60_000 } as const;
    await queues.add('read', 'diagnose', data, { delayMs: 3_600_000 });
    expect(await queues.standing('read', now)).toEqual({ ...idle, delayed: 1 });
    // No worker has moved it to where it can be taken, and still it is late.
    const later = await queues.standing('read', now + 2 * 3_600_000);
    expect(later.oldestMs).toBeGreaterThanOrEqual(now + 3_600_000);
    await queues.add('read', 'diagnose', data);
    const both = await queues.standing('read', Date.now() + 1_000);
    expect(both).toMatchObject({ waiting: 1, delayed: 1 });
    expect(both.oldestMs).toBeGreaterThanOrEqual(now);
    await queues.close();
  });
});

describe('sessions on an HMC', () => {
  it('are noticed when they are wanted, had, and given up', async () => {
    let now = 0;
    const options = {
      prefix: keyPrefix,
      limit: 1,
      clock: () => (now += 5),
      newToken: () => String(Math.random()),
    };
    const gate = createHmcGate({ ...options, redis: server.redis, observe });
    await Promise.all([gate('hmc1', () => Promise.resolve()), gate('hmc1', () => Promise.resolve())]);
    expect(seen.map(({ kind }) => kind).sort()).toEqual([
      'hmc-entered',
      'hmc-entered',
      'hmc-wanted',
      'hmc-wanted',
    ]);
    const away = connectRedis('redis://127.0.0.1:9', () => undefined);
    const shut = createHmcGate({ ...options, redis: away, observe, patienceMs: 0 });
    await expect(shut('hmc1', () => Promise.resolve())).rejects.toThrow();
    away.disconnect();
    expect(seen.at(-1)).toEqual({ kind: 'hmc-gave-up', hmc: 'hmc1' });
  });
});
