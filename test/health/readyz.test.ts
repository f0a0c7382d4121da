import { chmodSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOnPage } from './page.js';
import { keyText, openHealthBench, ready, shows, type HealthBench } from './health-bench.js';

let bench: HealthBench;
beforeAll(async () => {
  bench = await openHealthBench();
}, 90_000);
afterAll(async () => {
  await bench.stop();
});

interface Fault {
  readonly name: string;
  /** The check that fails, and the sentence that it says. */
  readonly check: string;
  readonly sentence: RegExp;
  /** `failing` unless said otherwise. */
  readonly state?: 'warn';
  /** What cannot be told meanwhile. */
  readonly unknown?: readonly string[];
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/** What cannot be told without Redis. */
const behindRedis = ['redis-writable', 'redis-settings', 'store-key', 'outbox', 'queues', 'clock'];

/** Everybody but the one who makes the faults is sent away, and has to log in anew. */
async function sendAway(): Promise<void> {
  await bench.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

async function signalRedis(signal: NodeJS.Signals, pid: number): Promise<void> {
  process.kill(pid, signal);
  await Promise.resolve();
}

async function pidOfRedis(): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await bench.admin.info('server'))?.[1]);
}

let pid = 0;
const yaml = () => join(bench.config, 'aixops.yaml');
let kept = '';

