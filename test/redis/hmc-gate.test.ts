import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createHmcGate } from '../../src/redis/hmc-gate.js';
import { hmcSessionsKey } from '../../src/redis/hmc-line.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-gate-'));
let server: RedisServer;
let redis: Redis;
let tokens = 0;

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 10_000);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function gateAt(clock: () => number) {
  const newToken = (): string => {
    tokens += 1;
    return `t${tokens}`;
  };
  return createHmcGate({ redis, prefix: keyPrefix, limit: 1, clock, newToken });
}

describe('the sessions on an HMC', () => {
  it('of a worker that died are given to others after 15 s', async () => {
    const dead = gateAt(() => 1_000_000);
    void dead('hmc1', () => new Promise(() => undefined));
    await expect.poll(() => redis.zcard(hmcSessionsKey(keyPrefix, 'hmc1'))).toBe(1);
    let entered = false;
    const tooEarly = gateAt(() => 1_014_999)('hmc1', () => Promise.resolve((entered = true)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(entered).toBe(false);
    const later = await gateAt(() => 1_015_000)('hmc1', () => Promise.resolve('in'));
    expect(later).toBe('in');
    await tooEarly;
  });

  it('end without harm to the work when Redis is away, and are free again when it is back', async () => {
    const gate = gateAt(Date.now);
    const answer = await gate('hmc2', async () => {
      await server.kill();
      return 'what the HMC said';
    });
    expect(answer).toBe('what the HMC said');
    const waiting = gate('hmc2', () => Promise.resolve('next'));
    await server.restart();
    expect(await waiting).toBe('next');
    await expect.poll(() => redis.zcard(hmcSessionsKey(keyPrefix, 'hmc2'))).toBe(0);
  }, 60_000);

  it('are waited for while Redis is away for a moment, and are never more than the limit', async () => {
    const gates = [gateAt(() => 1_000_000), gateAt(() => 1_000_000)];
    const now = { open: 0, most: 0 };
    let isCut = false;
    const session = async (): Promise<void> => {
      now.open += 1;
      now.most = Math.max(now.most, now.open);
      if (!isCut) {
        isCut = true;
        await server.kill();
        await server.restart();
      }
      now.open -= 1;
    };
    await Promise.all(gates.flatMap((gate) => Array.from({ length: 5 }, () => gate('hmc3', session))));
    expect(now.most).toBe(1);
  }, 60_000);
});
