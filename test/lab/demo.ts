/** The whole product with nothing to configure: Redis, a local Slack in the browser, a simulated estate, bot and worker. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyYaml } from './config-files.js';
import { startLab, type Lab } from './lab.js';
import { startRedis } from './redis-server.js';
import { startLocalSlack, type LocalSlack } from './slack/start-local-slack.js';
import { ensureParts } from './system-parts.js';
import { spawnTied, type TiedChild } from './tied-child.js';

export interface DemoOptions {
  readonly port: number;
  /** The compiled entry of the command line: `aixops.js`. */
  readonly program: string;
  /** Prints one line of progress. */
  readonly say: (line: string) => void;
  /** The lab's estate, by name; `demo` unless told otherwise. */
  readonly estate?: string;
  /** The text of policy.yaml; the demo's own unless told otherwise. */
  readonly policy?: string;
  /** What bot and worker find in their environment besides. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Demo {
  readonly url: string;
  readonly folder: string;
  /** Resolves when a part has ended by itself, with one line that says which and how. */
  readonly broken: Promise<string>;
  readonly lab: Lab;
  /** Ends bot and worker by SIGKILL, and starts both anew; resolves when the bot listens again. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts every part in turn; when one cannot start, stops those before it and throws with what to do. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-demo-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse())
      await end().catch((error: unknown) => options.say(String(error)));
  };
  try {
    const { slack, lab, start } = await startGround(options, folder, stops);
    let parts = await start();
    stops.push(async () => {
      await Promise.all(parts.map(({ child }) => child.stop('SIGTERM', 15_000)));
    });
    const broken = Promise.race(
      parts.map(async ({ name, child }) => `the ${name} ${await child.ended}: ${logTail(folder, name)}`),
    );
    await connected(slack, parts, folder);
    const killAndRestart = async (): Promise<void> => {
      await Promise.all(parts.map(({ child }) => child.stop('SIGKILL')));
      await until('the bot is gone', () => slack.connections() === 0);
      parts = await start();
      await connected(slack, parts, folder);
    };
    return { url: `http://127.0.0.1:${options.port}`, folder, broken, lab, killAndRestart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Part {
  readonly name: 'bot' | 'worker';
  readonly child: TiedChild;
}

interface Ground {
  readonly slack: LocalSlack;
  readonly lab: Lab;
  /** Starts bot and worker on it. */
  readonly start: () => Promise<readonly Part[]>;
}

/** Everything that bot and worker stand on. */
async function startGround(
  { port, program, say, estate = 'demo', policy = policyYaml('slack'), environment = {} }: DemoOptions,
  folder: string,
  stops: (() => Promise<void>)[],
): Promise<Ground> {
  // The port first: whoever has it taken should know at once.
  const slack = await startLocalSlack({ port, folder: join(folder, 'slack'), log: say });
  stops.push(() => slack.stop());
  const parts = await ensureParts(['redis', 'openssl'], { install: true, log: say });
  if ('missing' in parts.redis)
    throw new Error(`The demo needs a Redis server, and none was found. Type: ${parts.redis.line}`);
  if ('missing' in parts.openssl)
    throw new Error(
      `The demo makes certificates with openssl, which was not found. Type: ${parts.openssl.line}`,
    );
  const redis = await startRedis({ folder: join(folder, 'redis') });
  stops.push(() => redis.stop());
  say('Redis runs, with a data folder of its own.');
  const lab = await startLab({ estate, folder: join(folder, 'lab'), settleMs: 1_500 });
  stops.push(() => lab.stop());
  say(
    `The simulated estate runs: ${lab.hmcs.length} HMC, ${lab.nodes.length} LPARs, some of them broken${clusterWords(lab)}.`,
  );
  const config = join(folder, 'config');
  mkdirSync(config, { recursive: true });
  await lab.writeConfig(config);
  writeFileSync(join(config, 'aixops.yaml'), settings(slack, redis.url));
  writeFileSync(join(config, 'policy.yaml'), policy);
  const env = {
    ...process.env,
    ...environment,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    REDIS_URL: redis.url,
  };
  return { slack, lab, start: () => startParts(program, config, folder, env) };
}

async function startParts(
  program: string,
  config: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const name of ['worker', 'bot'] as const) {
    const log = join(folder, `${name}.log`);
    const command = `exec "$0" "$1" start --role ${name} --config "$2" >>"$3" 2>&1`;
    const child = await spawnTied('/bin/sh', ['-c', command, process.execPath, program, config, log], {
      env,
    });
    parts.push({ name, child });
  }
  return parts;
}

function clusterWords({ clusters }: Lab): string {
  return clusters.length === 0 ? '' : `, and the PowerHA cluster ${clusters.join(', ')} of two of them`;
}

function settings(slack: LocalSlack, redisUrl: string): string {
  return [
    '# The demo waits seconds where a real estate waits minutes.',
    `slack: { apiUrl: "${slack.apiUrl}" }`,
    `redis: { url: "${redisUrl}" }`,
    'verify: { gapSeconds: 3, deadlineMinutes: 2, pollSeconds: 2 }',
    'approvals: { expiryMinutes: 30 }',
    '',
  ].join('\n');
}

/** Waits until the bot listens to Slack. */
async function connected(slack: LocalSlack, parts: readonly Part[], folder: string): Promise<void> {
  await until(
    'the bot is connected',
    () => {
      const over = parts.find(({ child }) => child.isOver());
      if (over !== undefined)
        throw new Error(`The ${over.name} ended at once:\n${logTail(folder, over.name)}`);
      return slack.connections() > 0;
    },
    () => logTail(folder, 'bot'),
  );
}

async function until(what: string, isSo: () => boolean, tail: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`Not within 30 s: ${what}\n${tail()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function logTail(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, `${name}.log`), 'utf8')
      .split('\n')
      .slice(-12)
      .join('\n');
  } catch {
    return '(no log)';
  }
}
