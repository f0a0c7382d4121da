import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway } from '../core/errors.js';
import { unobserved, type Observe } from '../core/observe.js';
import { PostError, type Poster } from '../core/poster.js';
import { untraced, type Tracing } from '../core/tracing.js';
import { handOver, type Posted } from './hand-over.js';
import { createLimits, type Limits } from './limits.js';
import { methodOf, sendable, type Place } from './next.js';
import type { Entry, Outbox } from './outbox.js';

/** Slack takes about one message a second in a channel, and fifty changes a minute over all of them. */
const gapMs = { post: 1_050, update: 1_250 } as const;
/** Renewed while Slack is asked: of a bot that was killed another one takes the channel over this soon. */
const holdMs = 6_000;
const renewEveryMs = 2_000;
/** Within this after it was taken, a channel is held for long enough to begin. */
const freshMs = 500;
/**
 * Whoever has begun to post a message has so long to write down that it is there. A fail-over may forget who holds a
 * channel: another bot does not post the same beside him.
 */
const tryMs = 25_000;
export interface PumpTools {
  readonly outbox: Outbox;
  readonly poster: Poster;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newToken: () => string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly observe?: Observe;
  readonly tracing?: Tracing;
  /** What this bot has heard of Slack's limits, over all channels; left out, it is learned anew for each. */
  readonly limits?: Limits;
  /** Whether this bot is being stopped: the message under way is the last, and another bot goes on. */
  readonly isStopping?: () => boolean;
  readonly onDropped: (entry: Entry, code: string) => void;
  readonly onUnsure: (entry: Entry) => void;
}

/** `idle`: nothing waits any more. `busy`: another bot has the channel. `later`: Slack wants patience, or this bot stops. */
export type Pumped =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'later'; readonly afterMs: number };

/**
 * Sends what waits for one channel, in order within each thread, at Slack's pace, until nothing is left or Slack asks
 * for patience. Only one process at a time does this for a channel. After letting go it looks once more, so that a
 * message put just then is not left lying.
 */
export async function pumpChannel(channel: string, given: PumpTools): Promise<Pumped> {
  const tools: Pumping = { ...given, limits: given.limits ?? createLimits(given.clock) };
  const token = tools.newToken();
  for (;;) {
    if (!(await tools.outbox.hold(channel, token, holdMs))) return { kind: 'busy' };
    const heldAtMs = tools.clock();
    let keepMs = 0;
    let isOver = false;
    try {
      const pumped = await drain(channel, { token, heldAtMs }, tools);
      isOver = pumped.kind === 'over';
      if (pumped.kind === 'later') {
        // The pace is Slack's and not this bot's: whoever goes on keeps it too, and whoever is woken meanwhile.
        if (tools.isStopping?.() === true || pumped.isChannels === true) keepMs = pumped.afterMs;
        return { kind: 'later', afterMs: pumped.afterMs };
      }
    } finally {
      if (keepMs > 0) await tools.outbox.hold(channel, token, keepMs);
      else if (!isOver) await tools.outbox.letGo(channel, token);
    }
    if (isOver) return { kind: 'idle' };
    const next = await sendable(channel, tools);
    if (next.kind !== 'entry') return next;
  }
}

interface Pumping extends PumpTools {
  readonly limits: Limits;
}

/** `isChannels`: it is the channel that Slack wants left alone, and not one method. `over`: nothing waits, and it was let go. */
type Drained = (Pumped & { readonly isChannels?: true }) | { readonly kind: 'over' };

