/** A bot and a worker on a real Redis, the local Slack and the simulated estate, with secrets planted wherever they come in. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { startBot } from '../../src/bot.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import { settingsOrThrow, type Settings } from '../../src/cli/context.js';
import { createLog } from '../../src/log.js';
import { startWorkerProcess } from '../../src/worker.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startRedis } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';

/** Every secret by where it was planted; no two share a part. */
export interface Canaries {
  readonly [place: string]: string;
}

/** What a node prints that is no secret: where outputs are kept in the clear, it is found. */
export const sentinel = 'plain-sentinel-of-an-output';

export interface World {
  readonly slack: LocalSlack;
  readonly lab: Lab;
  readonly shared: Shared;
  readonly canaries: Canaries;
  readonly folder: string;
  readonly logged: () => string;
  /** Everything that Redis holds, as text: names of keys and all values. */
  dump(): Promise<ReadonlyMap<string, readonly string[]>>;
  readonly control: (call: string, body: object) => Promise<void>;
  /** Waits for a message that says all of this. */
  readonly seen: (...texts: readonly string[]) => Promise<Posted>;
  readonly press: (card: Posted, action: string, user: string) => Promise<void>;
  stop(): Promise<void>;
}

export interface Posted {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly object[];
}

const channel = 'C0OPS';

