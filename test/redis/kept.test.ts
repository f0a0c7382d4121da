import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createKept, keeping, type Kept } from '../../src/redis/kept.js';
import { ask, inStep, until } from '../lab/redis-group.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-kept-'));
let master: RedisServer;
let replica: RedisServer;
let redis: Redis;
let kept: Kept;

beforeAll(async () => {
  const quick = ['repl-diskless-sync-delay 0', 'repl-ping-replica-period 1'];
  master = await startRedis({ folder: join(folder, 'master'), lines: quick });
  replica = await startRedis({
    folder: join(folder, 'replica'),
    lines: [...quick, `replicaof 127.0.0.1 ${master.port}`],
  });
  redis = connectRedis(master.url, () => undefined);
  await readyRedis(redis, master.url, 10_000);
  await whole();
  kept = createKept({ redis, prefix: keyPrefix, replicas: 1, monotonic: () => performance.now() });
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await Promise.all([master.kill(), replica.kill()]);
  rmSync(folder, { recursive: true, force: true });
});

const whole = () => until('the replica is in step', async () => (await inStep(master.port)) === 1);
const key = (name: string) => `${keyPrefix}${name}`;

async function pidOf(server: RedisServer): Promise<number> {
  return Number(/process_id:(\d+)/.exec(String(await ask(server.port, ['INFO', 'server'])))?.[1]);
}

describe('a write that is kept', () => {
  it('is on the replica as soon as it counts, and many at a time wait together', async () => {
    await redis.config('RESETSTAT');
    const writes = Array.from({ length: 300 }, (_, n) =>
      kept(async () => {
        await redis.set(key(`kept-${n}`), String(n));
        return n;
      }),
    );
    expect(await Promise.all(writes)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(await ask(replica.port, ['GET', key('kept-299')])).toBe('299');
    const waits = Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
    expect(waits).toBeGreaterThan(0);
    expect(waits).toBeLessThan(100);
  });

  it('leaves errors of the write itself as they are', async () => {
    await expect(kept(() => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  });

  it('is not known to count when the master restarts in the middle', async () => {
    const write = async (): Promise<void> => {
      await redis.set(key('restarted'), '1');
      await master.restart();
      await readyRedis(redis, master.url, 10_000);
    };
    await expect(kept(write)).rejects.toMatchObject({ class: 'LostError' });
    await whole();
    // What comes next is well again.
    await until('the next one is kept', () =>
      kept(() => redis.set(key('next'), '1')).then(
        () => true,
        () => false,
      ),
    );
  }, 60_000);

  it('does not count while the replica hangs', async () => {
    const hung = await pidOf(replica);
    process.kill(hung, 'SIGSTOP');
    try {
      await expect(kept(() => redis.set(key('unconfirmed'), '1'))).rejects.toMatchObject({
        class: 'LostError',
      });
      // The master has it: nobody was told that it counts.
      expect(await redis.get(key('unconfirmed'))).toBe('1');
    } finally {
      process.kill(hung, 'SIGCONT');
    }
    await until('the replica answers again', () =>
      kept(() => redis.set(key('again'), '1')).then(
        () => true,
        () => false,
      ),
    );
  }, 60_000);
});

describe('a store whose writes are kept', () => {
  it('keeps those of the names, leaves the others, and keeps no call that the store makes of itself', async () => {
    const calls: string[] = [];
    const counting: Kept = async (write) => {
      calls.push('kept');
      return write();
    };
    class Store {
      private readonly said = 'said';
      read(): Promise<string> {
        return Promise.resolve(this.said);
      }
      write(): Promise<string> {
        return this.inner();
      }
      inner(): Promise<string> {
        return this.read();
      }
    }
    const store = keeping(new Store(), ['write', 'inner'], counting);
    expect([await store.read(), await store.write()]).toEqual(['said', 'said']);
    expect(calls).toEqual(['kept']);
  });

  it('waits for nobody where no replica is asked for', async () => {
    const free = createKept({ redis, prefix: keyPrefix, replicas: 0, monotonic: () => performance.now() });
    expect(await free(() => Promise.resolve('done'))).toBe('done');
  });
});
