import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hush } from '../../src/digest/hush.js';
import { createDigestStore, type DigestStore } from '../../src/digest/store.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';
import { build, inDays, node, store, stored } from './examples.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-store-'));
let server: RedisInTest;
let redis: RedisLink;
let digest: DigestStore;

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
  digest = createDigestStore(redis, keyPrefix);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
});

const hush = (by: string): Hush => ({
  kind: 'acknowledged',
  by,
  at: inDays(0),
  until: inDays(5),
  reason: 'ordered',
  band: '7d',
  version: 'AA',
});
const built = () => build([node('lpar1', [store('/a.pem', [stored({ until: inDays(-1) })])])]);

describe('the store of digests', () => {
  it('lets one of fifty people say something of the same certificate, and tells the others who was first', async () => {
    const said = await Promise.all(
      Array.from({ length: 50 }, (_, n) => digest.hush(['a', 'b'], hush(`U${n}`), null)),
    );
    expect(said.filter(({ ok }) => ok)).toHaveLength(1);
    const kept = (await digest.marks(['a', 'b', 'c'])).get('b')?.hush;
    expect(said.filter((one) => !one.ok)).toEqual(
      Array.from({ length: 49 }, () => ({ ok: false, now: kept })),
    );
  });

  it('takes the place of what somebody saw and meant to replace', async () => {
    await digest.hush(['a'], hush('UALICE'), null);
    expect(await digest.hush(['a'], hush('UBOB'), hush('UALICE'))).toEqual({ ok: true });
    expect((await digest.marks(['a'])).get('a')?.hush?.by).toBe('UBOB');
  });

  it('keeps a day’s edition once, with its memory and its buttons, until it is posted', async () => {
    const { edition, memory } = built();
    const [first, second] = await Promise.all([
      digest.keepDaily(edition, memory),
      digest.keepDaily({ ...edition, at: inDays(1) }, memory),
    ]);
    expect([first, second].filter(Boolean)).toHaveLength(1);
    expect(await digest.pending('C0OPS')).toEqual(await digest.edition(edition.id));
    expect(await digest.memory('C0OPS')).toEqual(memory);
    expect(await digest.line(edition.lines[0]?.id ?? '')).toEqual({
      edition: edition.id,
      line: edition.lines[0]?.id,
    });
    await digest.markPosted(edition);
    expect([await digest.isPending('C0OPS'), await digest.lastPosted('C0OPS')]).toEqual([
      false,
      edition.date,
    ]);
    await digest.markPosted({ ...edition, date: '2026-01-01' });
    expect(await digest.lastPosted('C0OPS')).toBe(edition.date);
  });

  it('counts no day as posted by an edition that somebody asked for', async () => {
    await digest.keepAsked({ ...built().edition, id: 'r1' });
    expect(await digest.edition('r1')).not.toBeNull();
    expect([
      await digest.lastPosted('C0OPS'),
      await digest.isPending('C0OPS'),
      await digest.memory('C0OPS'),
    ]).toEqual([null, false, null]);
  });

  it('moves what was said along with certificates that changed places', async () => {
    await digest.hush(['a'], hush('UALICE'), null);
    await digest.assign(['b'], '@nim-team');
    await digest.move([
      ['a', 'b'],
      ['b', 'a'],
    ]);
    const marks = await digest.allMarks();
    expect([marks.get('b')?.hush?.by, marks.get('a')?.owner, marks.get('a')?.hush]).toEqual([
      'UALICE',
      '@nim-team',
      null,
    ]);
  });

  it('gives the right to work on a channel to one, until it lets go', async () => {
    expect(await digest.claim('C0OPS', 'one', 60_000)).toBe(true);
    expect(await digest.claim('C0OPS', 'two', 60_000)).toBe(false);
    expect(await digest.claim('C0OPS', 'one', 60_000)).toBe(true);
    await digest.letGo('C0OPS', 'two');
    expect(await digest.claim('C0OPS', 'two', 60_000)).toBe(false);
    await digest.letGo('C0OPS', 'one');
    expect(await digest.claim('C0OPS', 'two', 60_000)).toBe(true);
  });

  it('keeps every key under the one hash tag', async () => {
    const { edition, memory } = built();
    await digest.keepDaily(edition, memory);
    await digest.hush(['a'], hush('UALICE'), null);
    await digest.claim('C0OPS', 'one', 60_000);
    expect((await server.keys('*')).filter((key) => !key.startsWith('{aixops}:digest:'))).toEqual([]);
  });
});
