import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCalmStore, type CalmStore, type Glass } from '../../src/approval/calm.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-calm-'));
const freeze = { by: 'UANN', at: '2026-11-21T07:30:00.000Z', reason: 'quarter end' };
const glass: Glass = {
  ...{ glass: 'g1', by: 'UCAROL', reason: 'production is down', target: 'lpar1', covers: ['lpar1'] },
  ...{ at: '2026-11-21T07:30:00.000Z', until: '2026-11-21T07:45:00.000Z', channel: 'C1', teamId: 'T1' },
  ...{ reviewAt: '2026-11-21T08:00:00.000Z', zone: 'Europe/Berlin' },
};
let server: RedisInTest;
let redis: RedisLink;
let calm: CalmStore;

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
  calm = createCalmStore(redis, keyPrefix);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
});

describe('the freeze', () => {
  it('is set by one of many who set it at the same moment, and the others are told whose it is', async () => {
    const people = Array.from({ length: 20 }, (_, n) => ({ ...freeze, by: `U${n}` }));
    const answers = await Promise.all(people.map((one) => calm.setFreeze(one)));
    const kept = await calm.freeze();
    expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    expect(answers.filter((answer) => answer !== null)).toEqual(Array.from({ length: 19 }, () => kept));
  });

  it('is lifted by one of many who lift it at the same moment', async () => {
    await calm.setFreeze(freeze);
    const answers = await Promise.all(Array.from({ length: 20 }, () => calm.lift()));
    expect(answers.filter((answer) => answer !== null)).toEqual([freeze]);
    expect(await calm.freeze()).toBeNull();
  });

  it.each(['', 'on', '{}', 'null', '[]', '{"by":"UANN"}', '{"by":1,"at":2,"reason":3}'])(
    'that somebody wrote by hand is none, and no answer is none either: %s',
    async (text) => {
      await redis.set(`${keyPrefix}freeze`, text);
      await expect(calm.freeze()).rejects.toThrow('No change begins.');
    },
  );

  it('is not read where Redis has another kind of value', async () => {
    await redis.lpush(`${keyPrefix}freeze`, 'x');
    await expect(calm.freeze()).rejects.toThrow();
  });
});

describe('broken glass', () => {
  it('is among those to be reviewed until that was posted, and is found by its id afterwards', async () => {
    await calm.keepGlass(glass);
    await calm.keepGlass({ ...glass, glass: 'g2', reviewAt: '2026-11-20T08:00:00.000Z' });
    expect((await calm.glasses()).map((one) => one.glass)).toEqual(['g2', 'g1']);
    await calm.setPosted('g2');
    expect(await calm.glasses()).toEqual([glass]);
    expect(await calm.glass('g2')).toMatchObject({ target: 'lpar1' });
    expect(await calm.glass('g3')).toBeNull();
  });

  it('remembers once, and in order, what it let through', async () => {
    await calm.keepGlass(glass);
    for (const id of ['c-9', 'c-1', 'c-9', 'c-5']) await calm.addLetThrough('g1', id);
    expect(await calm.letThrough('g1')).toEqual(['c-9', 'c-1', 'c-5']);
  });

  it('is reviewed by the first of many, and the others learn who it was', async () => {
    await calm.keepGlass(glass);
    expect(await calm.reviewed('g1')).toBeNull();
    const people = Array.from({ length: 10 }, (_, n) => ({ by: `U${n}`, at: glass.at }));
    const answers = await Promise.all(people.map((one) => calm.review('g1', one)));
    const kept = await calm.reviewed('g1');
    expect(answers).toEqual(people.map(() => kept));
  });

  it('is claimed for its review by one worker at a time', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => calm.claimReview('g1', 60_000)));
    expect(claims.filter((claim) => claim)).toHaveLength(1);
  });

  it('is kept for months, and a wish for minutes', async () => {
    await calm.keepGlass(glass);
    await calm.keepWish('w1', {
      ...{ target: 'lpar1', reason: 'production is down' },
      origin: { teamId: 'T1', channel: 'C1', user: 'UCAROL', threadTs: null },
    });
    expect(await server.ttl(`${keyPrefix}glass:g1`)).toBeGreaterThan(80 * 86_400);
    const left = await server.ttl(`${keyPrefix}glass-wish:w1`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(600);
    expect((await calm.wish('w1'))?.target).toBe('lpar1');
    expect(await calm.wish('w2')).toBeNull();
  });
});