const faults: readonly Fault[] = [
  {
    name: 'Redis stopped',
    check: 'redis-reached',
    sentence: /^Redis at redis:\/\/127\.0\.0\.1:\d+ is not reached \(.*ECONNREFUSED.*\)\. Start it/,
    unknown: behindRedis,
    begin: () => bench.server.stop(),
    end: () => bench.server.restart(),
  },
  {
    name: 'Redis that hangs',
    check: 'redis-reached',
    sentence: /did not answer within 2 s|is not reached \(/,
    unknown: behindRedis,
    begin: async () => {
      pid = await pidOfRedis();
      await signalRedis('SIGSTOP', pid);
    },
    end: () => signalRedis('SIGCONT', pid),
  },
  {
    name: 'a Redis with another password',
    check: 'redis-reached',
    sentence:
      /does not let us in \(NOAUTH\)\. Set REDIS_URL with the right user and password\. Then restart\./,
    unknown: behindRedis,
    begin: async () => {
      await bench.admin.config('SET', 'requirepass', 'another');
      await sendAway();
    },
    end: () => bench.admin.config('SET', 'requirepass', ''),
  },
  {
    name: 'a Redis that became a replica',
    check: 'redis-writable',
    sentence: /is a read-only replica\. Point REDIS_URL at its master, .* \(READONLY\)$/,
    // Its master is away, so that it keeps what it has.
    begin: () => bench.admin.call('REPLICAOF', '127.0.0.1', '9'),
    end: () => bench.admin.call('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'a Redis that is full',
    check: 'redis-writable',
    sentence: /is full: it has reached maxmemory .* \(OOM\)$/,
    begin: () => bench.admin.config('SET', 'maxmemory', '1'),
    end: () => bench.admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'a Redis that cannot save',
    check: 'redis-writable',
    sentence: /cannot save to its disk\. .* \(MISCONF\)$/,
    begin: async () => {
      // Where its file would go there is a folder.
      mkdirSync(join(bench.folder, 'redis', 'dump.rdb'));
      await bench.admin.config('SET', 'save', '3600 1');
      await bench.admin.bgsave();
    },
    end: async () => {
      await bench.admin.config('SET', 'save', '');
      rmdirSync(join(bench.folder, 'redis', 'dump.rdb'));
    },
  },
  {
    name: 'a Redis user who may not write',
    check: 'redis-writable',
    sentence: /lets us in, but not write\. .* \(NOPERM\)$/,
    begin: () => bench.admin.call('ACL', 'SETUSER', 'default', '-set'),
    end: () => bench.admin.call('ACL', 'SETUSER', 'default', '+set'),
  },
  {
    name: 'a Redis that throws keys away',
    check: 'redis-settings',
    sentence: /throws keys away when it is full \(maxmemory-policy allkeys-lru\)/,
    begin: () => bench.admin.config('SET', 'maxmemory-policy', 'allkeys-lru'),
    end: () => bench.admin.config('SET', 'maxmemory-policy', 'noeviction'),
  },
  {
    name: 'a Redis without an append-only file',
    check: 'redis-settings',
    sentence: /keeps no append-only file \(appendonly no\): a restart loses/,
    begin: () => bench.admin.config('SET', 'appendonly', 'no'),
    end: () => bench.admin.config('SET', 'appendonly', 'yes'),
  },
  {
    name: 'documents sealed with another store key',
    check: 'store-key',
    sentence:
      /sealed with the store key another, and STORE_KEY is not set\. Set it to that key\. Restart with it\.$/,
    begin: () => bench.admin.set('{aixops}:store-key', 'another'),
    end: () => bench.admin.del('{aixops}:store-key'),
  },
  {
    name: 'a queue that somebody has paused',
    check: 'queues',
    sentence: /^Queue "read" is paused: jobs are taken in and none is done\. Resume where that was done\.$/,
    begin: () => withQueue('read', (queue) => queue.pause()),
    end: () => withQueue('read', (queue) => queue.resume()),
  },
  {
    name: 'the queue to Slack paused',
    check: 'outbox',
    sentence: /^The queue "outbox" is paused, so no answer gets to Slack\./,
    begin: () => withQueue('outbox', (queue) => queue.pause()),
    end: () => withQueue('outbox', (queue) => queue.resume()),
  },
  {
    name: 'sockets that were cut and do not come back',
    check: 'slack-socket',
    sentence: /^There is no Socket Mode connection to Slack at http.*; it is tried again and again\./,
    begin: () => {
      bench.slack.faults({ method: 'apps.connections.open', kind: 'refuse', times: 0 });
      bench.slack.faults({ method: '*', kind: 'disconnect-sockets' });
    },
    end: () => bench.slack.clearFaults(),
  },
  {
    name: 'a private key that others may use',
    check: 'private-keys',
    sentence: /may be used by others \(mode 0644\); type: chmod 600 .* nothing can be logged in to\.$/,
    begin: () => chmodSync(bench.key, 0o644),
    end: () => chmodSync(bench.key, 0o600),
  },
  {
    name: 'a private key that is none',
    check: 'private-keys',
    sentence: /^The file \S+key holds no private key: put one there, or mend inventory\.yaml\./,
    begin: () => writeFileSync(bench.key, 'something else\n'),
    end: () => writeFileSync(bench.key, keyText),
  },
  {
    name: 'settings on disk that are not valid',
    check: 'config',
    sentence:
      /^aixops\.yaml changed since the start and is not valid: a restart would end at once\. .*aixops\.yaml:1 slack\.mode: /,
    begin: () => {
      kept = readFileSync(yaml(), 'utf8');
      writeFileSync(yaml(), 'slack: { mode: pigeon }\n');
    },
    end: () => writeFileSync(yaml(), kept),
  },
  {
    name: 'other settings on disk that are valid',
    check: 'config',
    state: 'warn',
    sentence: /^inventory\.yaml changed since the start\. .* restart it to take the change\.$/,
    begin: () => {
      kept = readFileSync(join(bench.config, 'inventory.yaml'), 'utf8');
      writeFileSync(join(bench.config, 'inventory.yaml'), `${kept}# Seen by Alice\n`);
    },
    end: () => writeFileSync(join(bench.config, 'inventory.yaml'), kept),
  },
];

async function withQueue(name: string, work: (queue: Queue) => Promise<void>): Promise<void> {
  const connection = new Redis(bench.server.url);
  const queue = new Queue(name, { prefix: '{aixops}', connection });
  await work(queue);
  await queue.close();
  connection.disconnect();
}

describe('/readyz', { timeout: 60_000 }, () => {
  it('is ready when all is well, with every check of both roles', async () => {
    await shows(bench, ready);
    const answer = await fetch(`${bench.health.url ?? ''}/readyz`, { headers: { accept: 'text/plain' } });
    const [first, ...lines] = (await answer.text()).trim().split('\n');
    expect(first).toBe('ready (all)');
    expect(lines.map((line) => line.split(/ +/, 2).join(' '))).toEqual(
      [
        ...['slack-token', 'slack-socket', 'redis-reached', 'redis-writable', 'redis-settings', 'store-key'],
        ...['config', 'outbox', 'queues', 'clock', 'private-keys', 'inventory'],
      ].map((name) => `ok ${name}`),
    );
  });

  it.each(faults)('tells $name', async ({ check, sentence, state = 'failing', unknown = [], begin, end }) => {
    const before = bench.lines.length;
    const notOk = { ...Object.fromEntries(unknown.map((name) => [name, 'unknown'])), [check]: state };
    try {
      await begin();
      await shows(bench, { status: state === 'failing' ? 503 : 200, notOk });
      await expect.poll(() => bench.sentenceOf(check), { timeout: 10_000 }).toMatch(sentence);
      await onPage(check, state);
    } finally {
      await end();
    }
    await shows(bench, ready);
    const told = bench.lines.slice(before).filter((line) => line.check === check);
    const states = told.map((line) => line.state);
    expect(states).toContain(state);
    // Once for each change, however often it was looked at.
    expect(states.filter((one, index) => one === states[index + 1])).toEqual([]);
    expect(states.at(-1)).toBe('ok');
  });

  it('tells a Slack that is away from a token that is refused, and keeps what waits', async () => {
    bench.slack.faults({ method: '*', kind: 'refuse', times: 0 });
    bench.slack.faults({ method: '*', kind: 'disconnect-sockets' });
    // A message that does not get out makes the bot doubt its token.
    await post('waits-for-slack');
    await shows(bench, { status: 503, notOk: { 'slack-token': 'unknown', 'slack-socket': 'failing' } });
    await onPage('slack-token', 'unknown');
    expect(await bench.sentenceOf('slack-token')).toMatch(/^Slack at http.* did not answer/);
    bench.slack.clearFaults();
    await shows(bench, ready);
    await expect.poll(() => bench.shared.outbox.waiting(), { timeout: 45_000 }).toEqual([]);
  });

  it('says that the token is refused, takes commands even so, tells who typed them, and loses no answer', async () => {
    bench.slack.faults({ method: '*', kind: 'error', error: 'token_revoked', times: 0 });
    await post('waits-for-a-token');
    await shows(bench, { status: 503, notOk: { 'slack-token': 'failing' } });
    expect(await bench.sentenceOf('slack-token')).toMatch(
      /^The bot token was not accepted \(token_revoked\)\. .* Set SLACK_BOT_TOKEN and restart\. Until then commands are taken, and answers are kept\.$/,
    );
    await onPage('slack-token', 'failing');
    const said = await typed('/rmc-status', 'lpar1');
    expect(said).toMatch(/^This was taken, but its answer cannot be shown for now: .*token_revoked/);
    await expect
      .poll(() => waitingKeys(), { timeout: 45_000 })
      .toContainEqual(expect.stringMatching(/^request:/));
    expect(bench.slack.connections()).toBeGreaterThan(0);
    bench.slack.clearFaults();
    await shows(bench, ready);
    // Another message wakes the channel; else it is tried again after some seconds by itself.
    await post('wakes-the-channel');
    await expect.poll(() => bench.shared.outbox.waiting(), { timeout: 45_000 }).toEqual([]);
    const texts = await postedTexts();
    for (const text of ['waits-for-slack', 'waits-for-a-token', 'wakes-the-channel', 'lpar1: unknown'])
      expect(
        texts.filter((one) => one.includes(text)),
        text,
      ).not.toEqual([]);
  });
});

describe('a worker whose clock is wrong', { timeout: 60_000 }, () => {
  it('is not ready, and says by how much', async () => {
    await shows(bench, ready);
    bench.skewMs = 60_000;
    await shows(bench, { status: 503, notOk: { clock: 'failing' } });
    expect(await bench.sentenceOf('clock')).toMatch(
      /^This machine's clock is (?:59|60|61) s ahead of that of Redis\. Look at both, and switch on NTP/,
    );
    await onPage('clock', 'failing');
    bench.skewMs = 0;
    // Which of the two times was right cannot be told: it is ready, and somebody should look.
    await shows(bench, { status: 200, notOk: { clock: 'warn' } });
    expect(await bench.sentenceOf('clock')).toMatch(/clock was set back by 60 s at /);
    await onPage('clock', 'warn');
    bench.skewMs = -100 * 365 * 86_400_000;
    await shows(bench, { status: 503, notOk: { clock: 'failing' } });
    expect(await bench.sentenceOf('clock')).toMatch(
      /^This machine's clock says 19\d\d-.*, which cannot be\./,
    );
    bench.skewMs = 0;
    await shows(bench, { status: 200, notOk: { clock: 'warn' } });
  });
});

describe('a process that is told to stop', { timeout: 60_000 }, () => {
  it('is alive and not ready from then on, whatever its parts do', async () => {
    const at = bench.health.url ?? '';
    expect((await fetch(`${at}/livez`)).status).toBe(200);
    bench.tellToStop();
    const answer = await fetch(`${at}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ready: false, stopping: true, role: 'all' });
    const text = await fetch(`${at}/readyz`, { headers: { accept: 'text/plain' } });
    expect(await text.text()).toMatch(/^stopping \(all\)\n/);
    await bench.bot.stop();
    expect((await fetch(`${at}/livez`)).status).toBe(200);
  });
});

const channel = 'C0OPS';

/** What the check says now stands in the manual. */
async function onPage(check: string, state: string): Promise<void> {
  const said = await bench.sentenceOf(check);
  expect(isOnPage(check, state, said), said).toBe(true);
}

async function post(text: string): Promise<void> {
  const letter = { key: text, channel, thread: null, priority: 'card', user: 'UALICE' } as const;
  await bench.shared.outbox.put(letter, { kind: 'message', message: { text, blocks: [] } });
}

async function waitingKeys(): Promise<readonly string[]> {
  return (await bench.shared.outbox.queue(channel, 50)).map(({ key }) => key);
}

async function postedTexts(): Promise<readonly string[]> {
  const answer = await fetch(`${bench.slack.url}/_control/messages/${channel}`);
  return ((await answer.json()) as { messages: { text: string }[] }).messages.map(({ text }) => text);
}

/** What the bot acknowledges a command with. */
async function typed(command: string, text: string): Promise<string> {
  const answer = await bench.slack.deliver('slash_commands', {
    ...{
      command,
      text,
      user_id: 'UALICE',
      user_name: 'alice',
      channel_id: channel,
      channel_name: 'unix-oncall',
    },
    ...{
      team_id: 'T0DEMO',
      team_domain: 'demo',
      trigger_id: '1.2.abc',
      response_url: `${bench.slack.url}/none`,
    },
    ...{ api_app_id: 'A0', token: 'x', is_enterprise_install: 'false' },
  });
  const said = answer?.['text'];
  return typeof said === 'string' ? said : '';
}
