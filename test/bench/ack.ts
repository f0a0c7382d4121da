/** How soon people in Slack are answered while the workers have more to do than they can. */
import { join } from 'node:path';
import { clicks, offersFor } from './ack-clicks.js';
import { freePort } from '../lab/redis-server.js';
import { startReplay } from '../lab/replay/replay-lab.js';
import type { Measured, World } from './ack-world.js';
import { bench } from './bench.js';
import type { Product } from './product.js';
import { record } from './record.js';
import { httpCaller, socketCaller, type Answer, type Caller } from './slack-callers.js';
import { openSlackWorld, until, watchPosts, type Seen } from './slack-world.js';
import { spreadOf } from './spread.js';
import { atMost, type Result } from './table.js';

interface Size {
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly channels: number;
  readonly nodes: number;
  readonly clicks: number;
}

const hmcs = 10;
const lparsPerSystem = 20;
/** This LPAR of each system has something to be fixed. */
const brokenLpar = 20;
const ackMostMs = 300;
const cardMostMs = 1_500;
const judgedRate = 50;

/** The benchmark. */
export const ackBench = bench<Size>({
  name: 'ack',
  title: 'Slack commands and clicks while the workers are saturated',
  full: { rates: [10, 50, 100], seconds: 15, channels: 240, nodes: 1000, clicks: 20 },
  quick: { rates: [10, 50], seconds: 4, channels: 60, nodes: 200, clicks: 4 },
  run,
});

type Table = Omit<Result, 'bench' | 'title'>;

async function run(size: Size): Promise<Table> {
  // The last ones for what is not measured: sweeps, and the one channel that gets too much.
  const slackWorld = await openSlackWorld('ack', size.channels + 2);
  try {
    const tapeFile = join(slackWorld.folder, 'tape.json');
    await record(tapeFile, {
      lpars: lparsPerSystem,
      scenarios: { [brokenLpar]: 'ctrmc-stopped' },
      diagnostics: ['rmc', 'rsct-level'],
    });
    const lab = await startReplay({
      ...{ tapeFile, folder: join(slackWorld.folder, 'config'), hmcs, systems: size.nodes / lparsPerSystem },
      ...{ lparsPerSystem, roundTripMs: 20, remoteMs: 20 },
    });
    try {
      slackWorld.settle(lab.config, null);
      const world = { ...slackWorld, lab, shared: await slackWorld.share(lab.config) };
      const worker = await world.start('worker', lab.config);
      return tableOf(await overDoors(world, worker, size), size);
    } finally {
      await slackWorld.stop();
      await lab.stop();
    }
  } finally {
    await slackWorld.stop();
  }
}

async function overDoors(world: World, worker: Product, size: Size): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const door of ['socket', 'http'] as const) {
    const port = door === 'socket' ? null : await freePort();
    world.settle(world.lab.config, port);
    const bot = await world.start('bot', world.lab.config);
    const caller = port === null ? socketCaller(world.slack) : httpCaller(world.slack, port);
    try {
      // Before there is too much to do: offers to click on.
      const offers = door === 'socket' ? await offersFor(world, caller, size.clicks) : [];
      const load = { world, worker, bot, caller, size };
      await saturate(load);
      for (const perSecond of size.rates) measured.push(await commands(load, perSecond));
      if (door === 'socket') measured.push(await oneChannel(load), await clicks(world, caller, offers));
    } finally {
      caller.close();
      await bot.stop();
    }
  }
  return measured;
}

interface Load {
  readonly world: World;
  readonly worker: Product;
  readonly bot: Product;
  readonly caller: Caller;
  readonly size: Size;
}

/** Has the worker sweep: each sweep is another choice of HMCs, so that none of them stands for another. */
async function saturate({ world, caller, size }: Load): Promise<void> {
  const channel = world.channels[size.channels] ?? '';
  const names = Array.from({ length: hmcs }, (_, at) => `hmc:hmc${at + 1}`);
  let sweeps = 0;
  while ((await world.shared.queues.depth('read')) < 40) {
    const chosen = names.filter((_, at) => ((sweeps * 37 + 11) >> at) % 2 === 1 || at === sweeps % hmcs);
    await told(caller.command(channel, '/rsct-level', chosen.join(' ')));
    sweeps += 1;
    if (sweeps > 400) throw new Error('the worker is too quick to be saturated');
  }
}

async function told(answer: Promise<Answer>): Promise<void> {
  const said = await answer;
  if (said !== 'ok') throw new Error(`the bot did not take a command: ${JSON.stringify(said)}`);
}

