/** What a bot stands on in the benchmarks: Redis, a local Slack with many channels, and its settings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { readSettings } from '../../src/cli/context.js';
import { share, type Shared } from '../../src/compose.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import type { TrafficRecord } from '../lab/slack/traffic.js';
import { demoWorkspace } from '../lab/slack/workspace.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { startProduct, type Product } from './product.js';

export interface SlackWorld {
  readonly folder: string;
  readonly redis: RedisServer;
  readonly slack: LocalSlack;
  readonly channels: readonly string[];
  /** Writes aixops.yaml and policy.yaml beside an inventory; `port` for a bot that Slack reaches by HTTP. */
  settle(config: string, port: number | null): void;
  start(role: 'bot' | 'worker', config: string): Promise<Product>;
  /** The same Redis as the product has it. */
  share(config: string): Promise<Shared>;
  stop(): Promise<void>;
}

/** Opens it. The local Slack keeps Slack's own pace: a message a second and channel, fifty changes a minute. */
export async function openSlackWorld(name: string, channelCount: number): Promise<SlackWorld> {
  const folder = mkdtempSync(join(tmpdir(), `aixops-${name}-bench-`));
  const channels = Array.from({ length: channelCount }, (_, at) => `C0B${String(at).padStart(4, '0')}`);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // As Redis comes with an append-only file; with a sync at each write the disk would be measured.
    const redis = await startRedis({ folder: join(folder, 'redis'), lines: ['appendfsync everysec'] });
    stops.push(() => redis.stop());
    const slack = await startLocalSlack({
      ...{ port: 0, folder: join(folder, 'slack') },
      workspace: workspaceWith(channels),
    });
    stops.push(() => slack.stop());
    const env = {
      ...{ SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken },
      SLACK_SIGNING_SECRET: slack.signingSecret,
      REDIS_URL: redis.url,
    };
    return {
      ...{ folder, redis, slack, channels, stop },
      settle: (config, port) => {
        const door = port === null ? '' : `mode: http, port: ${port}, `;
        writeFileSync(join(config, 'aixops.yaml'), `slack: { ${door}apiUrl: "${slack.apiUrl}" }\n`);
        writeFileSync(join(config, 'policy.yaml'), openPolicyYaml);
      },
      start: async (role, config) => {
        const product = await startProduct(role, config, env);
        stops.push(() => product.stop());
        return product;
      },
      share: async (config) => {
        const settings = readSettings(config, false, env);
        if (!('config' in settings)) throw new Error(JSON.stringify(settings));
        const shared = await share(settings, pino({ level: 'silent' }));
        stops.push(() => shared.close());
        return shared;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function workspaceWith(channels: readonly string[]): ReturnType<typeof demoWorkspace> {
  const demo = demoWorkspace();
  const members = [demo.app.botUserId, ...demo.users.map(({ id }) => id)];
  const app = { ...demo.app, signingSecret: 'b'.repeat(32) };
  return { ...demo, app, channels: channels.map((id) => ({ id, name: id.toLowerCase(), members })) };
}

/** A message as Slack took it. `at`: when it could be seen, epoch milliseconds. */
export interface Seen {
  readonly channel: string;
  readonly text: string;
  readonly threadTs: string | null;
  readonly ts: string;
  readonly at: number;
  readonly blocks: unknown;
}

/** Collects what the bot posts, for the local Slack keeps only the last calls. */
export function watchPosts(slack: LocalSlack): {
  readonly seen: readonly Seen[];
  limited(): number;
  stop(): void;
} {
  const known = new Set<TrafficRecord>();
  const seen: Seen[] = [];
  let limited = 0;
  const look = (): void => {
    for (const record of slack.traffic('chat.postMessage')) {
      if (record.answeredAt === null || known.has(record)) continue;
      known.add(record);
      if (record.status === 429) limited += 1;
      if (record.answer?.ok === true) seen.push(seenIn(record, record.answeredAt));
    }
  };
  const timer = setInterval(look, 200);
  return {
    get seen() {
      look();
      return seen;
    },
    limited: () => {
      look();
      return limited;
    },
    stop: () => clearInterval(timer),
  };
}

function seenIn({ args, answer }: TrafficRecord, at: number): Seen {
  const { channel, text, thread_ts: thread, blocks } = args;
  const word = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    ...{ channel: word(channel), text: word(text), ts: word(answer?.ts), at, blocks },
    threadTs: typeof thread === 'string' ? thread : null,
  };
}

/** Waits until something is so, looking often; throws with `what` after the time. */
export async function until(what: string, limitMs: number, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(50);
  }
}
