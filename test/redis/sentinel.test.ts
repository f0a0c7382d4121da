import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { redisProblems } from '../../src/redis/problems.js';
import { aixops } from '../cli/aixops.js';
import { startSentinels, type RedisSentinels } from '../lab/redis-sentinel.js';
import { behavesAsOneRedis, openGroup, placeOf, type OpenGroup } from './group-behaviour.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-sentinel-'));
const env = { REDIS_PASSWORD: 'data-password-1', REDIS_SENTINEL_PASSWORD: 'sentinel-password-1' };
let group: RedisSentinels;
let opened: OpenGroup;

beforeAll(async () => {
  const { REDIS_PASSWORD: password, REDIS_SENTINEL_PASSWORD: sentinelPassword } = env;
  group = await startSentinels({ folder, password, sentinelPassword });
  opened = await openGroup(group, env);
}, 90_000);
afterAll(async () => {
  opened.redis.disconnect();
  await group.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function refusal(settings: string, secrets: Readonly<Record<string, string>>): Promise<string> {
  const place = placeOf(settings, secrets);
  const redis = connectRedis(place, () => undefined);
  try {
    await readyRedis(redis, place, 1_500);
    return 'let in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.disconnect();
  }
}

describe('Redis with Sentinels', () => {
  it('says whose password is missing or wrong', async () => {
    expect(await refusal(group.settings, { REDIS_PASSWORD: env.REDIS_PASSWORD })).toBe(
      'A Sentinel does not let us in (NOAUTH). Set REDIS_SENTINEL_PASSWORD, and redis.sentinel.username where it has users.',
    );
    expect(await refusal(group.settings, { ...env, REDIS_PASSWORD: 'wrong' })).toMatch(
      /^The Redis master aixops of the Sentinels at .* does not let us in \(WRONGPASS\)\. Set REDIS_PASSWORD/,
    );
  });

  it('says that the Sentinels know no such master', async () => {
    const place = placeOf(group.settings.replace('name: aixops', 'name: other'), env);
    expect(await refusal(group.settings.replace('name: aixops', 'name: other'), env)).toMatch(
      /^The Redis master other of the Sentinels at .* did not answer within/,
    );
    const problems = await redisProblems(opened.redis, place);
    expect(problems.map(({ sentence }) => sentence).join('\n')).toContain(
      'knows no master other. Set redis.sentinel.name to what it monitors.',
    );
  });

  it('looks at the settings of replicas too: one of them will be the master', async () => {
    const master = await group.masterPort();
    const replica = group.ports.find((port) => port !== master) ?? 0;
    await group.askData(replica, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
    const found = await redisProblems(opened.redis, opened.place);
    await group.askData(replica, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
    expect(found).toEqual([
      {
        kind: 'unsafe',
        sentence: `The Redis replica at 127.0.0.1:${replica} throws keys away when it is full (maxmemory-policy allkeys-lru), and with them changes and jobs. Set maxmemory-policy noeviction.`,
      },
    ]);
  });

  it('is named by the check, with what is wrong behind it', async () => {
    const config = join(folder, 'config');
    mkdirSync(config);
    writeFileSync(
      join(config, 'aixops.yaml'),
      `${group.settings}\nslack: { apiUrl: "http://127.0.0.1:1/api/" }\n`,
    );
    writeFileSync(join(config, 'inventory.yaml'), 'nodes: {}\n');
    const master = await group.masterPort();
    const replica = group.ports.find((port) => port !== master) ?? 0;
    await group.askData(replica, ['CONFIG', 'SET', 'appendonly', 'no']);
    const { stdout } = await aixops(['check', '--config', config], { env });
    await group.askData(replica, ['CONFIG', 'SET', 'appendonly', 'yes']);
    expect(stdout).toMatch(/Redis.* master aixops of the Sentinels at 127\.0\.0\.1:\d+, /);
    expect(stdout).toContain(
      `The Redis replica at 127.0.0.1:${replica} keeps no append-only file (appendonly no)`,
    );
  }, 60_000);

  behavesAsOneRedis(() => opened, { hasSpare: true });
});
