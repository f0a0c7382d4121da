import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { startBot, type BotProcess } from '../../src/bot.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { openHealth, type Health } from '../../src/compose-health.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import { createLog } from '../../src/log.js';
import { startWorkerProcess } from '../../src/worker.js';
import { freePort, startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { openPolicyYaml } from '../policy/open-policy.js';

/** What `/readyz` says, in short: the checks that are not ok. */
export interface Picture {
  readonly status: number;
  readonly notOk: Readonly<Record<string, string>>;
}

/** One process with both roles, as `aixops start` builds it, on a real Redis and the local Slack. */
export interface HealthBench {
  readonly folder: string;
  /** The folder of the settings. */
  readonly config: string;
  readonly key: string;
  /** The port for Slack in http mode. */
  readonly slackPort: number;
  readonly server: RedisServer;
  /** A connection for faults; it survives what is done to the others. */
  readonly admin: Redis;
  readonly slack: LocalSlack;
  readonly shared: Shared;
  readonly bot: BotProcess;
  readonly health: Health;
  /** Milliseconds by which the clock of the process is wrong. */
  skewMs: number;
  /** Lines of the process's log. */
  readonly lines: readonly { readonly msg: string; readonly check?: string; readonly state?: string }[];
  /** Tells the process to stop, without stopping it. */
  tellToStop(): void;
  picture(): Promise<Picture>;
  sentenceOf(check: string): Promise<string>;
  stop(): Promise<void>;
}

const settingsFiles = {
  'inventory.yaml':
    'nodes: { lpar1: { host: 127.0.0.1, port: 1, identityFile: ./key, knownHosts: ./known_hosts } }\n',
  'policy.yaml': openPolicyYaml,
};

/** It begins as a key does; nothing logs in with it. */
export const keyText = '-----BEGIN OPENSSH PRIVATE KEY-----\n';

export const signingSecret = '0123456789abcdef0123456789abcdef';

/** Starts it and waits until the first probe could be made; the caller waits for it to be ready. */
export async function openHealthBench(mode: 'socket' | 'http' = 'socket'): Promise<HealthBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-health-'));
  const [server, slack] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
  ]);
  const config = join(folder, 'config');
  mkdirSync(config);
  const key = join(config, 'key');
  writeFileSync(key, keyText, { mode: 0o600 });
  const port = await freePort();
  const aixops = `slack: { apiUrl: "${slack.apiUrl}", mode: ${mode}, port: ${port} }\nhealth: { port: 0 }\n`;
  for (const [name, text] of Object.entries({ ...settingsFiles, 'aixops.yaml': aixops }))
    writeFileSync(join(config, name), text);
  const settings = readSettings(config, true, {
    HOME: folder,
    REDIS_URL: server.url,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_SIGNING_SECRET: signingSecret,
  });
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  return begin({ folder, config, key, slackPort: port, server, slack }, settings);
}

async function begin(
  parts: Pick<HealthBench, 'folder' | 'config' | 'key' | 'slackPort' | 'server' | 'slack'>,
  settings: Settings,
): Promise<HealthBench> {
  const lines: { msg: string; check?: string; state?: string }[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as (typeof lines)[number]);
      done();
    },
  });
  const log = createLog('info', settings.config.known, sink);
  const stopping = new AbortController();
  const bench = { ...parts, lines, skewMs: 0, tellToStop: () => stopping.abort() };
  const health = await openHealth({
    role: 'all',
    settings,
    log,
    stopping: stopping.signal,
    routes: {},
    pace: { roundMs: 250, slowMs: 300 },
    clock: () => Date.now() + bench.skewMs,
  });
  const shared = await share(settings, log);
  health.redis(shared);
  const tools = workerTools(settings, shared, () => false, log);
  const worker = await startWorkerProcess(tools, shared.queues, { connection: shared.workerLink(), log });
  health.worker(shared, worker);
  const bot = await startBot(settings, shared, log);
  health.bot(shared, bot);
  const admin = new Redis(parts.server.url, { maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  const read = async () => {
    const answer = await fetch(`${health.url ?? ''}/readyz`);
    const body = (await answer.json()) as { checks: { name: string; state: string; sentence: string }[] };
    return { status: answer.status, checks: body.checks };
  };
  return Object.assign(bench, {
    admin,
    shared,
    bot,
    health,
    picture: async () => {
      const { status, checks } = await read();
      const notOk = checks.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state]);
      return { status, notOk: Object.fromEntries(notOk) as Picture['notOk'] };
    },
    sentenceOf: async (check: string) =>
      (await read()).checks.find(({ name }) => name === check)?.sentence ?? '',
    stop: async () => {
      await Promise.all([bot.stop(), worker.stop()]);
      await tools.ssh.close();
      await tools.certificates.close();
      await health.close();
      admin.disconnect();
      await shared.close();
      await Promise.all([parts.slack.stop(), parts.server.stop()]);
      rmSync(parts.folder, { recursive: true, force: true });
    },
  });
}

/** Waits until the process shows this, and nothing else. */
export async function shows(bench: HealthBench, expected: Picture): Promise<void> {
  await expect.poll(() => bench.picture(), { timeout: 45_000, interval: 50 }).toEqual(expected);
}

/** All checks are ok. */
export const ready: Picture = { status: 200, notOk: {} };