export async function openWorld(isSealed: boolean): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-canary-'));
  const [server, slack, lab] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
    startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 300 }),
  ]);
  const config = join(folder, 'config');
  const files = await lab.writeConfig(config);
  const canaries = plantedIn(slack, readFileSync(files.identityFile, 'utf8'));
  const redis = new Redis(server.url);
  await redis.config('SET', 'requirepass', canaries['redis password in aixops.yaml'] ?? '');
  const env = writeSettings(config, folder, { canaries, slack, port: server.port, isSealed });
  plantOnNodes(lab, config, canaries);
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const settings = settingsOf(config, env);
  const log = createLog('debug', settings.config.known, sink);
  const shared = await share(settings, log);
  const tools = workerTools(settings, shared, () => false, log);
  const worker = await startWorkerProcess(tools, shared.queues, { connection: shared.workerLink(), log });
  const bot = await startBot(settings, shared, log);

  const control = async (call: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${slack.url}/_control/${call}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const posted = async (): Promise<readonly Posted[]> => {
    const answer = await fetch(`${slack.url}/_control/messages/${channel}`);
    return ((await answer.json()) as { messages: Posted[] }).messages;
  };
  return {
    slack,
    lab,
    shared,
    canaries,
    folder,
    logged: () => lines.join(''),
    dump: () => dumpOf(redis),
    control,
    seen: async (...texts) => {
      const deadline = Date.now() + 45_000;
      for (;;) {
        const found = (await posted()).findLast(({ text }) => texts.every((one) => text.includes(one)));
        if (found !== undefined) return found;
        if (Date.now() > deadline)
          throw new Error(
            `not seen: ${texts.join(' ')}\n${(await posted()).map(({ text }) => text).join('\n')}\n${lines.join('')}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    },
    press: async (card, action, user) => {
      const blocks = (card.blocks ?? []) as { elements?: { action_id?: string; value?: string }[] }[];
      const value = blocks
        .flatMap((one) => one.elements ?? [])
        .find((one) => one.action_id === action)?.value;
      if (value === undefined) throw new Error(`no button ${action} in ${JSON.stringify(card.blocks)}`);
      const button = { type: 'button', action_id: action, block_id: 'b', value };
      await control('interact', { channel, messageTs: card.ts, user, action: button });
    },
    stop: async () => {
      await bot.stop();
      await worker.stop();
      await tools.ssh.close();
      await tools.certificates.close();
      await shared.close();
      redis.disconnect();
      await Promise.all([lab.stop(), slack.stop(), server.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Read as a process reads them that was started with this environment. */
function settingsOf(folder: string, env: Readonly<Record<string, string>>): Settings {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return settingsOrThrow(folder, true);
  } finally {
    for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  }
}

/** Some are secrets that the bot holds, others have only a shape that gives them away. */
function plantedIn(slack: LocalSlack, identity: string): Canaries {
  const keyLine = identity.split('\n').find((line) => /^[A-Za-z0-9+/]{60,}$/.test(line)) ?? '';
  return {
    'bot token in a file': slack.botToken,
    'app token in the environment': slack.appToken,
    'signing secret in the environment': '5161626364c0ffee5161626364c0ffee',
    'redis password in aixops.yaml': 'Canary8-Redis-Password',
    'store key from a command': Buffer.from('canary store key 0123456789abcde').toString('base64'),
    'step-up seed in the environment': 'CANARYSEEDABCDEFGHIJKLMNOPQRSTUV',
    'private key of ssh': keyLine,
    'password in the output of a step': 'canary-of-a-step-1',
    'key in the output of a step': 'Y2FuYXJ5IGtleSBvZiBhIHN0ZXA',
    'password in an answer that is not understood': 'canary-of-an-answer-2',
    'password in the subject of a certificate': 'canary-of-a-subject-3',
    'password that a person typed': 'canary-that-was-typed-4',
    'password that a person gave as a reason': 'canary-of-a-reason-5',
  };
}

function writeSettings(
  config: string,
  folder: string,
  {
    canaries,
    slack,
    port,
    isSealed,
  }: { canaries: Canaries; slack: LocalSlack; port: number; isSealed: boolean },
): Readonly<Record<string, string>> {
  const secret = (place: string): string => canaries[place] ?? '';
  const password = secret('redis password in aixops.yaml');
  writeFileSync(
    join(config, 'aixops.yaml'),
    [
      `slack: { apiUrl: "${slack.apiUrl}" }`,
      `redis: { url: "redis://:${password}@127.0.0.1:${port}" }`,
      'verify: { gapSeconds: 1, deadlineMinutes: 1, pollSeconds: 1 }',
    ].join('\n'),
  );
  const held = join(folder, 'secrets');
  mkdirSync(held, { mode: 0o700 });
  writeFileSync(join(held, 'bot-token'), secret('bot token in a file'), { mode: 0o600 });
  writeFileSync(join(held, 'print-key'), `#!/bin/sh\necho '${secret('store key from a command')}'\n`, {
    mode: 0o700,
  });
  return {
    HOME: folder,
    PATH: process.env['PATH'] ?? '',
    SLACK_BOT_TOKEN_FILE: join(held, 'bot-token'),
    SLACK_APP_TOKEN: secret('app token in the environment'),
    SLACK_SIGNING_SECRET: secret('signing secret in the environment'),
    STEP_UP_SECRETS: `UBOB: ${secret('step-up seed in the environment')}`,
    ...(isSealed ? { STORE_KEY_COMMAND: join(held, 'print-key') } : {}),
  };
}

/** lpar6 says secrets while it is repaired, lpar7 in an answer that is not understood, lpar1 in a certificate. */
function plantOnNodes(lab: Lab, config: string, canaries: Canaries): void {
  const said = [
    sentinel,
    `login with password=${canaries['password in the output of a step'] ?? ''}`,
    `using ${canaries['bot token in a file'] ?? ''} ${canaries['signing secret in the environment'] ?? ''}`,
    ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' '),
    canaries['key in the output of a step'] ?? '',
  ];
  wrap(lab.node('lpar6').root, 'usr/sbin/rsct/bin/rmcctrl', [
    ...said.map((line) => `echo '${line}'`),
    ...said.map((line) => `echo '${line}' >&2`),
    'exec "$LAB_BIN/rmcctrl" "$@"',
  ]);
  const odd = `password=${canaries['password in an answer that is not understood'] ?? ''}`;
  const echoes = [`echo '${odd} ${canaries['redis password in aixops.yaml'] ?? ''}'`];
  for (const program of ['usr/bin/lssrc', 'usr/sbin/rsct/bin/rmcdomainstatus', 'usr/bin/lslpp'])
    wrap(lab.node('lpar7').root, program, echoes);
  const root = lab.node('lpar1').root;
  mkdirSync(join(root, 'etc/canary'), { recursive: true });
  const subject = `/O=password=${canaries['password in the subject of a certificate'] ?? ''}/CN=erp`;
  const pem = join(root, 'etc/canary/server.pem');
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '5', '-subj', subject];
  execFileSync('openssl', [...args, '-keyout', `${pem}.key`, '-out', pem], { stdio: 'ignore' });
  writeFileSync(pem, readFileSync(pem, 'utf8') + readFileSync(`${pem}.key`, 'utf8'));
  const inventory = join(config, 'inventory.yaml');
  const text = readFileSync(inventory, 'utf8');
  const rule = '  - { nodes: lpar1, files: [/etc/canary/server.pem] }\n';
  writeFileSync(
    inventory,
    /^certificates:\n/m.test(text)
      ? text.replace(/^certificates:\n/m, `certificates:\n${rule}`)
      : `${text}certificates:\n${rule}`,
  );
}

function wrap(root: string, program: string, lines: readonly string[]): void {
  const file = join(root, program);
  unlinkSync(file);
  writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
}

async function dumpOf(redis: Redis): Promise<ReadonlyMap<string, readonly string[]>> {
  const held = new Map<string, readonly string[]>();
  for (const key of await redis.keys('*')) held.set(key, await valuesOf(redis, key));
  return held;
}

async function valuesOf(redis: Redis, key: string): Promise<readonly string[]> {
  switch (await redis.type(key)) {
    case 'string':
      return [(await redis.get(key)) ?? ''];
    case 'hash':
      return Object.entries(await redis.hgetall(key)).flat();
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return (await redis.xrange(key, '-', '+')).flatMap(([id, fields]) => [id, ...fields]);
    default:
      return [];
  }
}

/** Every file below a folder, as text in which each byte is one character. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    names
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );
}
