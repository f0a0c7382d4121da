/** From a click on a button to the start of its job. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Shared } from '../../src/compose.js';
import { digestOf } from '../../src/core/canonical.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { isJson, objectsIn, textOf } from '../lab/slack/json.js';
import type { Measured, World } from './ack-world.js';
import { openLoop } from './pacer.js';
import type { Answer, Caller } from './slack-callers.js';
import { watchPosts, type Seen } from './slack-world.js';
import { spreadOf } from './spread.js';

/** A button that a verdict offered. */
export interface Offer {
  readonly node: string;
  readonly seen: Seen;
  readonly action: string;
  readonly value: string;
}

/** So long is waited for a job to start. */
const patienceMs = 45_000;

/** Has broken nodes diagnosed, each in a channel of its own, and picks up the buttons that are offered. */
export async function offersFor(
  { lab, slack, channels }: World,
  caller: Caller,
  count: number,
): Promise<readonly Offer[]> {
  const posts = watchPosts(slack);
  const broken = lab.nodes.filter(({ name }) => name.endsWith('-20')).slice(0, count);
  const found = new Map<string, Offer>();
  await Promise.all(
    broken.map(({ name }, n) => caller.command(channels[n] ?? '', '/rmc-status', `${name} --now`)),
  );
  const deadline = performance.now() + 60_000;
  while (found.size < broken.length && performance.now() < deadline) {
    await sleep(200);
    for (const seen of posts.seen) {
      const node = /\bs\d{4}-20\b/.exec(seen.text)?.[0];
      const button = seen.threadTs === null ? undefined : offerIn(seen.blocks);
      if (node !== undefined && button !== undefined && !found.has(node))
        found.set(node, { node, seen, ...button });
    }
  }
  posts.stop();
  if (found.size < broken.length) throw new Error(`${found.size} of ${broken.length} verdicts offered a fix`);
  return [...found.values()];
}

function offerIn(blocks: unknown): { action: string; value: string } | undefined {
  const elements = objectsIn(blocks).flatMap((block) => [
    ...objectsIn(block.elements),
    ...(isJson(block.accessory) ? [block.accessory] : []),
  ]);
  const button = elements.find(({ action_id: action }) => textOf(action).startsWith('offer'));
  return button === undefined ? undefined : { action: textOf(button.action_id), value: textOf(button.value) };
}

/** Clicks on offers, and approvals of changes that wait for one; both at five a second. */
export async function clicks(world: World, caller: Caller, offers: readonly Offer[]): Promise<Measured> {
  const { shared } = world;
  const place = ({ seen }: Offer) => ({
    channel: seen.channel,
    ts: seen.ts,
    threadTs: seen.threadTs ?? seen.ts,
  });
  const proposed = await measured('click: propose', caller, offers, {
    press: (offer) => caller.click(place(offer), offer.action, offer.value),
    startOf: (offer) => startOf(shared, 'read', 'propose-fix', (target) => target === offer.node),
  });
  const changes = await changesFor(world, offers);
  const approved = await measured('click: approve', caller, changes, {
    press: ({ offer, id }) => caller.click(place(offer), 'approve', id),
    startOf: ({ id }) => startOf(shared, 'change', 'apply-fix', (_target, job) => job === id),
  });
  const rows = [...proposed.rows, ...approved.rows];
  const started = [...proposed.targets, ...approved.targets];
  return { rows, targets: started, notes: [...proposed.notes, ...approved.notes] };
}

/** Changes of somebody else on nodes of their own, as if they had been proposed. */
async function changesFor(
  { shared, lab }: World,
  offers: readonly Offer[],
): Promise<readonly { readonly id: string; readonly offer: Offer }[]> {
  const now = Date.now();
  return Promise.all(
    offers.map(async (offer, n) => {
      const target = lab.nodes[n]?.name ?? '';
      const plan = { ...examplePlan, target, locks: [`node:${target}`] };
      const id = `bench-${n}`;
      await shared.changes.create(
        exampleChange({
          ...{ id, plan, digest: digestOf(plan), requester: 'UBOB', channel: offer.seen.channel },
          ...{ cardKey: `bench-card-${n}`, teamId: 'T0EXAMPLE' },
          createdAt: new Date(now).toISOString(),
          expiresAt: new Date(now + 3_600_000).toISOString(),
        }),
      );
      return { id, offer };
    }),
  );
}

interface Pressing<T> {
  readonly press: (one: T) => Promise<Answer>;
  /** When its job was taken (epoch milliseconds); null while it was not. */
  readonly startOf: (one: T) => Promise<number | null>;
}

async function measured<T>(
  what: string,
  caller: Caller,
  all: readonly T[],
  { press, startOf: startedAt }: Pressing<T>,
): Promise<Measured> {
  const sent = await openLoop({ perSecond: 5, count: all.length }, async (n) => {
    const one = all[n];
    return one === undefined ? 'lost' : press(one);
  });
  const deadline = performance.now() + patienceMs;
  let starts = await Promise.all(all.map(startedAt));
  while (starts.includes(null) && performance.now() < deadline) {
    await sleep(500);
    starts = await Promise.all(all.map(startedAt));
  }
  const waits = starts.flatMap((at, n) =>
    at === null ? [] : [at - performance.timeOrigin - (sent[n]?.dueAt ?? NaN)],
  );
  const ack = spreadOf(sent.map(({ answeredAt, dueAt }) => answeredAt - dueAt));
  const start = spreadOf(waits);
  const lost = sent.filter(({ answer }) => answer !== 'ok').length;
  const late = starts.filter((at) => at === null).length;
  return {
    rows: [
      {
        ...{ what, door: caller.door, 'per s': 5 },
        ...{ 'ack p50 ms': ack.p50, 'ack p95 ms': ack.p95, 'ack p99 ms': ack.p99, 'ack max ms': ack.max },
        ...{ 'then p50 ms': start.p50, 'then p95 ms': start.p95, 'then max ms': start.max, lost },
      },
    ],
    targets: [{ text: `${what}: ${lost} answers lost (target: 0)`, isMet: lost === 0 }],
    notes:
      late === 0
        ? []
        : [`${what}: ${late} of ${all.length} jobs had not started ${patienceMs / 1000} s later`],
  };
}

/** When the job of a request, or of a change, was taken; BullMQ keeps it in the job. */
async function startOf(
  { redis, requests }: Shared,
  queue: 'read' | 'change',
  name: string,
  isMeant: (target: string | null, job: string) => boolean,
): Promise<number | null> {
  const prefix = name === 'apply-fix' ? 'apply-' : `${name}-`;
  for (const key of await redis.keys(`{aixops}:${queue}:${prefix}*`)) {
    if (key.endsWith(':lock') || key.endsWith(':logs')) continue;
    const [data, processedOn] = await redis.hmget(key, 'data', 'processedOn');
    const { id } = JSON.parse(data ?? '{}') as { id?: string };
    const wish = queue === 'read' ? (await requests.get(id ?? ''))?.wish : undefined;
    const target = wish !== undefined && 'target' in wish ? wish.target : null;
    if (isMeant(target, id ?? '')) return processedOn == null ? null : Number(processedOn);
  }
  return null;
}
