import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { readSettings } from '../../src/cli/context.js';
import { share, type Shared } from '../../src/compose.js';
import { aixops, startAixops, type Running } from '../cli/aixops.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { demoWorkspace } from '../lab/slack/workspace.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { rollingEstate } from './rolling-estate.js';
import { channels } from './rolling-orders.js';

/** A Redis of any form, as a world stands on it. */
export interface RedisUnder {
  /** The `redis:` section of aixops.yaml, in one line. */
  readonly settings: string;
  stop(): Promise<void>;
}

/** Two bots and three workers as processes of their own, with all that they stand on. */
export interface RollingWorld {
  readonly slack: LocalSlack;
  readonly lab: Lab;
  /** The same Redis, as this test sees it. */
  readonly shared: Shared;
  readonly members: readonly Member[];
  /** What `aixops audit verify` says; throws where the chain is broken. */
  verifyAudit(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts all of it; resolves when the bots are connected and every process says that it runs. */
export async function openRollingWorld(
  startRedis: (folder: string) => Promise<RedisUnder>,
): Promise<RollingWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-rolling-'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [redis, slack, lab] = await Promise.all([
      startRedis(join(folder, 'redis')),
      startLocalSlack({
        port: 0,
        folder: join(folder, 'slack'),
        isRateLimited: false,
        workspace: workspace(),
      }),
      startLab({ estate: rollingEstate(), folder: join(folder, 'lab'), settleMs: 300 }),
    ]);
    stops.push(
      () => redis.stop(),
      () => slack.stop(),
      () => lab.stop(),
    );
    const config = join(folder, 'config');
    mkdirSync(config);
    await lab.writeConfig(config);
    writeFileSync(join(config, 'aixops.yaml'), settingsText(slack, redis.settings));
    writeFileSync(join(config, 'policy.yaml'), openPolicyYaml);
    // As in the image: most of the time until a process runs would be spent on reading its code.
    const cache = { NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
    const env = { ...cache, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const settings = readSettings(config, false);
    if (!('config' in settings)) throw new Error(JSON.stringify(settings));
    const shared = await share(settings, pino({ level: 'silent' }));
    stops.push(() => shared.close());
    const roles = ['worker', 'bot', 'worker', 'bot', 'worker'] as const;
    const members = roles.map((role, n) => new Member(`${role} ${n}`, role, ['--config', config], env));
    stops.push(async () => {
      await Promise.all(members.map((member) => member.end('SIGKILL')));
    });
    await Promise.all(members.map((member) => member.start()));
    const verifyAudit = async (): Promise<string> => {
      const { code, stdout, stderr } = await aixops(['audit', 'verify', '--config', config], { env });
      if (code !== 0) throw new Error(`audit verify ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    };
    return { slack, lab, shared, members, verifyAudit, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One of the processes: started, stopped and started again. */
export class Member {
  #running: Running | null = null;
  #said = '';

  constructor(
    readonly name: string,
    readonly role: 'bot' | 'worker',
    private readonly options: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Everything that it has logged, over all its lives. */
  get said(): string {
    return this.#said;
  }

  async start(): Promise<void> {
    const running = startAixops(['start', '--role', this.role, ...this.options], { env: this.env });
    this.#running = running;
    await running.printed('aixops started');
  }

  /** Sends the signal and waits for the end; its exit code, 143 and the like for one that a signal ended, null when none runs. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const running = this.#running;
    if (running === null) return null;
    this.#running = null;
    running.child.kill(signal);
    const { code, stderr } = await running.ended;
    this.#said += stderr;
    return code;
  }
}

function workspace() {
  const demo = demoWorkspace();
  const members = [demo.app.botUserId, ...demo.users.map(({ id }) => id)];
  return { ...demo, channels: channels.map((id) => ({ id, name: id.toLowerCase(), members })) };
}

function settingsText(slack: LocalSlack, redis: string): string {
  return [
    `slack: { apiUrl: "${slack.apiUrl}" }`,
    redis,
    'verify: { gapSeconds: 1, deadlineMinutes: 2, pollSeconds: 1 }',
    '',
  ].join('\n');
}