async function drain(
  channel: string,
  { token, heldAtMs }: { readonly token: string; readonly heldAtMs: number },
  tools: Pumping,
): Promise<Drained> {
  for (let lastHeldMs = heldAtMs; ; ) {
    const next = await sendable(channel, tools);
    // Whether something else waits for a method is found when the channel was let go: what is put just now must not wait with it.
    if (next.kind !== 'entry') return { kind: 'idle' };
    if (tools.isStopping?.() === true) return { kind: 'later', afterMs: 0 };
    const { triedForMs } = next.entry;
    if (triedForMs !== null && triedForMs < tryMs) return { kind: 'later', afterMs: tryMs - triedForMs };
    const isHeld = tools.clock() - lastHeldMs < freshMs || (await tools.outbox.hold(channel, token, holdMs));
    if (!isHeld) return { kind: 'busy' };
    try {
      await whileHeld(channel, token, tools, () =>
        traced(next.entry, tools, () => send(next.entry, next.place, tools)),
      );
      tools.limits.used(methodOf(next.entry), channel);
    } catch (error) {
      if (!(error instanceof PostError)) throw error;
      const answer = await failed(next.entry, error, tools);
      if (answer === 'others') continue;
      if (answer !== null) return answer;
    }
    const gap = next.entry.ts === null ? gapMs.post : gapMs.update;
    const sentAt = tools.clock();
    await tools.sleep(gap);
    lastHeldMs = -Infinity;
    if (tools.isStopping?.() === true)
      return { kind: 'later', afterMs: Math.max(0, gap - (tools.clock() - sentAt)) };
    if (await tools.outbox.end(channel, token)) return { kind: 'over' };
  }
}

/** Keeps the channel while Slack takes its time. */
async function whileHeld(
  channel: string,
  token: string,
  { outbox }: Pumping,
  work: () => Promise<void>,
): Promise<void> {
  const renewing = setInterval(() => {
    // Where Redis is away the hold ends, and at worst another bot sends the same, saying so.
    outbox.hold(channel, token, holdMs).catch(() => undefined);
  }, renewEveryMs);
  try {
    await work();
  } finally {
    clearInterval(renewing);
  }
}

/**
 * What became of a failed try: null to go on with the next message, `others` to go on at once with what goes by another
 * method, or how long to leave the channel alone.
 */
async function failed(entry: Entry, error: PostError, tools: Pumping): Promise<Drained | 'others' | null> {
  const { observe = unobserved, limits, clock } = tools;
  observe({ kind: 'message-failed', method: methodOf(entry), problem: error.problem });
  if (error.problem === 'never') {
    tools.onDropped(entry, error.code);
    await tools.outbox.settle(entry, entry.version, null, null);
    return null;
  }
  if (error.problem === 'unsure') {
    tools.onUnsure(entry);
    await tools.outbox.markUnsure(entry);
  }
  await tools.outbox.markTrying(entry, false);
  const afterMs = Math.max(error.afterMs, 1_000);
  if (!limitCodes.includes(error.code)) return { kind: 'later', afterMs };
  if (methodOf(entry) === 'post') return { kind: 'later', afterMs, isChannels: true };
  limits.note(methodOf(entry), clock() + afterMs);
  return 'others';
}

const limitCodes: readonly string[] = ['ratelimited', 'rate_limited'];

/** Sending is the last of what a command caused: it stands in the trace in which the message was put, not in its job's. */
function traced(entry: Entry, { tracing = untraced }: PumpTools, work: () => Promise<void>): Promise<void> {
  const attributes = { 'aixops.message': entry.key, 'aixops.message.version': entry.version };
  return tracing.under(
    entry.trace,
    `slack ${methodOf(entry)}`,
    { kind: 'client', attributes },
    async (span) => {
      try {
        await work();
        span.set({ 'aixops.outcome': 'sent' });
      } catch (error) {
        if (error instanceof PostError)
          span.set({ 'aixops.outcome': error.problem, 'aixops.slack.code': error.code });
        throw error;
      }
    },
  );
}

async function send(entry: Entry, place: Place, tools: Pumping): Promise<void> {
  const { outbox, poster, clock, observe = unobserved } = tools;
  if (methodOf(entry) === 'post') await outbox.markTrying(entry, true);
  const posted = await handOver(entry, place, poster);
  const waitedMs = await settled(entry, posted, outbox);
  observe({ kind: 'message-sent', method: methodOf(entry), priority: entry.priority, waitedMs });
  if (posted !== null && entry.askedAt !== undefined)
    observe({ kind: 'card-shown', ms: clock() - Date.parse(entry.askedAt) });
}

/** Slack has it, and only this process knows where: while Redis is away it is tried again and again to write that down. */
async function settled(entry: Entry, posted: Posted, outbox: Outbox): Promise<number | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await outbox.settle(entry, entry.version, posted?.ts ?? null, posted?.channel ?? null);
    } catch (error) {
      if (!isStoreAway(error) || tries * settleEveryMs > tryMs - renewEveryMs) throw error;
      await pause(settleEveryMs);
    }
  }
}

const settleEveryMs = 250;
