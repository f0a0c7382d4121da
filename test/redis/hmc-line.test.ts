import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBus, type Bus } from '../../src/redis/bus.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { createHmcGate, type HmcGateOptions } from '../../src/redis/hmc-gate.js';
import { hmcSessionsKey } from '../../src/redis/hmc-line.js';
import { until } from '../lab/redis-group.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-line-'));
const sessions = hmcSessionsKey(keyPrefix, 'hmc1');
const line = `${keyPrefix}hmc-line:hmc1`;
/** Time stands still here, so that a machine that is busy lets nobody look dead. */
const atMs = 1_000_000_000;
/** Longer than any test: whoever gets in was told. */
const never = 3_600_000;
const nothing = (): Promise<void> => Promise.resolve();
let server: RedisInTest;
let buses: Bus[] = [];
let tokens = 0;

beforeAll(async () => {
  server = await openRedisInTest(folder);
});
beforeEach(() => server.empty());
afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  buses = [];
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The gate of a worker of its own, with a bus that hears. */
async function openWorker(options: Partial<HmcGateOptions> = {}) {
  const { redis } = server;
  const bus = createBus({ redis, prefix: keyPrefix, onError: () => undefined });
  buses.push(bus);
  const newToken = (): string => {
    tokens += 1;
    return `t${tokens}`;
  };
  const gate = createHmcGate({
    redis,
    bus,
    prefix: keyPrefix,
    limit: 1,
    clock: () => atMs,
    newToken,
    ...options,
  });
  // It listens from its first session on; what was said before that is lost.
  await gate('hmc0', nothing);
  let heard = 0;
  const end = bus.subscribe('hmc-turn', () => (heard += 1));
  await until('it listens', async () => {
    await bus.publish('hmc-turn', '');
    return heard > 0;
  });
  end();
  return { gate, bus };
}

/** Has a session until it is told to end it. */
async function hold(gate: ReturnType<typeof createHmcGate>): Promise<() => Promise<void>> {
  let end: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const held = gate('hmc1', () => {
    begin();
    return new Promise<void>((resolve) => (end = resolve));
  });
  await begun;
  return () => {
    end();
    return held;
  };
}

const isWaiting = (count: number) => async () => (await server.redis.zcard(line)) === count;

