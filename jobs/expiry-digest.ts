import type { NodeTarget } from '../src/core/target.js';
import { editionSteps, type BuiltEdition } from '../src/digest/build.js';
import { localTime } from '../src/digest/calendar.js';
import type { Edition } from '../src/digest/edition.js';
import type { DigestCluster } from '../src/digest/item.js';
import { dueDate, isLate, isWeekly, type DigestChannel } from '../src/digest/schedule.js';
import type { Marks } from '../src/digest/marks-store.js';
import { inSlices } from '../src/loop/slices.js';
import { postEdition } from './show-digest.js';
import type { Tools } from './tools.js';

/** What the digest's jobs need. */
export type DigestTools = Pick<
  Tools,
  | 'inventory'
  | 'chooseNodes'
  | 'outbox'
  | 'audit'
  | 'queue'
  | 'clock'
  | 'newId'
  | 'log'
  | 'digest'
  | 'digestChannels'
  | 'readNodes'
  | 'drawYear'
  | 'observe'
>;

/** The right to work on a channel's digest runs out after this, unless renewed. */
const claimMs = 60_000;
const renewEveryMs = 20_000;
/** A digest that nobody has finished is queued again by the clock so often. */
const retryEveryMs = 5 * 60_000;

/** The clock's part: queues a digest for every channel whose time has come, or whose last one was left half done. */
export async function wakeDigests(
  tools: Pick<DigestTools, 'digest' | 'digestChannels' | 'queue' | 'clock'>,
): Promise<void> {
  const now = tools.clock();
  for (const channel of tools.digestChannels) {
    const due = dueDate(channel, now, await tools.digest.lastPosted(channel.channel));
    if (due === null && !(await tools.digest.isPending(channel.channel))) continue;
    const data = { v: 1, id: channel.channel, notAfter: now + 3_600_000 } as const;
    const round = Math.floor(now / retryEveryMs);
    const jobId = `expiry-digest-${channel.channel}-${due ?? 'pending'}-${round}`;
    await tools.queue.add('read', 'expiry-digest', data, { jobId, isWide: true });
  }
}

/**
 * Posts the digest that is due in a channel, once. The order is what makes it so: the edition is kept, and the memory for
 * the next one in the same write; then its messages are put into the outbox under keys that are taken once; then its date
 * counts as posted. Whoever dies in between leaves an edition that the next one finds and carries on, and never makes anew.
 */
export async function expiryDigest(
  channelId: string,
  tools: DigestTools,
  signal: AbortSignal,
): Promise<void> {
  const channel = tools.digestChannels.find((one) => one.channel === channelId);
  if (channel === undefined) return;
  await withClaim(channelId, tools, async () => {
    const pending = await tools.digest.pending(channelId);
    if (pending !== null) await finish(pending, tools);
    const date = dueDate(channel, tools.clock(), await tools.digest.lastPosted(channelId));
    if (date !== null) await postDaily(channel, date, tools, signal);
  });
}

/**
 * Makes and posts the edition of a date; the one that is kept already goes before a new one. Resolves with the edition that
 * is posted, and null when it was stopped before one was kept.
 */
export async function postDaily(
  channel: DigestChannel,
  date: string,
  tools: DigestTools,
  signal?: AbortSignal,
): Promise<Edition | null> {
  const { edition, memory, moves } = await makeDaily(channel, date, tools, signal);
  if (signal?.aborted === true) return null;
  const isNew = await tools.digest.keepDaily(edition, memory);
  const kept = isNew ? edition : await tools.digest.edition(edition.id);
  if (kept === null) throw new Error(`the edition ${edition.id} was kept and is gone`);
  if (isNew) await tools.digest.move(moves);
  await finish(kept, tools);
  return kept;
}

/** What became of a wish to post today's digest now; `edition` is null where it is not known here. */
export interface PostedNow {
  readonly kind: 'posted' | 'before' | 'busy';
  readonly date: string;
  readonly edition: Edition | null;
}

