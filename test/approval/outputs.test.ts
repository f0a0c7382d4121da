import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dropOutputs } from '../../jobs/drop-outputs.js';
import { withoutOutputs } from '../../src/approval/outputs.js';
import type { Change, JournalEntry } from '../../src/approval/states.js';
import { createChangeStore } from '../../src/approval/store.js';
import { KnownSecrets } from '../../src/core/known-secrets.js';
import { Secret } from '../../src/core/secret.js';
import { createRequestStore } from '../../src/requests/store.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { createSealer } from '../../src/sealing/sealer.js';
import { claimStoreKey, storeKeyProblem } from '../../src/sealing/store-key.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';
import { exampleChange } from './example-change.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-outputs-'));
const dayMs = 24 * 3_600_000;
let server: RedisInTest;
let redis: RedisLink;
beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
});

const output = 'what the node printed';
const at = '2026-03-01T10:00:00.000Z';
const journal: readonly JournalEntry[] = [
  { kind: 'capture', id: 'c', at, output, exitCode: 0 },
  { kind: 'intent', step: 's', at },
  { kind: 'result', step: 's', at, outcome: { kind: 'exited', exitCode: 0, stdout: output, stderr: output } },
];
const by = { user: 'worker', at, note: '' };
const ended = Date.parse(at);

function change(id: string): Change {
  return { ...exampleChange(), id, state: 'verifying', journal };
}

const newKey = () => new Secret(randomBytes(32).toString('base64'));
const sealerOf = (key: Secret | null, oldKey: Secret | null = null) =>
  createSealer(new KnownSecrets([]), { key, oldKey });

describe('what a change printed', () => {
  it('goes after its days; the plan, the decisions and how each step ended stay', async () => {
    const changes = createChangeStore(redis, keyPrefix);
    await changes.create(change('c-1'));
    await changes.move('c-1', 'succeed', by);
    const drop = (nowMs: number) => dropOutputs({ changes, clock: () => nowMs, keepOutputsMs: 30 * dayMs });
    await drop(ended + 30 * dayMs - 1);
    expect(JSON.stringify(await changes.get('c-1'))).toContain(output);
    await drop(ended + 30 * dayMs);
    const after = await changes.get('c-1');
    expect(JSON.stringify(after)).not.toContain(output);
    expect(after).toMatchObject({
      state: 'verified',
      plan: exampleChange().plan,
      digest: exampleChange().digest,
    });
    expect(after?.outputsRemovedAt).toBe(new Date(ended + 30 * dayMs).toISOString());
    expect(after?.journal.map(({ kind }) => kind)).toEqual(['capture', 'intent', 'result']);
    expect(after?.history.at(-1)).toMatchObject({ move: 'succeed', by: 'worker' });
    const { version } = after as Change;
    await drop(ended + 60 * dayMs);
    expect((await changes.get('c-1'))?.version).toBe(version);
  });

  it('stays while the change is open, however old, and again once it is undone', async () => {
    const changes = createChangeStore(redis, keyPrefix);
    await changes.create(change('c-1'));
    expect(await changes.withOutputs(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await changes.move('c-1', 'succeed', by);
    expect(await changes.withOutputs(Number.MAX_SAFE_INTEGER)).toEqual(['c-1']);
    await changes.move('c-1', 'rollBack', by);
    expect(await changes.withOutputs(Number.MAX_SAFE_INTEGER)).toEqual([]);
    // Who asked a moment ago drops nothing now.
    await changes.dropOutputs('c-1', at);
    expect(JSON.stringify(await changes.get('c-1'))).toContain(output);
    expect(withoutOutputs(change('c-2'), at)).toEqual({});
  });

  it('goes with a request in a week at most, and earlier where so set', async () => {
    const request = { id: 'r1', asked: '/rmc-status password=canary' } as Parameters<
      ReturnType<typeof createRequestStore>['put']
    >[0];
    const ttl = async (days?: number) => {
      const keeping = days === undefined ? undefined : { sealer: sealerOf(null), days };
      await createRequestStore(redis, keyPrefix, keeping).put({ ...request, verdicts: [] });
      return redis.ttl(`${keyPrefix}request:r1`);
    };
    expect(Math.ceil((await ttl()) / 86_400)).toBe(7);
    expect(Math.ceil((await ttl(30)) / 86_400)).toBe(7);
    expect(Math.ceil((await ttl(2)) / 86_400)).toBe(2);
    expect(await redis.get(`${keyPrefix}request:r1`)).toContain('password=«redacted»');
  });
});

describe('sealed changes', () => {
  it('move by compare-and-set as clear ones do, and show nothing', async () => {
    const changes = createChangeStore(redis, keyPrefix, sealerOf(newKey()));
    await changes.create(change('c-1'));
    expect((await changes.move('c-1', 'succeed', by)).kind).toBe('moved');
    expect((await changes.move('c-1', 'succeed', by)).kind).toBe('not-allowed');
    expect((await changes.recent(5)).map(({ state }) => state)).toEqual(['verified']);
    const doc = (await redis.hget(`${keyPrefix}change:c-1`, 'doc')) ?? '';
    expect(doc).toMatch(/^sealed:1:/);
    expect(Buffer.from(doc.split(':').at(-1) ?? '', 'base64').toString('latin1')).not.toContain(output);
  });

  it('are written anew after a change of keys, clear ones too, so that the old key may go', async () => {
    const [old, now] = [newKey(), newKey()];
    await createChangeStore(redis, keyPrefix).create(change('c-clear'));
    await createChangeStore(redis, keyPrefix, sealerOf(old)).create(change('c-old'));
    const both = createChangeStore(redis, keyPrefix, sealerOf(now, old));
    expect([await both.reseal(), await both.reseal()]).toEqual([2, 0]);
    const alone = createChangeStore(redis, keyPrefix, sealerOf(now));
    for (const id of ['c-clear', 'c-old']) expect((await alone.get(id))?.journal).toEqual(journal);
  });
});

describe('the store key at the start', () => {
  const keys = (key: Secret | null, oldKey: Secret | null = null) => ({ key, oldKey });

  it('is claimed once, and from then on none, another or the wrong old one is refused', async () => {
    const [first, second] = [newKey(), newKey()];
    expect(await claimStoreKey(redis, keyPrefix, keys(null))).toBeNull();
    expect(await claimStoreKey(redis, keyPrefix, keys(first))).toBeNull();
    expect(await claimStoreKey(redis, keyPrefix, keys(null))).toContain('and STORE_KEY is not set');
    const other = await claimStoreKey(redis, keyPrefix, keys(second));
    expect(other).toContain('STORE_KEY is another one');
    expect(other).toContain('give it as STORE_KEY_OLD');
    expect(await claimStoreKey(redis, keyPrefix, keys(second, newKey()))).toContain('another one');
    expect(await storeKeyProblem(redis, keyPrefix, keys(first))).toBeNull();
  });

  it('is changed with the old one beside it, and then the old one may go', async () => {
    const [first, second] = [newKey(), newKey()];
    await claimStoreKey(redis, keyPrefix, keys(first));
    expect(await claimStoreKey(redis, keyPrefix, keys(second, first))).toBeNull();
    expect(await claimStoreKey(redis, keyPrefix, keys(second))).toBeNull();
    expect(await claimStoreKey(redis, keyPrefix, keys(first))).toContain('another one');
  });
});