/** Commands at a rate, each of another node and spread over all channels. */
async function commands({ world, worker, bot, caller, size }: Load, perSecond: number): Promise<Measured> {
  const { lab, shared, slack } = world;
  const posts = watchPosts(slack);
  const count = perSecond * size.seconds;
  const wanted = Array.from({ length: count }, (_, n) => ({
    channel: world.channels[n % size.channels] ?? '',
    node: lab.nodes[(n * 7 + Math.floor(n / size.channels)) % lab.nodes.length]?.name ?? '',
  }));
  const firstSeen = posts.seen.length;
  const before = { bot: bot.cpuMs(), worker: worker.cpuMs(), at: performance.now() };
  const sent = await caller.commands(
    perSecond,
    wanted.map(({ channel, node }) => ({ channel, command: '/rsct-level', text: node })),
  );
  const seconds = (performance.now() - before.at) / 1000;
  const shares = {
    bot: (bot.cpuMs() - before.bot) / seconds / 10,
    worker: (worker.cpuMs() - before.worker) / seconds / 10,
  };
  const waiting = await shared.queues.depth('read');
  const cardsOf = (): readonly (number | null)[] => {
    const cards = firstCards(posts.seen.slice(firstSeen));
    return wanted.map(({ channel, node }, n) => {
      const at = cards.get(`${channel} ${node}`);
      return at === undefined ? null : at - performance.timeOrigin - (sent[n]?.dueAt ?? NaN);
    });
  };
  await until('a card for each command', 60_000, () => !cardsOf().includes(null)).catch(() => undefined);
  posts.stop();
  const cards = cardsOf();
  const ack = spreadOf(sent.map(({ answeredAt, dueAt }) => answeredAt - dueAt));
  const card = spreadOf(cards.flatMap((ms) => ms ?? []));
  const unanswered = sent.filter(({ answer }) => answer !== 'ok').length;
  const unseen = cards.filter((ms) => ms === null).length;
  const lost = unanswered + unseen;
  const wrong = sent.find(({ answer }) => typeof answer === 'object')?.answer;
  return {
    rows: [
      {
        ...{ what: 'command', door: caller.door, 'per s': perSecond },
        ...{ 'ack p50 ms': ack.p50, 'ack p95 ms': ack.p95, 'ack p99 ms': ack.p99, 'ack max ms': ack.max },
        ...{ 'then p50 ms': card.p50, 'then p95 ms': card.p95, 'then max ms': card.max },
        ...{ lost, 'bot CPU %': shares.bot, 'worker CPU %': shares.worker, 'jobs waiting': waiting },
        'sender late p99 ms': spreadOf(sent.map(({ sentAt, dueAt }) => sentAt - dueAt)).p99,
      },
    ],
    targets: [
      ...(perSecond === judgedRate
        ? [
            atMost(`${caller.door}: ack at ${perSecond}/s, p99`, ack.p99, ackMostMs, 'ms'),
            atMost(`${caller.door}: first card at ${perSecond}/s, p95`, card.p95, cardMostMs, 'ms'),
          ]
        : []),
      { text: `${caller.door} at ${perSecond}/s: ${lost} answers lost (target: 0)`, isMet: lost === 0 },
    ],
    notes: [
      ...(wrong === undefined ? [] : [`the bot said, instead of taking a command: ${JSON.stringify(wrong)}`]),
      ...(lost === 0
        ? []
        : [
            `at ${perSecond}/s over ${caller.door}: ${unanswered} not acknowledged, ${unseen} without a card`,
          ]),
      ...(waiting === 0
        ? [`at ${perSecond}/s over ${caller.door} the workers had nothing to do at the end`]
        : []),
    ],
  };
}

/** When each node's card was first seen in each channel, by channel and node. */
function firstCards(seen: readonly Seen[]): ReadonlyMap<string, number> {
  const cards = new Map<string, number>();
  for (const { channel, threadTs, text, at } of seen) {
    const node = threadTs === null ? /\bs\d{4}-\d{1,3}\b/.exec(text)?.[0] : undefined;
    const key = `${channel} ${node ?? ''}`;
    if (!cards.has(key)) cards.set(key, at);
  }
  return cards;
}

/** Twenty commands at five a second in one channel: more than Slack lets anybody post there. */
async function oneChannel({ world, caller, size }: Load): Promise<Measured> {
  const channel = world.channels[size.channels + 1] ?? '';
  const posts = watchPosts(world.slack);
  const nodes = world.lab.nodes.slice(0, 20);
  const sent = await caller.commands(
    5,
    nodes.map(({ name }) => ({ channel, command: '/rsct-level', text: name })),
  );
  const cardsOf = () => firstCards(posts.seen.filter((one) => one.channel === channel));
  await until('a card for each command', 90_000, () => cardsOf().size >= nodes.length).catch(() => undefined);
  posts.stop();
  const cards = cardsOf();
  const waits = nodes.flatMap(({ name }, n) => {
    const at = cards.get(`${channel} ${name}`);
    return at === undefined ? [] : [at - performance.timeOrigin - (sent[n]?.dueAt ?? NaN)];
  });
  const ack = spreadOf(sent.map(({ answeredAt, dueAt }) => answeredAt - dueAt));
  const card = spreadOf(waits);
  return {
    rows: [
      {
        ...{ what: 'in one channel', door: caller.door, 'per s': 5 },
        ...{ 'ack p50 ms': ack.p50, 'ack p95 ms': ack.p95, 'ack p99 ms': ack.p99, 'ack max ms': ack.max },
        ...{ 'then p50 ms': card.p50, 'then p95 ms': card.p95, 'then max ms': card.max },
        lost: nodes.length - waits.length,
      },
    ],
    targets: [],
    notes: [],
  };
}

function tableOf(measured: readonly Measured[], { channels, seconds, nodes }: Size): Table {
  return {
    rows: measured.flatMap(({ rows }) => rows),
    targets: measured.flatMap(({ targets }) => targets),
    notes: [
      'then: of a command until its card can be seen, of a click until a worker starts its job',
      `each rate for ${seconds} s, sent at fixed times and counted from when each should have been sent`,
      `commands go to ${channels} channels in turn: in one alone Slack takes a message a second, which is what the row "in one channel" shows`,
      `meanwhile one worker process sweeps ${nodes} replayed nodes again and again, many sweeps waiting; all of it runs on this one machine`,
      ...measured.flatMap((one) => one.notes),
    ],
  };
}
