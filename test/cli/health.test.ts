import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { aixops, startAixops, type Ended, type Running } from './aixops.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-health-cli-'));
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ folder: join(folder, 'redis') });
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

function config(aixopsYaml = ''): string {
  const at = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(at, 'aixops.yaml'), aixopsYaml);
  writeFileSync(join(at, 'inventory.yaml'), 'nodes: { lpar1: { host: 127.0.0.1, port: 1 } }\n');
  return at;
}

/** Where a started process answers, as its log says. */
async function urlOf(running: Running): Promise<string> {
  let said = '';
  running.child.stderr?.on('data', (chunk: string) => (said += chunk));
  await running.printed('health is answered');
  return /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(said)?.[1] ?? '';
}

/** What `aixops health` says once the process is ready. */
async function whenReady(url: string): Promise<Ended> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const told = await aixops(['health', '--url', url]);
    if (told.code === 0 || Date.now() > deadline) return told;
  }
}

async function end(running: Running): Promise<void> {
  running.child.kill('SIGTERM');
  await running.ended;
}

describe.concurrent('the health port', { timeout: 90_000 }, () => {
  it('is answered by a worker, and asked by aixops health', async () => {
    const at = config();
    const env = { REDIS_URL: redis.url };
    const worker = startAixops(['start', '--role', 'worker', '--config', at, '--health-port', '0'], { env });
    const url = await urlOf(worker);
    await worker.printed('aixops started');
    const told = await whenReady(url);
    expect(told.stdout).toMatch(/^ready \(worker\)\nok +redis-reached +since /);
    const live = await aixops(['health', '--live'], {
      env: { AIXOPS_HEALTH_PORT: new URL(url).port, AIXOPS_CONFIG: at },
    });
    expect(live).toMatchObject({ code: 0, stdout: 'alive\n', stderr: '' });
    const list = await fetch(url);
    expect(await list.text()).toContain('/livez\n/readyz\n');
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(405);
    expect(await raw(url, 'nonsense\r\n\r\n')).toBe('');
    await end(worker);
    const gone = await aixops(['health', '--url', url]);
    expect(gone).toMatchObject({ code: 1, stderr: '' });
    expect(gone.stdout).toMatch(
      /^not reached: http.*\/readyz does not answer \(ECONNREFUSED\)\. Look whether/,
    );
  });

  it('says alive and not ready while the process waits for Redis', async () => {
    // It takes connections and says nothing.
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { REDIS_URL: `redis://127.0.0.1:${port}`, AIXOPS_HEALTH_PORT: '0' };
    const worker = startAixops(['start', '--role', 'worker', '--config', config()], { env });
    const url = await urlOf(worker);
    const [ready, live] = await Promise.all([aixops(['health', '--url', url]), fetch(`${url}/livez`)]);
    expect(live.status).toBe(200);
    expect(ready.code).toBe(1);
    expect(ready.stdout).toMatch(
      /^not ready \(worker\)\nstarting redis-reached .* Redis has not answered yet\.\n/,
    );
    await end(worker);
    mute.closeAllConnections();
    mute.close();
  });

  it('that is taken ends the start with 64 and a sentence, before anything is connected', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { REDIS_URL: 'redis://127.0.0.1:9' };
    const started = await aixops(
      ['start', '--role', 'worker', '--config', config(`health: { port: ${port} }\n`)],
      { env },
    ).finally(() => other.close());
    expect(started.code).toBe(64);
    expect(started.stderr).toContain(
      `aixops: Port ${port} for health is taken by another program. Stop it, or set another one by --health-port, AIXOPS_HEALTH_PORT or health.port in aixops.yaml. Nothing was started.\n`,
    );
  });

  it('on an address that is not of this machine ends the start with 64 and a sentence', async () => {
    const env = { REDIS_URL: redis.url, AIXOPS_HEALTH_HOST: '192.0.2.1', AIXOPS_HEALTH_PORT: '0' };
    const started = await aixops(['start', '--role', 'worker', '--config', config()], { env });
    expect(started.code).toBe(64);
    expect(started.stderr).toMatch(
      /The address 192\.0\.2\.1 for health cannot be listened on \(EADDRNOTAVAIL\)\./,
    );
  });

  it.each([
    [['--url', 'ftp://x'], {}, /"ftp:\/\/x" is no address: it begins with http:\/\//],
    [[], {}, /No health port is set\. Set AIXOPS_HEALTH_PORT/],
  ])('is asked for in vain with %j', async (args, env, sentence) => {
    const { code, stderr } = await aixops(['health', ...args, '--config', config()], { env });
    expect(code).toBe(64);
    expect(stderr).toMatch(sentence);
  });

  it('is a number from 0 to 65535, wherever it is set', async () => {
    const env = { AIXOPS_HEALTH_PORT: '99999', REDIS_URL: redis.url };
    const started = await aixops(['start', '--role', 'worker', '--config', config('health: { port: x }\n')], {
      env,
    });
    expect(started.code).toBe(64);
    expect(started.stderr).toMatch(/aixops\.yaml:1 health\.port: This is a port number/);
    expect(started.stderr).toContain(
      'environment AIXOPS_HEALTH_PORT: This must be a port number, not "99999".',
    );
    const asked = await aixops(['start', '--health-port', '70000', '--config', config()]);
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain('A port is 0 to 65535');
  });
});

/** What a connection gets back that is not HTTP. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}
