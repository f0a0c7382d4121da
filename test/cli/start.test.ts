import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { aixops, startAixops, type Ended } from './aixops.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-start-'));
let redis: RedisServer;
let weakRedis: RedisServer;
let slack: LocalSlack;
let good: NodeJS.ProcessEnv;

beforeAll(async () => {
  [redis, weakRedis, slack] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startRedis({ folder: join(folder, 'weak') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
  ]);
  good = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, REDIS_URL: redis.url };
});
afterAll(async () => {
  await Promise.all([redis.stop(), weakRedis.stop(), slack.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function config(settings = `slack: { apiUrl: "${slack.apiUrl}" }`): string {
  const at = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(at, 'aixops.yaml'), `${settings}\n`);
  writeFileSync(
    join(at, 'inventory.yaml'),
    'nodes: { lpar1: { host: 127.0.0.1, knownHosts: ./known_hosts } }\n',
  );
  return at;
}

function start(at: string, env: NodeJS.ProcessEnv = good, ...more: string[]): Promise<Ended> {
  return aixops(['start', '--config', at, ...more], { env });
}

/** No stack of ours, neither plain nor within a line of the log. */
const stack = /\bat .*\.js:\d+/;

describe.concurrent('start', { timeout: 60_000 }, () => {
  it.each(['all', 'bot', 'worker'])('runs as %s until SIGTERM, and ends with 0', async (role) => {
    const env = role === 'worker' ? { REDIS_URL: redis.url } : good;
    const running = startAixops(['start', '--config', config(), '--role', role], { env });
    await running.printed('aixops started');
    if (role !== 'worker') expect(slack.connections()).toBeGreaterThan(0);
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('"msg":"stopped"');
    expect(stderr).not.toMatch(stack);
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });

  it('ends at once, and says so, when it is told to stop a second time', async () => {
    // Over HTTP it answers for some seconds yet, for a load balancer learns of its end late.
    const at = config(`slack: { apiUrl: "${slack.apiUrl}", mode: http, port: ${await freePort()} }`);
    const env = { ...good, SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef' };
    const running = startAixops(['start', '--config', at, '--role', 'bot'], { env });
    await running.printed('aixops started');
    running.child.kill('SIGTERM');
    await running.printed('"msg":"stopping"');
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect(stderr).toContain('ended at once; others take up what was under way');
    expect(code).toBe(1);
  });

  it('ends with 64 and every problem when the settings are wrong or tokens are missing', async () => {
    const { code, stdout, stderr } = await start(config('slack: { mode: http, port: x }'), {
      REDIS_URL: 'nonsense',
    });
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^aixops: The settings have 3 problems\. Nothing was connected to\.\n/);
    expect(stderr).toMatch(/aixops\.yaml:1 slack\.port: /);
    for (const name of ['REDIS_URL', 'SLACK_BOT_TOKEN']) expect(stderr).toContain(`environment ${name}: `);
    expect(stderr).not.toMatch(stack);
  });

  it('ends with 3 when Redis is down', async () => {
    const { code, stderr } = await start(config(), { ...good, REDIS_URL: 'redis://127.0.0.1:9' });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^aixops: Redis at redis:\/\/127\.0\.0\.1:9 did not answer within 10 s \(.*\)\. Start it, or set REDIS_URL to where it is\.\n$/,
    );
  });

  it('does not start on a Redis that throws keys away, and warns of one without an append-only file', async () => {
    const client = new Redis(weakRedis.url);
    const env = { ...good, REDIS_URL: weakRedis.url };
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const refused = await start(config(), env);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toMatch(/^aixops: Redis throws keys away .* Nothing was started\.\n$/);
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await client.config('SET', 'appendonly', 'no');
    client.disconnect();
    const running = startAixops(['start', '--config', config(), '--role', 'worker'], { env });
    await running.printed('aixops started');
    running.child.kill('SIGTERM');
    expect((await running.ended).stderr).toContain('Redis keeps no append-only file');
  });

  it('ends with 64 when Slack does not know the tokens', async () => {
    const { code, stderr } = await start(config(), { ...good, SLACK_BOT_TOKEN: 'xoxb-of-another' });
    expect(code).toBe(64);
    expect(stderr).toMatch(
      /^aixops: The bot token was not accepted \(invalid_auth\)\. .* Nothing was started\.\n$/,
    );
  });

  it('says that Slack is away, and waits for it', async () => {
    const at = config('slack: { apiUrl: "http://127.0.0.1:9/api/" }');
    const running = startAixops(['start', '--config', at, '--role', 'bot'], { env: good });
    await running.printed('Slack is away; waiting for it');
    running.child.kill('SIGTERM');
    const { stderr } = await running.ended;
    expect(stderr).toContain('Slack at http://127.0.0.1:9/api/ did not answer');
    expect(stderr).not.toMatch(stack);
  });

  it('ends with 64 when the port for Slack is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '0.0.0.0', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { ...good, SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef' };
    const at = config(`slack: { apiUrl: "${slack.apiUrl}", mode: http, port: ${port} }`);
    const { code, stderr } = await start(at, env).finally(() => other.close());
    expect(stderr).toContain(`aixops: Port ${port} is taken by another program.`);
    expect(stderr).not.toMatch(stack);
    expect(code).toBe(64);
  });

  it('knows three roles', async () => {
    const { code, stderr } = await start(config(), good, '--role', 'king');
    expect(code).toBe(64);
    expect(stderr).toContain('Allowed choices are all, bot, worker.');
  });
});
