import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocks } from '../../src/approval/locks.js';
import { createChangeStore, LeaseLostError, type ChangeStore } from '../../src/approval/store.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';
import { exampleChange } from './example-change.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-store-'));
let server: RedisInTest;
let redis: RedisLink;
let changes: ChangeStore;

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
  changes = createChangeStore(redis, keyPrefix);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
});

const by = (user: string) => ({ user, at: '2026-03-01T02:01:00.000Z', note: '' });

describe('the change store', () => {
  it('lets one of a hundred simultaneous clicks decide, and tells the others what was decided', async () => {
    await changes.create(exampleChange());
    const clicks = Array.from({ length: 100 }, (_, n) =>
      changes.move('c-1', n % 2 === 0 ? 'approve' : 'reject', by(n % 2 === 0 ? 'UBOB' : 'UCAROL')),
    );
    const answers = await Promise.all(clicks);
    expect(answers.filter((answer) => answer.kind === 'moved')).toHaveLength(1);
    const losers = answers.filter((answer) => answer.kind === 'not-allowed');
    expect(losers).toHaveLength(99);
    const winner = (await changes.get('c-1'))?.history.at(-1);
    expect(losers.every((answer) => answer.change.history.at(-1)?.by === winner?.by)).toBe(true);
  });

  it('makes a change only once, whatever happened to it since', async () => {
    expect(await changes.create(exampleChange())).toBe(true);
    await changes.move('c-1', 'approve', by('UBOB'));
    expect(await changes.create(exampleChange())).toBe(false);
    expect((await changes.get('c-1'))?.state).toBe('approved');
  });

  it('refuses a worker that lost its lease', async () => {
    await changes.create(exampleChange());
    expect(await changes.takeLease('c-1', 'first', 1_500)).toBe(true);
    expect(await changes.takeLease('c-1', 'second', 5_000)).toBe(false);
    await vi.waitFor(async () => expect(await changes.takeLease('c-1', 'second', 30_000)).toBe(true), {
      timeout: 20_000,
    });
    const entry = { kind: 'intent', step: 'enable', at: '2026-03-01T02:02:00.000Z' } as const;
    await expect(changes.appendJournal('c-1', entry, 'first')).rejects.toBeInstanceOf(LeaseLostError);
    expect((await changes.appendJournal('c-1', entry, 'second')).journal).toEqual([entry]);
    expect(await changes.renewLease('c-1', 'first', 5_000)).toBe(false);
  }, 60_000);

  it('lists as open what may still move, and nothing else', async () => {
    await changes.create(exampleChange());
    await changes.create(exampleChange({ id: 'c-2' }));
    await changes.move('c-2', 'reject', by('UBOB'));
    expect((await changes.open()).map((change) => change.id)).toEqual(['c-1']);
    expect((await changes.recent(10)).map((change) => change.id).sort()).toEqual(['c-1', 'c-2']);
  });

  it('says missing for an id that it does not know', async () => {
    expect(await changes.move('c-9', 'approve', by('UBOB'))).toEqual({ kind: 'missing' });
  });
});

describe('locks', () => {
  it('takes all keys or none, and names the holder', async () => {
    const locks = createLocks(redis, keyPrefix);
    expect(await locks.take(['node:a', 'cluster:x'], 'c-1')).toEqual({ ok: true });
    expect(await locks.take(['node:b', 'cluster:x'], 'c-2')).toEqual({
      ok: false,
      key: 'cluster:x',
      holder: 'c-1',
    });
    expect(await locks.take(['node:b'], 'c-3')).toEqual({ ok: true });
    await locks.release(['node:a', 'cluster:x', 'node:b'], 'c-1');
    expect(await locks.take(['cluster:x'], 'c-2')).toEqual({ ok: true });
    expect(await locks.take(['node:b'], 'c-2')).toEqual({ ok: false, key: 'node:b', holder: 'c-3' });
  });
});