describe('the line before an HMC', () => {
  it('is served by arrival over all workers, each told as soon as it is his turn', async () => {
    const workers = [
      await openWorker({ lookEveryMs: never }),
      await openWorker({ lookEveryMs: never }),
      await openWorker({ lookEveryMs: never }),
    ];
    const end = await hold((await openWorker()).gate);
    const served: number[] = [];
    const all: Promise<unknown>[] = [];
    for (let n = 0; n < 12; n += 1) {
      const { gate } = workers[n % 3]!; // n % 3 is an index
      all.push(gate('hmc1', () => Promise.resolve(served.push(n))));
      await until('it stands in the line', isWaiting(n + 1));
    }
    await end();
    await Promise.all(all);
    expect(served).toEqual([...all.keys()]);
  });

  it('lets in as many as the limit, and never more, whoever comes and goes', async () => {
    const workers = await Promise.all([1, 2, 3].map(() => openWorker({ limit: 3 })));
    const now = { open: 0, most: 0 };
    let fill: () => void = () => undefined;
    const isFull = new Promise<void>((resolve) => (fill = resolve));
    const session = async (): Promise<void> => {
      now.open += 1;
      now.most = Math.max(now.most, now.open);
      if (now.open === 3) fill();
      await isFull;
      await pause(2);
      now.open -= 1;
    };
    const all = workers.flatMap(({ gate }) => Array.from({ length: 30 }, () => gate('hmc1', session)));
    await Promise.all(all);
    expect(now.most).toBe(3);
    await until('all places are free', async () => (await server.redis.zcard(sessions)) === 0);
    expect(await server.redis.zcard(line)).toBe(0);
  });

  it('is looked at now and then by who waits, for a message may be lost', async () => {
    const end = await hold((await openWorker()).gate);
    const deaf = await openWorker({ lookEveryMs: 20 });
    await deaf.bus.close();
    const waiting = deaf.gate('hmc1', () => Promise.resolve('in'));
    await until('it stands in the line', isWaiting(1));
    await end();
    expect(await waiting).toBe('in');
  });

  it('passes over who has not been seen for 5 s', async () => {
    const late = (): number => atMs + 6_000;
    const end = await hold((await openWorker({ clock: late })).gate);
    const dead = await openWorker({ lookEveryMs: never });
    const stop = new AbortController();
    const waiting = dead.gate('hmc1', nothing, stop.signal);
    await until('the dead one stands in the line', isWaiting(1));
    const living = await openWorker({ clock: late, lookEveryMs: never });
    const next = living.gate('hmc1', () => Promise.resolve('in'));
    await until('both stand in the line', isWaiting(2));
    await end();
    expect(await next).toBe('in');
    expect(await server.redis.zcard(line)).toBe(1);
    stop.abort(new Error('the test is over'));
    await expect(waiting).rejects.toThrow('the test is over');
  });

  it('takes a place back that was offered to somebody who died meanwhile', async () => {
    let ahead = 0;
    const clock = (): number => atMs + ahead;
    const end = await hold((await openWorker({ clock })).gate);
    await server.redis.zadd(line, '1', ':dead');
    await server.redis.zadd(`${keyPrefix}hmc-seen:hmc1`, String(clock()), ':dead');
    const living = await openWorker({ clock, lookEveryMs: 20 });
    const waiting = living.gate('hmc1', () => Promise.resolve('in'));
    await until('both stand in the line', isWaiting(2));
    await end();
    await until(
      'it is the turn of the dead one',
      async () => (await server.redis.zscore(sessions, ':dead')) !== null,
    );
    expect(await server.redis.zcard(line)).toBe(1);
    ahead = 6_000;
    expect(await waiting).toBe('in');
  });

  it('is left by who is told to stop, and the next one comes in his place', async () => {
    const { gate } = await openWorker({ lookEveryMs: never });
    const other = await openWorker({ lookEveryMs: never });
    const end = await hold(gate);
    const stop = new AbortController();
    let begun = 0;
    const first = other.gate('hmc1', () => Promise.resolve((begun += 1)), stop.signal);
    await until('the first stands in the line', isWaiting(1));
    const second = other.gate('hmc1', () => Promise.resolve('in'));
    await until('both stand in the line', isWaiting(2));
    stop.abort(new Error('not needed any more'));
    await expect(first).rejects.toThrow('not needed any more');
    await until('the first has left', isWaiting(1));
    await end();
    expect(await second).toBe('in');
    expect(begun).toBe(0);
    await expect(other.gate('hmc1', nothing, stop.signal)).rejects.toThrow('not needed any more');
  });

  it('is shared with workers of an older version, which only look for places: both get in', async () => {
    const now = { open: 0, most: 0, before: 0, after: 0 };
    const session = async (of: 'before' | 'after'): Promise<void> => {
      now.open += 1;
      now.most = Math.max(now.most, now.open);
      await pause(2);
      now[of] += 1;
      now.open -= 1;
    };
    const isOver = (): boolean => now.before >= 4 && now.after >= 4;
    const older = async (name: string): Promise<void> => {
      for (let n = 0; !isOver(); n += 1) {
        const token = `${name}${n}`;
        while ((await enterBefore(token)) === 0) await pause(50);
        await session('before');
        await server.redis.zrem(sessions, token);
      }
    };
    const { gate } = await openWorker();
    const newer = async (): Promise<void> => {
      while (!isOver()) await gate('hmc1', () => session('after'));
    };
    await enterBefore('older');
    const all = [older('a'), older('b'), newer(), newer(), newer()];
    await until('the newer stand in the line', isWaiting(3));
    await server.redis.zrem(sessions, 'older');
    await Promise.all(all);
    expect(now.most).toBe(1);
  }, 60_000);
});

/** What workers did before there was a line: 1 for who is in. */
async function enterBefore(token: string): Promise<unknown> {
  const enter = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[1], 30000)
return 1`;
  return server.redis.eval(enter, 1, sessions, String(atMs), '1', token, String(atMs + 15_000));
}
