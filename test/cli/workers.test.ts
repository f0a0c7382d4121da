import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueues } from '../../src/queue/queues.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { until } from '../lab/redis-group.js';
import { freePort, startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { aixops, startAixops, type Running } from './aixops.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-workers-'));
let redis: RedisServer;
let slack: LocalSlack;
let at: string;
const started: Running[] = [];

beforeAll(async () => {
  [redis, slack] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
  ]);
  at = config('');
});
afterAll(async () => {
  // Whatever a test that failed has left: the others end with the first one.
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all([redis.stop(), slack.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function config(settings: string): string {
  const made = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(made, 'aixops.yaml'), settings);
  const node = '{ host: 127.0.0.1, knownHosts: ./known_hosts }';
  writeFileSync(join(made, 'inventory.yaml'), `nodes: { lpar1: ${node} }\n`);
  return made;
}

interface Line {
  readonly worker: number;
  readonly msg: string;
  readonly pid?: number;
  readonly url?: string;
}

interface Herd extends Running {
  lines(msg: string): readonly Line[];
  /** Waits until each of these workers has said it. */
  said(msg: string, ...workers: number[]): Promise<void>;
}

function startWorkers(count: number, ...more: string[]): Herd {
  return startAt(at, { REDIS_URL: redis.url }, '--workers', String(count), '--role', 'worker', ...more);
}

function startAt(config: string, env: NodeJS.ProcessEnv, ...args: string[]): Herd {
  const running = startAixops(['start', '--config', config, '--health-port', '0', ...args], { env });
  started.push(running);
  let text = '';
  running.child.stderr?.on('data', (chunk: string) => (text += chunk));
  const lines = (msg: string): readonly Line[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line.msg === msg);
  const said = (msg: string, ...workers: number[]): Promise<void> =>
    until(`${workers.join(', ')} say "${msg}"`, () =>
      Promise.resolve(workers.every((worker) => lines(msg).some((line) => line.worker === worker))),
    );
  return { ...running, lines, said };
}

const begun = 'a further worker process is begun';

function pidsOf(herd: Herd): readonly number[] {
  return [herd.child.pid ?? 0, ...herd.lines(begun).map(({ pid }) => pid ?? 0)];
}

/** A process that nobody has taken leave of yet has ended all the same. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function checkOf(url: string, name: string): Promise<{ state: string; sentence: string }> {
  const answer = await fetch(`${url}/readyz`);
  const { checks } = (await answer.json()) as { checks: { name: string; state: string; sentence: string }[] };
  return checks.find((check) => check.name === name) ?? { state: 'none', sentence: '' };
}

const urlOf = (herd: Herd, worker: number): string =>
  herd.lines('health is answered').find((line) => line.worker === worker)?.url ?? '';

describe.concurrent('start --workers', { timeout: 120_000 }, () => {
  it('takes jobs in several processes, starts one again that was killed, and ends all with SIGTERM', async () => {
    const herd = startWorkers(3);
    await herd.said('aixops started', 1, 2, 3);
    const link = connectRedis(redis.url, () => undefined);
    await readyRedis(link, redis.url, 10_000);
    const queues = createQueues(link, () => undefined);
    await until('all three take jobs', async () => {
      const data = { v: 1, id: 'nobody', notAfter: Number.MAX_SAFE_INTEGER } as const;
      await Promise.all(Array.from({ length: 30 }, () => queues.add('read', 'diagnose', data)));
      const ended = herd.lines('a job ended').map(({ worker }) => worker);
      return [1, 2, 3].every((worker) => ended.includes(worker));
    });
    await queues.close();
    link.disconnect();
    expect(new Set([1, 2, 3].map((worker) => urlOf(herd, worker))).size).toBe(3);
    const [, second = 0, third = 0] = pidsOf(herd);
    process.kill(second, 'SIGKILL');
    await herd.said('a worker process has ended, and is started again', 1);
    await until('it takes jobs again', () =>
      Promise.resolve(herd.lines('aixops started').filter(({ worker }) => worker === 2).length === 2),
    );
    await until('the first one misses nobody', async () => {
      return (await checkOf(urlOf(herd, 1), 'workers')).state === 'ok';
    });
    expect(isAlive(third)).toBe(true);
    herd.child.kill('SIGTERM');
    const { code, stdout } = await herd.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(
      herd
        .lines('stopped')
        .map(({ worker }) => worker)
        .sort(),
    ).toEqual([1, 2, 3]);
    expect(pidsOf(herd).filter(isAlive)).toEqual([]);
  });

  it('stops in order where every process is sent the signal at the same time', async () => {
    const herd = startWorkers(2);
    await herd.said('aixops started', 1, 2);
    for (const pid of pidsOf(herd)) process.kill(pid, 'SIGTERM');
    expect((await herd.ended).code).toBe(0);
    await herd.said('stopped', 1, 2);
    expect(herd.lines('ended at once; others take up what was under way')).toEqual([]);
  });

  it('leaves nobody behind who takes jobs when the first one is killed', async () => {
    const herd = startWorkers(3);
    await herd.said('aixops started', 1, 2, 3);
    herd.child.kill('SIGKILL');
    await herd.said('stopped', 2, 3);
    await herd.ended;
    await until('they are gone', () => Promise.resolve(!pidsOf(herd).some(isAlive)));
  });

  it('ends all at once when it is told to stop a second time, and has the bot in the first process only', async () => {
    // Over HTTP the bot answers for some seconds yet.
    const port = await freePort();
    const env = {
      REDIS_URL: redis.url,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
    };
    const settings = `slack: { apiUrl: "${slack.apiUrl}", mode: http, port: ${port} }\n`;
    const herd = startAt(config(settings), env, '--workers', '2');
    await herd.said('aixops started', 1, 2);
    expect(await checkOf(urlOf(herd, 1), 'slack-token')).not.toMatchObject({ state: 'none' });
    expect(await checkOf(urlOf(herd, 2), 'slack-token')).toMatchObject({ state: 'none' });
    herd.child.kill('SIGTERM');
    await herd.said('stopping', 1);
    herd.child.kill('SIGTERM');
    expect((await herd.ended).code).toBe(1);
    await herd.said('ended at once; others take up what was under way', 1);
    expect(pidsOf(herd).filter(isAlive)).toEqual([]);
  });

  it('says once that one cannot start, and goes on with the others', async () => {
    const { port, taken } = await takenAfterFree();
    const herd = startAt(
      at,
      { REDIS_URL: redis.url },
      ...['--role', 'worker', '--workers', '2', '--health-port', String(port)],
    );
    const url = `http://127.0.0.1:${port}`;
    await herd.printed('a worker process cannot start, and is not started again');
    await until('the first one says so', async () => {
      const { state, sentence } = await checkOf(url, 'workers');
      return (
        state === 'warn' &&
        sentence ===
          '1 of 2 worker processes take jobs: worker 2 ended with exit status 64 and is not started again: look in the log for why, mend it, and restart.'
      );
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    herd.child.kill('SIGTERM');
    const { code, stderr } = await herd.ended;
    taken.close();
    expect(code).toBe(0);
    expect(stderr).toContain(`aixops: Port ${port + 1} `);
    expect(stderr.split(begun)).toHaveLength(2);
  });

  it.each([
    [['--workers', '0'], 'Say how many processes take jobs, 1 to 64;'],
    [['--workers', '65'], 'Say how many processes take jobs, 1 to 64;'],
    [['--workers', 'all'], 'Say how many processes take jobs, 1 to 64;'],
    [['--role', 'bot', '--workers', '2'], 'A bot takes no jobs: --workers goes with --role worker'],
    [['--role', 'worker', '--workers', '2', '--health-port', '65535'], 'there is none above 65535'],
  ])('refuses %j', async (args, why) => {
    const env = { REDIS_URL: redis.url, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const { code, stderr } = await aixops(['start', '--config', at, ...args], { env });
    expect(stderr).toContain(why);
    expect(code).toBe(64);
  });
});

/** A port that is free, and behind it one that is taken. */
async function takenAfterFree(): Promise<{ port: number; taken: Server }> {
  for (;;) {
    const port = await freePort();
    const taken = createServer();
    const isOurs = await new Promise<boolean>((resolve) => {
      taken.once('error', () => resolve(false));
      taken.listen(port + 1, '127.0.0.1', () => resolve(true));
    });
    if (isOurs) return { port, taken };
  }
}
