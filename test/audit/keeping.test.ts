import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAudit, type Audit } from '../../src/audit/audit.js';
import { lineOf } from '../../src/audit/chain.js';
import type { Checkpoint } from '../../src/audit/checkpoint.js';
import { keepTrail, type KeepingOptions } from '../../src/audit/keeping.js';
import { newKeyPair, publicKeysOf, signingKeyOf } from '../../src/audit/signing-key.js';
import { createTrail, type Trail } from '../../src/audit/trail.js';
import { recordIn, TrailCheck, type Tampering } from '../../src/audit/verify.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-audit-'));
const pair = newKeyPair();
const key = signingKeyOf(pair.privateKey);
const keys = publicKeysOf(pair.publicKey);
const prefix = '{aixops}:';
const list = `${prefix}audit`;
const dayMs = 86_400_000;

let server: RedisServer;
let redis: Redis;
let audit: Audit;
let trail: Trail;
let now = 0;
let tampered: readonly Tampering[][] = [];
let tokens = 0;

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 5_000);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
  now = Date.parse('2026-07-15T08:00:00Z');
  tampered = [];
  audit = createAudit(
    redis,
    prefix,
    () => now,
    () => ({ writer: 'worker/h/1', policy: 'p1' }),
  );
  trail = createTrail(redis, prefix);
});

function options(more: Partial<KeepingOptions> = {}): KeepingOptions {
  const onTampered = (found: readonly Tampering[]): void => {
    tampered = [...tampered, [...found]];
  };
  const newId = (): string => `t${(tokens += 1)}`;
  return { audit, trail, key, keepMs: null, clock: () => now, newId, onTampered, ...more };
}

async function write(count: number, object = 'c-1'): Promise<void> {
  const event = { code: 'step.ended', actor: 'worker', object, detail: { target: 'lpar1' } } as const;
  await Promise.all(Array.from({ length: count }, () => audit.append(event)));
}

async function checkpoints(): Promise<Checkpoint[]> {
  const all: Checkpoint[] = [];
  for await (const checkpoint of trail.checkpoints()) all.push(checkpoint);
  return all;
}

/** Everything that lies in Redis, as somebody with the public key verifies it. */
async function found(): Promise<readonly string[]> {
  const anchor = await trail.anchor();
  const check = new TrailCheck({
    keys,
    checkpoints: [...(anchor === null ? [] : [anchor]), ...(await checkpoints())],
  });
  for (const line of await trail.lines(0, 100_000)) check.take(line);
  return check.end().found.map(({ sentence }) => sentence);
}

it('makes a checkpoint of the first record, after a hundred, and after an hour', async () => {
  await keepTrail(options());
  expect(await checkpoints()).toEqual([]);
  await write(1);
  await keepTrail(options());
  await write(99);
  await keepTrail(options());
  expect((await checkpoints()).map(({ sequence }) => sequence)).toEqual([0]);
  await write(1);
  await keepTrail(options());
  await write(1);
  await keepTrail(options());
  now += 3_600_000;
  await keepTrail(options());
  await keepTrail(options());
  expect((await checkpoints()).map(({ sequence }) => sequence)).toEqual([0, 100, 101]);
  expect(await found()).toEqual([]);
});

it('puts nothing under a checkpoint that was tampered with, and says so', async () => {
  await write(1);
  await keepTrail(options());
  await write(200);
  const line = await redis.lindex(list, 150);
  await redis.lset(list, 150, (line ?? '').replace('worker', 'nobody'));
  await keepTrail(options());
  expect((await checkpoints()).length).toBe(1);
  expect(tampered[0]?.[0]).toMatchObject({ kind: 'changed', sequence: 150 });
  await redis.ltrim(list, 0, -202);
  await keepTrail(options());
  expect(tampered[1]?.map(({ kind }) => kind)).toEqual(['removed']);
});

