/** How fast the outbox sends what waits in many channels, against what Slack's limits allow. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Shared } from '../../src/compose.js';
import type { Priority, Thread } from '../../src/outbox/outbox.js';
import { bench } from './bench.js';
import { openSlackWorld, until, watchPosts, type Seen, type SlackWorld } from './slack-world.js';
import { spreadOf } from './spread.js';
import type { Result, Target } from './table.js';

interface Size {
  readonly channels: number;
  readonly perChannel: number;
}

/** Messages of one thread, the one that starts it included. */
const threadLength = 7;
/** Posts that Slack refuses, asking for so much patience; some early, some late. */
const limited = { times: 10, retryAfter: 2 } as const;

/** The benchmark. */
export const outboxBench = bench<Size>({
  name: 'outbox',
  title: "posts over many channels under Slack's limits",
  full: { channels: 20, perChannel: 50 },
  quick: { channels: 5, perChannel: 12 },
  run,
});

async function run(size: Size): Promise<Omit<Result, 'bench' | 'title'>> {
  const world = await openSlackWorld('outbox', size.channels);
  try {
    const config = join(world.folder, 'config');
    mkdirSync(config);
    writeFileSync(
      join(config, 'inventory.yaml'),
      'nodes: { lpar1: { host: 127.0.0.1, platform: powervs } }\n',
    );
    world.settle(config, null);
    const shared = await world.share(config);
    return await measure(world, config, shared, size);
  } finally {
    await world.stop();
  }
}

async function measure(
  world: SlackWorld,
  config: string,
  shared: Shared,
  { channels, perChannel }: Size,
): Promise<Omit<Result, 'bench' | 'title'>> {
  const { slack } = world;
  const bot = await world.start('bot', config);
  const idle = await commandsPerSecond(shared);
  const posts = watchPosts(slack);
  const all = channels * perChannel;
  const before = { commands: await commandsOf(shared), cpuMs: bot.cpuMs() };
  const begunAt = Date.now();
  const expected = await putAll(world, shared, perChannel - 1);
  const putMs = Date.now() - begunAt;
  const fault = () => slack.faults({ method: 'chat.postMessage', kind: '429', ...limited });
  await sleep(perChannel * 100);
  fault();
  await sleep(perChannel * 200);
  fault();
  const approvalsAt = new Map<string, number>();
  for (const channel of world.channels) {
    approvalsAt.set(channel, Date.now());
    await put(shared, { channel, key: `${channel}-approval`, priority: 'approval', thread: null });
  }
  await until(`${all} posts`, perChannel * 4_000 + 60_000, () => posts.seen.length >= all);
  // Whatever is sent twice comes now.
  await sleep(3_000);
  posts.stop();
  const took = Math.max(...posts.seen.map(({ at }) => at)) - begunAt;
  const commands = (await commandsOf(shared)) - before.commands - (idle * (Date.now() - begunAt)) / 1000;
  const faults = faultsIn(posts.seen, expected);
  const late = posts.seen.map((one) => lateMs(one, posts.seen, begunAt));
  const waits = approvalWaits(posts.seen, approvalsAt);
  // Beyond the first three, which go at once, one a second; and the patience that was asked for.
  const boundMs = (perChannel - 3) * 1_000;
  return {
    rows: [
      {
        ...{ posts: all, channels, 'took s': took / 1000, 'allowed s': boundMs / 1000 },
        'put s': putMs / 1000,
        'latest s': Math.max(...late) / 1000,
        'approval p95 s': spreadOf(waits).p95 / 1000,
        '429s': posts.limited(),
        'bot CPU s': (bot.cpuMs() - before.cpuMs) / 1000,
        'Redis commands a post': commands / all,
        ...faults,
      },
    ],
    targets: targetsOf(faults, took, { channels, perChannel }),
    notes: [
      `allowed: ${perChannel} posts in each channel at one a second, the first three at once; we send one every 1.05 s, so that other clients' clocks do not count against us`,
      `Slack refused ${2 * limited.times} posts on top, each with ${limited.retryAfter} s of patience asked for; the 429s counted are all that the bot got`,
      'latest: of all messages the one that was furthest behind one a second from the first put on',
      'approval: from its putting behind the details to its being seen; it may have to let one post go first, and wait out a 429',
      'Redis commands: of bot, queue and outbox together, those in scripts included, less what an idle bot sends',
    ],
  };
}

type Faults = Readonly<Record<'lost' | 'doubled' | 'out of order', number>>;

