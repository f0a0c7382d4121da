/** Which message of a channel goes next, and where. */
import type { SendMethod } from '../core/observe.js';
import type { Limits } from './limits.js';
import type { Entry, Standing, Thread } from './entry.js';
import type { Outbox } from './outbox.js';

/**
 * How far into a channel's queue to look past messages that cannot go yet, as where their thread does not exist. Mostly the
 * first can: the others are read only where it cannot, for each costs Redis a call and us its text.
 */
const windows = [1, 9, 40] as const;

interface NextTools {
  readonly outbox: Outbox;
  readonly limits: Limits;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** A channel, and a thread in it. */
export interface Place {
  readonly channel: string;
  readonly threadTs: string | null;
}

/** `later`: something waits, and Slack takes no more by its method for so long. */
export type Next =
  | { readonly kind: 'idle' }
  | { readonly kind: 'later'; readonly afterMs: number }
  | { readonly kind: 'entry'; readonly entry: Entry; readonly place: Place };

/**
 * The first entry that can go now: one whose thread exists and whose method Slack takes at the moment. Those behind it in the
 * same thread wait their turn; what is changed in place has its place already and holds nobody up.
 */
export async function sendable(channel: string, { outbox, limits, clock }: NextTools): Promise<Next> {
  const held = new Set<string>();
  let soonestMs = Infinity;
  let from = 0;
  // What changes a message in place is left unread where it cannot go: in a busy hour there is much of it.
  const which = limits.isHeld('update', channel) ? 'unseen' : 'all';
  for (const count of windows) {
    const { entries, isLast } = await outbox.page(channel, count, from, which);
    for (const entry of entries) {
      const turnMs = limits.turnMs(methodOf(entry), channel, entry.priority === 'approval');
      if (turnMs > clock()) {
        soonestMs = Math.min(soonestMs, turnMs);
        if (methodOf(entry) === 'upload') held.add(threadName(entry.thread));
        continue;
      }
      if (isNew(entry) && held.has(threadName(entry.thread))) continue;
      const place = await placeOf(entry, outbox);
      if (place !== null) return { kind: 'entry', entry, place };
    }
    if (isLast) break;
    from += count;
  }
  if (which === 'unseen' && (await outbox.hasChanges(channel)))
    soonestMs = Math.min(soonestMs, limits.turnMs('update', channel, false));
  return soonestMs === Infinity
    ? { kind: 'idle' }
    : { kind: 'later', afterMs: Math.max(1, soonestMs - clock()) };
}

function threadName(thread: Thread): string {
  return JSON.stringify(thread);
}

/** Whether it gets a place of its own in its thread when it goes. */
function isNew(entry: Entry): boolean {
  return methodOf(entry) !== 'update';
}

/** Where an entry goes; null while the message that starts its thread is not posted yet. */
async function placeOf(entry: Pick<Standing, 'channel' | 'thread'>, outbox: Outbox): Promise<Place | null> {
  const { channel, thread } = entry;
  if (thread === null) return { channel, threadTs: null };
  if ('ts' in thread) return { channel, threadTs: thread.ts };
  const root = await outbox.standing(thread.key);
  // A root that is gone (kept two weeks) or could not be posted must not hold back what belongs to it.
  if (root === null || (root.ts === null && root.sent > 0)) return { channel, threadTs: null };
  if (root.ts === null) return null;
  // Slack knows no thread within a thread: what belongs to a message in one goes where that message stands.
  if (root.thread !== null && 'key' in root.thread) return placeOf(root, outbox);
  const threadTs = root.thread === null ? root.ts : root.thread.ts;
  return { channel: root.postedIn ?? channel, threadTs };
}

/** By which of Slack's methods an entry goes. */
export function methodOf({ content, ts }: Entry): SendMethod {
  if (content.kind === 'message') return ts === null ? 'post' : 'update';
  return content.kind === 'file' ? 'upload' : 'whisper';
}