/** Posts today's digest of a channel before or after its time, unless it was posted: then that one is the answer. */
export async function postNow(channel: DigestChannel, tools: DigestTools): Promise<PostedNow> {
  const { date } = localTime(tools.clock(), channel.zone);
  let answer: PostedNow = { kind: 'busy', date, edition: null };
  await withClaim(channel.channel, tools, async () => {
    const pending = await tools.digest.pending(channel.channel);
    if (pending !== null) await finish(pending, tools);
    const last = await tools.digest.lastPosted(channel.channel);
    answer =
      last !== null && last >= date
        ? { kind: 'before', date, edition: await tools.digest.edition(editionId(channel.channel, date)) }
        : { kind: 'posted', date, edition: await postDaily(channel, date, tools) };
  });
  return answer;
}

/** Reads, and makes the edition of a date without keeping anything. */
export async function makeDaily(
  channel: DigestChannel,
  date: string,
  tools: Pick<DigestTools, 'inventory' | 'chooseNodes' | 'readNodes' | 'digest' | 'clock'>,
  signal?: AbortSignal,
): Promise<BuiltEdition> {
  const nodes = tools.chooseNodes(channel.targets);
  const readings = await tools.readNodes(nodes, signal);
  const [memory, marks] = await Promise.all([tools.digest.memory(channel.channel), tools.digest.allMarks()]);
  const nowMs = tools.clock();
  const steps = editionSteps({
    id: editionId(channel.channel, date),
    channel: channel.channel,
    date,
    zone: channel.zone,
    isLate: isLate(channel, date, nowMs),
    isWeekly: isWeekly(channel, date),
    asked: null,
    nowMs,
    readings,
    clusters: clustersOf(nodes, tools.inventory),
    memory,
    ...saidOf(marks),
  });
  return inSlices(steps);
}

/** The id of a day's edition: a channel and a local date have one. */
export function editionId(channel: string, date: string): string {
  return `${channel}-${date}`;
}

/** The clusters that nodes belong to, as the digest knows clusters. */
export function clustersOf(
  nodes: readonly NodeTarget[],
  { clusters }: Tools['inventory'],
): readonly DigestCluster[] {
  const names = new Set(nodes.flatMap(({ cluster }) => (cluster === null ? [] : [cluster])));
  return [...clusters.values()].flatMap(({ name, certificates }) =>
    names.has(name) ? [{ name, certificates }] : [],
  );
}

/** What people said, as an edition takes it. */
export function saidOf(
  marks: ReadonlyMap<string, Marks>,
): Pick<Parameters<typeof editionSteps>[0], 'hushes' | 'owners'> {
  const all = [...marks];
  return {
    hushes: new Map(all.flatMap(([item, { hush }]) => (hush === null ? [] : [[item, hush] as const]))),
    owners: new Map(all.flatMap(([item, { owner }]) => (owner === null ? [] : [[item, owner] as const]))),
  };
}

async function finish(edition: Edition, tools: DigestTools): Promise<void> {
  await postEdition(edition, tools.drawYear, tools);
  const { channel, date, checked, notChecked, lines } = edition;
  await tools.audit.append({
    code: 'digest.posted',
    actor: 'worker',
    object: edition.id,
    detail: {
      channel,
      date,
      certificates: checked.certificates,
      notChecked: notChecked.length,
      lines: lines.length,
    },
  });
  await tools.digest.markPosted(edition);
  tools.observe({ kind: 'digest-posted', isLate: edition.isLate });
}

/** Does `work` while nobody else works on the channel; does nothing when somebody does. */
async function withClaim(channel: string, tools: DigestTools, work: () => Promise<void>): Promise<void> {
  const token = tools.newId();
  if (!(await tools.digest.claim(channel, token, claimMs))) return;
  const renewing = setInterval(() => {
    // A claim that is lost costs a second reading and no second digest: that is kept by the edition.
    tools.digest.claim(channel, token, claimMs).catch((error: unknown) => {
      tools.log.warn({ err: error, channel }, 'the claim on a digest could not be renewed');
    });
  }, renewEveryMs);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    await tools.digest.letGo(channel, token);
  }
}
