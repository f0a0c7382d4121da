import { cardKeyOf } from '../../jobs/show.js';
import type { Change } from '../../src/approval/states.js';
import type { Request } from '../../src/core/request.js';
import { brokenNodes } from './rolling-estate.js';
import { orders, type Order } from './rolling-orders.js';
import { approve, ask, type Done } from './rolling-people.js';
import type { Member, RollingWorld } from './rolling-world.js';

/** A command with what became of it. */
export interface Told {
  readonly order: Order;
  readonly done: Done;
}

/** What happened, for the assertions. */
export interface Story {
  readonly told: readonly Told[];
  readonly requests: readonly Request[];
  readonly changes: readonly Change[];
  /** Exit codes of those that were told to end in order. */
  readonly endings: readonly (number | null)[];
  readonly clicks: readonly Done[];
  /** When it was how far. */
  readonly course: string;
}

export interface StoryOptions {
  readonly count: number;
  readonly everyMs: number;
  /** How often each process is stopped and started. */
  readonly rounds: number;
  /** Who is killed in the last round instead of being told to end. */
  readonly isKilled?: (n: number) => boolean;
  /** What else goes wrong, after so many commands. */
  readonly disturbances?: ReadonlyMap<number, () => Promise<void>>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for a condition with a limit that a loaded machine does not reach; throws with what it is and how far it came. */
export async function until(isSo: () => Promise<string | null>, limitMs = 600_000): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const missing = await isSo().catch((error: unknown) => String(error));
    if (missing === null) return;
    if (Date.now() > end) throw new Error(`not in time: ${missing}`);
    await sleep(250);
  }
}

/**
 * Sends commands at a steady pace while each process is stopped and started in turn, and approves every
 * change that is proposed. Resolves when nothing is under way any more.
 */
