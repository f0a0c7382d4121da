import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeQuery } from '../../src/approval/change-index.js';
import { createLocks } from '../../src/approval/locks.js';
import { createChangeStore, type ChangeStore } from '../../src/approval/store.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';
import { busyWeek, changeIn } from './many-changes.js';

const prefix = '{aixops}:';
const now = Date.parse('2026-11-21T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'aixops-index-'));
let server: RedisInTest;
let redis: RedisLink;
let store: ChangeStore;

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
  store = createChangeStore(redis, prefix);
});

async function ids(query: ChangeQuery, from = 0, count = 100): Promise<readonly string[]> {
  return (await store.find(query, from, count)).changes.map(({ id }) => id);
}

describe('finding changes', () => {
  it('gives open ones first and then the newest, page by page, without leaving one out', async () => {
    const all = busyWeek(60, now);
    for (const change of all) await store.create(change);
    const first = await store.find({}, 0, 25);
    expect(first.total).toBe(60);
    const pages = [
      ...first.changes,
      ...(await store.find({}, 25, 25)).changes,
      ...(await store.find({}, 50, 25)).changes,
    ];
    expect(new Set(pages.map(({ id }) => id)).size).toBe(60);
    const ended = ['verified', 'failed', 'rejected', 'expired', 'stale', 'rolled-back', 'rollback-failed'];
    const isEnded = pages.map(({ state }) => ended.includes(state));
    expect(isEnded).toEqual([...isEnded].sort());
    for (const part of [pages.filter((_, n) => !isEnded[n]), pages.filter((_, n) => isEnded[n])])
      expect(part.map(({ createdAt }) => createdAt)).toEqual(
        part
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      );
  });

  it('chooses by place, state, fix, requester and time, and by all of them together', async () => {
    const week = busyWeek(60, now);
    for (const change of week) await store.create(change);
    const wanted: readonly (readonly [ChangeQuery, (change: (typeof week)[number]) => boolean])[] = [
      [{ places: ['node:lpar1'] }, ({ plan }) => plan.target === 'lpar1'],
      // A node's cluster is locked by the node's changes as well.
      [{ places: ['cluster:erp'] }, ({ plan }) => plan.target.startsWith('erp')],
      [{ places: ['node:lpar1', 'node:pvs1'] }, ({ plan }) => ['lpar1', 'pvs1'].includes(plan.target)],
      [{ states: ['failed', 'unknown'] }, ({ state }) => state === 'failed' || state === 'unknown'],
      [{ fix: 'rmc-restart' }, ({ plan }) => plan.fix === 'rmc-restart'],
      [{ requesters: ['UBOB'] }, ({ requester }) => requester === 'UBOB'],
      [{ since: now - 60 * 60_000 }, ({ createdAt }) => Date.parse(createdAt) >= now - 60 * 60_000],
      [
        { places: ['node:lpar2'], states: ['verified'], requesters: ['UALICE'], since: now - 4 * 3_600_000 },
        ({ plan, state, requester, createdAt }) =>
          plan.target === 'lpar2' &&
          state === 'verified' &&
          requester === 'UALICE' &&
          Date.parse(createdAt) >= now - 4 * 3_600_000,
      ],
      [{ places: ['node:nobody'] }, () => false],
      [{ places: [] }, () => false],
    ];
    for (const [query, fits] of wanted)
      expect([...(await ids(query))].sort(), JSON.stringify(query)).toEqual(
        week
          .filter(fits)
          .map(({ id }) => id)
          .sort(),
      );
  });

  it('follows a change from state to state', async () => {
    await store.create(changeIn('c-1', { state: 'proposed', createdMs: now }));
    const by = { user: 'UBOB', at: new Date(now).toISOString(), note: '' };
    await store.move('c-1', 'approve', by);
    expect(await ids({ states: ['proposed'] })).toEqual([]);
    expect(await ids({ states: ['approved'] })).toEqual(['c-1']);
    await store.update('c-1', () => ({ note: 'Waits.' }));
    expect(await ids({ states: ['approved'] })).toEqual(['c-1']);
  });

  it('finds changes of before there was an index, once it is asked, and leaves no sets of its own behind', async () => {
    for (const change of busyWeek(130, now)) await store.create(change);
    const index = (await server.keys(`${prefix}changes:*`)).filter((key) =>
      /:(?:state|at|fix|asked):/.test(key),
    );
    await redis.del(...index);
    expect((await store.find({ places: ['node:lpar1'] }, 0, 5)).total).toBe(26);
    expect((await store.find({}, 0, 1)).total).toBe(130);
    expect(await server.keys(`${prefix}changes:found*`)).toEqual([]);
  });
});

describe('the list of locks', () => {
  it('tells who holds what, also of locks of before there was a list', async () => {
    const locks = createLocks(redis, prefix);
    await redis.set(`${prefix}lock:node:old`, 'c-0');
    await locks.take(['node:lpar1', 'cluster:erp'], 'c-1');
    await locks.take(['node:lpar2'], 'c-2');
    expect(await locks.take(['node:pvs1', 'node:lpar2'], 'c-1')).toEqual({
      ok: false,
      key: 'node:lpar2',
      holder: 'c-2',
    });
    await locks.release(['node:lpar2'], 'c-1');
    expect(await locks.held()).toEqual([
      { key: 'cluster:erp', holder: 'c-1' },
      { key: 'node:lpar1', holder: 'c-1' },
      { key: 'node:lpar2', holder: 'c-2' },
    ]);
    expect(await locks.held(['node:old', 'node:free'])).toContainEqual({ key: 'node:old', holder: 'c-0' });
    await locks.release(['node:lpar1', 'cluster:erp'], 'c-1');
    expect(await locks.held()).toEqual([{ key: 'node:lpar2', holder: 'c-2' }]);
  });

  it('takes a lock by force only while its change is as it was read', async () => {
    const locks = createLocks(redis, prefix);
    const change = changeIn('c-1', { state: 'unknown', createdMs: now });
    await store.create(change);
    await locks.take(['node:lpar1'], 'c-1');
    const lock = { key: 'node:lpar1', holder: 'c-1' };
    await store.update('c-1', () => ({ note: 'Looked at again.' }));
    expect(await locks.force(lock, change.version)).toBe(false);
    expect(await locks.force({ ...lock, holder: 'c-2' }, null)).toBe(false);
    expect(await locks.force(lock, null)).toBe(false);
    expect(await locks.held()).toEqual([lock]);
    expect(await locks.force(lock, change.version + 1)).toBe(true);
    expect(await locks.held()).toEqual([]);
  });
});
