/** One real bot on the local Slack and a real Redis, with something of every kind that ids stand for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliver } from '../../jobs/deliver.js';
import { botTools } from '../../src/bot-tools.js';
import type { Settings } from '../../src/cli/context.js';
import { share, type Shared } from '../../src/compose.js';
import { loadConfig } from '../../src/config.js';
import type { Content } from '../../src/outbox/outbox.js';
import { policySchema } from '../../src/policy/schema.js';
import { createSlackApp } from '../../src/slack/app.js';
import type { SlackApp, SlackDoor } from '../../src/slack/options.js';
import { createPoster } from '../../src/slack/poster.js';
import { createStandings, memberAsker } from '../../src/slack/members.js';
import { smallEstate } from '../commands/small-estate.js';
import { log } from '../jobs/workbench.js';
import { freePort, startRedis } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { demoWorkspace } from '../lab/slack/workspace.js';
import { seed, worldOf } from './seeds.js';

/** What the bot put down while one case was played. */
export interface Recorded {
  readonly letters: { readonly channel: string; readonly user: string; readonly content: Content }[];
  readonly jobs: { readonly name: string; readonly id: string }[];
}

export interface HostileBench {
  readonly slack: LocalSlack;
  readonly shared: Shared;
  /** The bot's door for signed requests. */
  readonly door: string;
  readonly recorded: Recorded;
  /** Everything that existed before, as text. */
  world(): Promise<string>;
  /** Sends what waits for Slack, without the pauses that Slack's rates ask for; the codes of what it refused. */
  send(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Alice may ask for everything, Bob and Carol approve, Dave only looks; Gus is a guest and Fay from another workspace. */
const policy = policySchema.parse({
  approvers: ['UBOB', 'UCAROL'],
  allow: { diagnose: 'everyone', propose: ['UALICE', 'UBOB'] },
  rules: [
    { who: ['UBOB'], may: ['freeze'] },
    { who: ['UALICE'], may: ['enrol'] },
  ],
});

export async function openHostileBench(): Promise<HostileBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-hostile-'));
  const redis = await startRedis({ folder: join(folder, 'redis') });
  const usual = demoWorkspace();
  const strangers = [
    { id: 'UGUEST', name: 'gus', realName: 'Gus Guest', email: 'gus@example.com', isGuest: true },
    { id: 'UFOREIGN', name: 'fay', realName: 'Fay Far', email: 'fay@example.net', teamId: 'T0OTHER' },
  ];
  const slack = await startLocalSlack({
    ...{ port: 0, folder: join(folder, 'slack'), isRateLimited: false },
    workspace: {
      ...usual,
      users: [...usual.users, ...strangers],
      channels: usual.channels.map((one) =>
        one.isDirect === true ? one : { ...one, members: [...one.members, 'UGUEST', 'UFOREIGN'] },
      ),
    },
  });
  writeFileSync(join(folder, 'aixops.yaml'), `slack: { apiUrl: "${slack.apiUrl}" }\n`);
  const env = { REDIS_URL: redis.url, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const loaded = loadConfig({ folder, env, needsSlack: true });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  const settings: Settings = { config: loaded.config, inventory: smallEstate().inventory, policy };
  const real = await share(settings, log);
  const recorded: Recorded = { letters: [], jobs: [] };
  const shared = recording(real, recorded);
  await seed(real);
  const port = await freePort();
  const signed = { mode: 'http', signingSecret: slack.signingSecret, host: '127.0.0.1', port } as const;
  const socket = { mode: 'socket', appToken: slack.appToken, connections: 1 } as const;
  const [app, door] = await Promise.all([socket, signed].map((way) => openApp(way, settings, shared, slack)));
  if (app === undefined || door === undefined) throw new Error('a door is missing');
  return {
    ...{ slack, shared: real, door: `http://127.0.0.1:${port}/slack/events`, recorded },
    world: () => worldOf(real),
    send: () => sendAll(app, real),
    stop: async () => {
      await Promise.all([app.stop(), door.stop()]);
      await real.close();
      await slack.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same state in Redis; what goes into the outbox and the queues is written down besides. */
function recording(real: Shared, { letters, jobs }: Recorded): Shared {
  const noted = (put: Shared['outbox']['put']): Shared['outbox']['put'] => {
    return (letter, content) => {
      letters.push({ channel: letter.channel, user: letter.user, content });
      return put(letter, content);
    };
  };
  return {
    ...real,
    outbox: {
      ...real.outbox,
      put: noted((letter, content) => real.outbox.put(letter, content)),
      putOnce: noted((letter, content) => real.outbox.putOnce(letter, content)),
    },
    queues: {
      ...real.queues,
      add: (queue, name, data, options) => {
        if (queue !== 'outbox') jobs.push({ name, id: data.id });
        return real.queues.add(queue, name, data, options);
      },
    },
  };
}

/** The bot's side of Slack behind one way in, with all desks, as the bot makes it. */
async function openApp(
  door: SlackDoor,
  settings: Settings,
  shared: Shared,
  slack: LocalSlack,
): Promise<SlackApp> {
  const ask = memberAsker(slack.apiUrl, slack.botToken);
  const standingOf = createStandings({ ask, clock: Date.now, log });
  const app = createSlackApp({
    ...{ door, botToken: slack.botToken, apiUrl: slack.apiUrl, log, clock: Date.now },
    tools: botTools(settings, shared, { groupsOf: () => Promise.resolve([]), standingOf }, log),
  });
  await app.start();
  return app;
}

async function sendAll({ client }: SlackApp, { outbox, queues, clock, newId }: Shared): Promise<string[]> {
  const refused: string[] = [];
  const tools = {
    ...{ outbox, clock, newToken: newId, queue: queues, poster: createPoster(client) },
    sleep: () => Promise.resolve(),
    onDropped: (_letter: object, code: string) => void refused.push(code),
    onUnsure: () => undefined,
  };
  for (const channel of await outbox.waiting()) await deliver(channel, tools);
  return refused;
}