function targetsOf(faults: Faults, tookMs: number, { channels, perChannel }: Size): readonly Target[] {
  const wrong = faults.lost + faults.doubled + faults['out of order'];
  // Our own pace, the patience that one channel is asked for where the 429s spread evenly, and a tenth for the work itself.
  const patienceMs = 2 * Math.ceil(limited.times / channels) * limited.retryAfter * 1_000;
  const mostMs = (perChannel * 1_050 + patienceMs) * 1.1;
  return [
    {
      text: `nothing lost, doubled or out of order in its thread: ${wrong} (target: 0)`,
      isMet: wrong === 0,
    },
    {
      text: `all sent in ${(tookMs / 1000).toFixed(1)} s (target: at most ${(mostMs / 1000).toFixed(1)} s, by our pace and the patience asked for)`,
      isMet: tookMs <= mostMs,
    },
  ];
}

interface Put {
  readonly channel: string;
  readonly key: string;
  readonly priority: Priority;
  readonly thread: Thread;
}

function put(shared: Shared, { channel, key, priority, thread }: Put): Promise<void> {
  const message = {
    text: `message ${key}`,
    blocks: [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: `message ${key}` } }],
  };
  return shared.outbox.putOnce(
    { key, channel, priority, thread, user: 'UALICE' },
    { kind: 'message', message },
  );
}

/** Threads of a card and its details in every channel; answers with the keys of each channel's threads, in order. */
async function putAll(
  { channels }: SlackWorld,
  shared: Shared,
  perChannel: number,
): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
  const expected = new Map<string, readonly string[][]>();
  await Promise.all(
    channels.map(async (channel) => {
      const threads: string[][] = [];
      for (let n = 0; n < perChannel; n += 1) {
        const [thread, at] = [Math.floor(n / threadLength), n % threadLength];
        const rootKey = `${channel}-${thread}-0`;
        const key = `${channel}-${thread}-${at}`;
        (threads[thread] ??= []).push(key);
        await put(shared, {
          ...{ channel, key, priority: at === 0 ? 'card' : 'detail' },
          thread: at === 0 ? null : { key: rootKey },
        });
      }
      expected.set(channel, [...threads, [`${channel}-approval`]]);
    }),
  );
  return expected;
}

function faultsIn(
  seen: readonly Seen[],
  expected: ReadonlyMap<string, readonly (readonly string[])[]>,
): Faults {
  const orderOf = new Map<string, number>();
  let doubled = 0;
  for (const [at, { text }] of seen.entries()) {
    const key = /^message (\S+)/.exec(text)?.[1] ?? text;
    if (orderOf.has(key)) doubled += 1;
    orderOf.set(key, at);
  }
  const threads = [...expected.values()].flat();
  const lost = threads.flat().filter((key) => !orderOf.has(key)).length;
  const places = new Map(seen.map((one) => [/^message (\S+)/.exec(one.text)?.[1] ?? one.text, one]));
  const isOutOfOrder = (keys: readonly string[]): boolean => {
    const root = places.get(keys[0] ?? '');
    return keys.some((key, at) => {
      const one = places.get(key);
      const isAstray = at > 0 && one?.threadTs !== root?.ts;
      return isAstray || (at > 0 && (orderOf.get(keys[at - 1] ?? '') ?? 0) > (orderOf.get(key) ?? 0));
    });
  };
  return { lost, doubled, 'out of order': threads.filter(isOutOfOrder).length };
}

/** How far a message is behind one a second from the beginning, by its rank in its channel. */
function lateMs(one: Seen, seen: readonly Seen[], begunAt: number): number {
  const rank = seen.filter(({ channel, at }) => channel === one.channel && at < one.at).length;
  return one.at - begunAt - rank * 1_000;
}

function approvalWaits(seen: readonly Seen[], putAt: ReadonlyMap<string, number>): readonly number[] {
  return seen.flatMap(({ channel, text, at }) =>
    text.includes('-approval') ? [at - (putAt.get(channel) ?? NaN)] : [],
  );
}

async function commandsOf({ redis }: Shared): Promise<number> {
  const info = String(await redis.call('INFO', 'stats'));
  return Number(/^total_commands_processed:(\d+)/m.exec(info)?.[1] ?? NaN);
}

async function commandsPerSecond(shared: Shared): Promise<number> {
  const [begunAt, before] = [performance.now(), await commandsOf(shared)];
  await sleep(3_000);
  return (((await commandsOf(shared)) - before) * 1000) / (performance.now() - begunAt);
}
