import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/audit.js';
import { digestOf } from '../../src/core/canonical.js';
import { connectRedis, keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-audit-'));
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

it('chains records without a gap though many write at once', async () => {
  const audit = createAudit(redis, keyPrefix, () => 1_000);
  const event = {
    code: 'change.decided',
    actor: 'UBOB',
    object: 'c-1',
    detail: { decision: 'approve' },
  } as const;
  await Promise.all(Array.from({ length: 30 }, () => audit.append(event)));
  const records = await audit.read(0, 100);
  expect(records.map((record) => record.sequence)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  records.forEach((record, n) => {
    const { hash, ...body } = record;
    expect(hash).toBe(digestOf(body));
    if (n > 0) expect(record.previous).toBe(records[n - 1]?.hash);
  });
});

it('finds the records of one object, and of a target that they name, newest first', async () => {
  const audit = createAudit(redis, `${keyPrefix}of:`, () => 1_000);
  for (let n = 0; n < 7; n += 1) {
    const code = n % 2 === 0 ? 'step.intended' : 'step.ended';
    await audit.append({ code, actor: 'worker', object: 'c-1', detail: { step: n } });
    await audit.append({ code, actor: 'worker', object: `c-${n + 2}`, detail: { target: 'lpar1' } });
  }
  expect((await audit.history('c-1', 3)).map(({ sequence }) => sequence)).toEqual([12, 10, 8]);
  expect((await audit.history('lpar1', 2)).map(({ object }) => object)).toEqual(['c-8', 'c-7']);
  expect(await audit.history('c-99', 2)).toEqual([]);
  const ended = { object: 'c-1', code: 'step.ended' };
  const first = await audit.find(ended, { count: 2 });
  expect(first.records.map(({ detail }) => detail['step'])).toEqual([5, 3]);
  const second = await audit.find(ended, { before: first.next ?? 0, count: 2 });
  expect(second.records.map(({ detail }) => detail['step'])).toEqual([1]);
  expect(second.next).toBeNull();
  const all = await audit.find({ code: 'step.ended' }, { count: 4 });
  expect(all.records.map(({ sequence }) => sequence)).toEqual([11, 10, 7, 6]);
  const rest = await audit.find({ code: 'step.ended' }, { before: all.next ?? 0, count: 4 });
  expect(rest).toMatchObject({ records: [{ sequence: 3 }, { sequence: 2 }], next: null });
});

it('rejects when Redis is away, so that the act does not happen', async () => {
  const gone = connectRedis('redis://127.0.0.1:1', () => undefined);
  const audit = createAudit(gone, keyPrefix, () => 1_000);
  await expect(
    audit.append({ code: 'change.started', actor: 'worker', object: 'c-1', detail: {} }),
  ).rejects.toThrow();
  gone.disconnect();
});