it('trims what is old enough, exactly once, and the rest still verifies', async () => {
  await write(700, 'c-old');
  await keepTrail(options());
  now += dayMs;
  await write(3, 'c-young');
  now += 30 * dayMs;
  const keepMs = 30.5 * dayMs;
  await keepTrail(options({ keepMs }));
  expect(await redis.llen(list)).toBe(703);
  now += dayMs / 2;
  await Promise.all([1, 2, 3].map(() => keepTrail(options({ keepMs }))));
  const kept = (await trail.lines(0, 10)).map((line) => recordIn(line));
  expect(kept.map((record) => [record?.sequence, record?.code])).toEqual([
    [700, 'step.ended'],
    [701, 'step.ended'],
    [702, 'step.ended'],
    [703, 'audit.trimmed'],
  ]);
  expect(kept[3]?.detail).toMatchObject({ from: 0, to: 699 });
  expect(await trail.anchor()).toMatchObject({ kind: 'anchor', sequence: 699 });
  expect(await found()).toEqual([]);
  expect(await audit.history('c-old', 10)).toEqual([]);
  expect((await audit.history('lpar1', 10)).map(({ sequence }) => sequence)).toEqual([702, 701, 700]);
  expect((await audit.read(0, 2)).map(({ sequence }) => sequence)).toEqual([700, 701]);
  expect((await audit.find({}, { count: 3 })).next).toBe(701);
  expect(await audit.find({}, { count: 10 })).toMatchObject({ next: null });
  // What is written afterwards goes on where the trail ended, and old enough ones go again.
  await write(1);
  now += 32 * dayMs;
  await keepTrail(options({ keepMs }));
  expect(await found()).toEqual([]);
  expect(await redis.llen(list)).toBe(2);
  expect(await redis.keys(`${list}:of:c-young`)).toEqual([]);
});

it('trims nothing of which a record was changed: that is evidence', async () => {
  await write(5);
  const line = await redis.lindex(list, 2);
  await redis.lset(list, 2, (line ?? '').replace('worker', 'nobody'));
  now += 100 * dayMs;
  await write(1);
  await keepTrail(options({ keepMs: dayMs }));
  expect(await redis.llen(list)).toBe(6);
  expect(tampered.flat().map(({ sequence }) => sequence)).toContain(2);
});

it('finds what was done to the trail in Redis: changed, removed, swapped, cut and begun anew', async () => {
  await write(150);
  await keepTrail(options());
  expect(await found()).toEqual([]);
  const whole = await redis.lrange(list, 0, -1);
  const restore = async (lines: readonly string[]): Promise<void> => {
    await redis.del(list);
    await redis.rpush(list, ...lines);
  };
  await restore(whole.filter((_, n) => n !== 70));
  expect(await found()).toEqual(['Record 70 is missing.']);
  await restore(whole.map((line, n) => whole[n === 20 ? 21 : n === 21 ? 20 : n] ?? line));
  expect(await found()).toEqual(['Record 21 (step.ended) was moved: it stands before record 20.']);
  await restore(whole.slice(0, 100));
  expect((await found())[0]).toMatch(/^Records 100 to 149 are missing at the end/);
  await redis.del(list);
  await write(150, 'c-2');
  expect((await found())[0]).toMatch(/^Record 149 \(step\.ended\) is not the one that the checkpoint of /);
  const first = recordIn(whole[0] ?? '');
  expect(first === null ? '' : lineOf(first)).toBe(whole[0]);
});

it('writes what fifty processes append at once, two hundred records, without losing or repeating one', async () => {
  const writers = Array.from({ length: 50 }, () => createAudit(redis, prefix, () => now));
  const event = { code: 'step.ended', actor: 'worker', object: 'c-1' } as const;
  await Promise.all(
    writers.flatMap((writer, n) =>
      [0, 1, 2, 3].map((step) => writer.append({ ...event, detail: { n, step } })),
    ),
  );
  const records = await audit.read(0, 1_000);
  expect(new Set(records.map(({ detail }) => `${String(detail['n'])}.${String(detail['step'])}`)).size).toBe(
    200,
  );
  expect(records.length).toBe(200);
  await keepTrail(options());
  expect(await found()).toEqual([]);
});
