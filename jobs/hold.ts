import type { Change } from '../src/approval/states.js';
import type { Closed, LetThrough } from '../src/core/may-start.js';
import { showChange } from './show.js';
import type { Held } from './lease.js';
import type { Tools } from './tools.js';

/** Whoever lifts a freeze wakes what waits for it; should that get lost, the clock looks so often. */
const lookEveryMs = 60_000;

/**
 * Keeps an approved change waiting for its window or for the end of a freeze. Nothing is locked, and it expires as ever. A
 * delayed job looks at the moment the window opens.
 */
export async function hold(change: Change, closed: Closed, held: Held, tools: Tools): Promise<false> {
  const before = change.held;
  if (before?.sentence !== closed.sentence) {
    const detail = {
      rule: closed.rule,
      opensAt: closed.opensAt,
      why: inWords(closed),
      digest: change.digest,
    };
    await tools.audit.append({ code: 'change.held', actor: 'worker', object: change.id, detail });
    const patch = (now: Change): Partial<Change> =>
      now.state === change.state ? { held: closed, note: `Waiting: ${lowerFirst(inWords(closed))}` } : {};
    await showChange(await tools.changes.update(change.id, patch, held.token), tools);
  }
  await lookAt(change, closed, tools);
  return false;
}

/** Takes back what the card says of waiting, once that is over; what else is waited for is said after it. */
export async function unhold(change: Change, held: Held, tools: Tools): Promise<Change> {
  if (change.held === undefined || change.held === null) return change;
  const patch = (now: Change): Partial<Change> =>
    now.state === change.state ? { held: null, note: '' } : {};
  const after = await tools.changes.update(change.id, patch, held.token);
  await showChange(after, tools);
  return after;
}

/** Why it may not begin, where a mention of a person would not be drawn as one. */
export function inWords({ sentence }: Closed): string {
  return sentence.replace(/<@(?<user>\w+)>/g, '$<user>');
}

/** The clock's list for the next look; a job of its own for the minute at which the window opens. */
async function lookAt(change: Change, { opensAt }: Closed, tools: Tools): Promise<void> {
  const now = tools.clock();
  const ends = Date.parse(change.expiresAt) + 1;
  const opens = opensAt === null ? Number.POSITIVE_INFINITY : Date.parse(opensAt);
  await tools.changes.setDue(change.id, Math.min(now + lookEveryMs, ends, opens));
  if (opens > ends) return;
  const data = { v: 1, id: change.id, notAfter: opens + 24 * 3_600_000 } as const;
  // The same id is taken once: each look asks for the same job.
  const jobId = `apply-${change.id}-opens-${Math.floor(opens / 1_000)}`;
  await tools.queue.add('change', 'apply-fix', data, { delayMs: Math.max(0, opens - now), jobId });
}

/** Writes down that a change begins because somebody broke the glass. Rejects where that is not written. */
export async function noteGlass(change: Change, through: LetThrough, tools: Tools): Promise<void> {
  await tools.calm.addLetThrough(through.glass, change.id);
  const { glass, by, reason } = through;
  const detail = { glass, by, reason, digest: change.digest, target: change.plan.target };
  await tools.audit.append({ code: 'glass.used', actor: 'worker', object: change.id, detail });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