export async function play(world: RollingWorld, options: StoryOptions): Promise<Story> {
  const { slack, shared, members } = world;
  const startedAt = Date.now();
  const clicks: Promise<Done>[] = [];
  const people = approver(world, clicks);
  const endings: (number | null)[] = [];
  let rolling: Promise<void> = Promise.resolve();
  const sent: Promise<Told>[] = [];
  const disturbing: Promise<void>[] = [];
  for (const [n, order] of orders(options.count).entries()) {
    // By then every part has something under way.
    if (n === 20) rolling = roll(members, options, endings);
    const disturb = options.disturbances?.get(n);
    if (disturb !== undefined) disturbing.push(disturb());
    sent.push(ask(order, slack).then((done) => ({ order, done })));
    await sleep(options.everyMs);
  }
  const marks: string[] = [];
  const mark = (what: string): number =>
    marks.push(`${what} ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  mark('sent after');
  const first = await Promise.all(sent);
  mark('told after');
  await Promise.all([rolling, ...disturbing]);
  mark('rolled after');
  await until(() => quiet(world));
  mark('quiet after');
  const told = await askedAgain(first, world);
  await until(() => quiet(world));
  mark('over after');
  people.stop();
  const requests = await accepted(world);
  const changes = await shared.changes.recent(1_000);
  return { told, requests, changes, endings, clicks: await Promise.all(clicks), course: marks.join(', ') };
}

/** Whoever was told that it is not known whether it was taken looks for a card, and asks again where there is none. */
async function askedAgain(first: readonly Told[], world: RollingWorld): Promise<readonly Told[]> {
  const requests = await accepted(world);
  return Promise.all(
    first.map(async (told) => {
      const { order, done } = told;
      const isThere = order.answer === 'private' || requests.some((request) => isOf(order, request));
      const isTold = done.isPerhaps || (order.how === 'mention' && isWhispered(order, world));
      return isThere || !isTold ? told : { order, done: await ask(order, world.slack) };
    }),
  );
}

/** Which request was made of an order. */
export function isOf(order: Order, { asked, origin }: Request): boolean {
  const line = `${order.command} ${order.text}`;
  return origin.channel === order.channel && origin.user === order.user && asked === line;
}

/** Whether the bot told this person here, and nobody else, that something could not be queued. */
function isWhispered({ channel, user }: Order, { slack }: RollingWorld): boolean {
  return slack
    .traffic('chat.postEphemeral')
    .some(({ args }) => args.channel === channel && args.user === user && /again/.test(String(args.text)));
}

/** Every process in turn: told to end and started again; in the last round some are killed. */
async function roll(
  members: readonly Member[],
  { rounds, isKilled = () => false }: StoryOptions,
  endings: (number | null)[],
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1)
    for (const [n, member] of members.entries()) {
      const signal = round === rounds && isKilled(n) ? 'SIGKILL' : 'SIGTERM';
      const code = await member.end(signal);
      if (signal === 'SIGTERM') endings.push(code);
      await member.start();
      await sleep(300);
    }
}

/** Approves each change as soon as its card is in Slack. */
function approver({ shared, slack }: RollingWorld, clicks: Promise<Done>[]): { stop(): void } {
  const pressed = new Map<string, number>();
  let isOver = false;
  const look = async (): Promise<void> => {
    for (const { id, state, cardKey, channel } of await shared.changes.open()) {
      // A card that still asks after a while is pressed again.
      const isPressed = Date.now() - (pressed.get(id) ?? 0) < 6_000;
      const ts = state === 'proposed' && !isPressed ? (await shared.outbox.get(cardKey))?.ts : null;
      if (ts == null) continue;
      pressed.set(id, Date.now());
      clicks.push(approve({ channel, ts, change: id }, slack));
    }
  };
  const watching = async (): Promise<void> => {
    while (!isOver) {
      // Redis may be away for a moment.
      await look().catch(() => undefined);
      await sleep(300);
    }
  };
  void watching();
  return {
    stop: () => {
      isOver = true;
    },
  };
}

/** The requests that were accepted, as the trail has them, and of which there is a card: the others were not queued. */
async function accepted({ shared }: RollingWorld): Promise<readonly Request[]> {
  const ids = await acceptedIds(shared);
  const found = await Promise.all(
    ids.map(async (id) =>
      (await shared.outbox.get(cardKeyOf({ id }))) === null ? null : shared.requests.get(id),
    ),
  );
  return found.flatMap((request) => request ?? []);
}

async function acceptedIds(shared: RollingWorld['shared']): Promise<readonly string[]> {
  const ids: string[] = [];
  let before: number | undefined;
  for (;;) {
    const page = await shared.audit.find(
      { code: 'request.accepted' },
      { count: 200, ...(before === undefined ? {} : { before }) },
    );
    ids.push(...page.records.map(({ object }) => object));
    if (page.next === null) return ids;
    before = page.next;
  }
}

/** null when nothing is under way any more; else what is. */
async function quiet(world: RollingWorld): Promise<string | null> {
  const { shared } = world;
  const all = await accepted(world);
  const under = all.filter(({ phase }) => phase !== 'done' && phase !== 'failed');
  if (under.length > 0) return `requests: ${under.map(({ asked, phase }) => `${asked} ${phase}`).join(', ')}`;
  const reads = await shared.queues.depth('read');
  if (reads > 0) return `${reads} jobs of queue read`;
  const open = await shared.changes.open();
  if (open.length > 0)
    return `changes: ${open.map(({ id, state, note, plan }) => `${plan.target} ${id} ${state} ${note}`).join(', ')}`;
  const waiting = await shared.outbox.waiting();
  if (waiting.length > 0) return `messages wait in ${waiting.join(', ')}`;
  return null;
}

/** How often each program of RMC was called on the nodes that were changed, by node. */
export async function ranOn({ lab }: RollingWorld): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map(
    await Promise.all(brokenNodes.map(async (name) => [name, await lab.node(name).ran('rmcctrl')] as const)),
  );
}
