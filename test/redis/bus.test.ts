import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { channelOf, createBus, type Bus } from '../../src/redis/bus.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { redisProblems } from '../../src/redis/problems.js';
import { until } from '../lab/redis-group.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { hears, placeOf } from './group-behaviour.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-bus-'));
const opened: { bus: Bus; redis: Redis }[] = [];
let server: RedisServer;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis({ folder });
  admin = connectRedis(server.url, () => undefined);
  await readyRedis(admin, server.url, 10_000);
});
afterEach(async () => {
  for (const { bus, redis } of opened.splice(0)) {
    await bus.close();
    redis.disconnect();
  }
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process of its own, as far as Redis can tell. */
async function openBus(errors: Error[] = [], url = server.url): Promise<Bus> {
  const redis = connectRedis(url, () => undefined);
  await readyRedis(redis, url, 10_000);
  const bus = createBus({ redis, prefix: keyPrefix, onError: (error) => errors.push(error) });
  opened.push({ bus, redis });
  return bus;
}

async function listenersOf(topic: string): Promise<number> {
  const [, count] = (await admin.pubsub('NUMSUB', channelOf(keyPrefix, topic))) as [string, number];
  return count;
}

async function connections(): Promise<number> {
  return String(await admin.client('LIST'))
    .trim()
    .split('\n').length;
}

describe('a bus', () => {
  it('tells all who listen to a topic, in every process, and nobody else', async () => {
    const [one, two] = [await openBus(), await openBus()];
    const heard: string[] = [];
    one.subscribe('a', (text) => heard.push(`one a ${text}`));
    one.subscribe('a', (text) => heard.push(`one again a ${text}`));
    two.subscribe('a', (text) => heard.push(`two a ${text}`));
    two.subscribe('b', (text) => heard.push(`two b ${text}`));
    await until('both listen', async () => (await listenersOf('a')) === 2 && (await listenersOf('b')) === 1);
    await one.publish('a', 'x');
    await two.publish('b', 'y');
    await expect.poll(() => heard.length).toBe(4);
    expect(heard.sort()).toEqual(['one a x', 'one again a x', 'two a x', 'two b y']);
  });

  it('opens one connection when somebody first listens, and no other for more topics', async () => {
    const bus = await openBus();
    await bus.publish('a', 'x');
    const before = await connections();
    bus.subscribe('a', () => undefined);
    bus.subscribe('b', () => undefined);
    await until('it listens', async () => (await listenersOf('b')) === 1);
    bus.subscribe('c', () => undefined);
    await until('it listens to one more', async () => (await listenersOf('c')) === 1);
    expect(await connections()).toBe(before + 1);
    await bus.close();
    await until('the connection is gone', async () => (await connections()) === before);
  });

  it('leaves a topic when the last listener has ended, once each', async () => {
    const bus = await openBus();
    const heard: string[] = [];
    const endFirst = bus.subscribe('a', () => heard.push('first'));
    const endSecond = bus.subscribe('a', () => heard.push('second'));
    await until('it listens', async () => (await listenersOf('a')) === 1);
    endFirst();
    endFirst();
    await bus.publish('a', '');
    await expect.poll(() => heard).toEqual(['second']);
    endSecond();
    await until('it has left', async () => (await listenersOf('a')) === 0);
    bus.subscribe('a', () => heard.push('third'));
    await until('it listens again', async () => (await listenersOf('a')) === 1);
  });

  it('carries on after a listener that throws, and says so', async () => {
    const errors: Error[] = [];
    const bus = await openBus(errors);
    const heard: string[] = [];
    bus.subscribe('a', () => {
      throw new Error('not mine');
    });
    bus.subscribe('a', (text) => heard.push(text));
    await until('it listens', async () => (await listenersOf('a')) === 1);
    await bus.publish('a', '1');
    await bus.publish('a', '2');
    await expect.poll(() => heard).toEqual(['1', '2']);
    expect(errors.map(({ message }) => message)).toEqual(['not mine', 'not mine']);
  });

  it('listens again after Redis was away, and loses without a word what was said meanwhile', async () => {
    const errors: Error[] = [];
    const bus = await openBus(errors);
    const heard: string[] = [];
    bus.subscribe('a', (text) => heard.push(text));
    await until('it listens', async () => (await listenersOf('a')) === 1);
    await server.kill();
    await bus.publish('a', 'lost');
    bus.subscribe('b', (text) => heard.push(text));
    await server.restart();
    await until('it listens to both', async () => (await listenersOf('a')) + (await listenersOf('b')) === 2);
    await until('it is heard', async () => {
      await bus.publish('b', 'back');
      return heard.length > 0;
    });
    expect(heard).not.toContain('lost');
    expect(errors).toEqual([]);
  });

  it('listens on another connection when its own was cut', async () => {
    const bus = await openBus();
    bus.subscribe('a', () => undefined);
    await until('it listens', async () => (await listenersOf('a')) === 1);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('it listens again', async () => (await listenersOf('a')) === 1);
    await hears(bus, bus);
  });

  it('says once that its user may not use the channels, as the check does', async () => {
    await admin.call(
      'ACL',
      'SETUSER',
      'narrow',
      'on',
      '>narrow-password',
      '~{aixops}:*',
      'resetchannels',
      '+@all',
    );
    const errors: Error[] = [];
    const url = server.url.replace('//', '//narrow:narrow-password@');
    const bus = await openBus(errors, url);
    bus.subscribe('a', () => undefined);
    await expect.poll(() => errors.length).toBe(1);
    const place = placeOf(`redis: { url: "${url}" }`);
    const redis = connectRedis(place, () => undefined);
    await readyRedis(redis, place, 10_000);
    const problems = await redisProblems(redis, place);
    expect(problems.map(({ kind }) => kind)).toEqual(['mute']);
    expect(problems[0]?.sentence).toContain('Give it &{aixops}:* +publish +subscribe +unsubscribe.');
    redis.disconnect();
  });
});
