import type { Change, Move } from '../src/approval/states.js';
import type { ErrorInfo } from '../src/core/errors.js';
import { lookAtRollout, type Held } from './lease.js';
import { lookAfter } from './look-after.js';
import { showChange } from './show.js';
import { showEnd } from './show-steps.js';
import type { Tools } from './tools.js';

/** Makes an ending move: audit first, then the state. False: nothing follows but `tidy`, where the state is an end. */
export async function end(
  change: Change,
  move: Move,
  note: string,
  held: Held,
  tools: Tools,
): Promise<false> {
  await auditChange('change.ended', change, { move, note }, tools);
  const by = { user: 'worker', at: iso(tools), note, lease: held.token };
  const error: ErrorInfo | null = move === 'outdate' ? { class: 'StaleError', message: note } : null;
  const moved = await tools.changes.move(change.id, move, by, () => ({ note, error }));
  if (moved.kind === 'moved') await showChange(moved.change, tools);
  return false;
}

/**
 * Puts in order what an ended change leaves: its locks, the change that it undoes, its card, and last its place on the
 * clock's list. Whoever dies in the middle is followed by another: doing it twice is harmless.
 */
export async function tidy(change: Change, tools: Tools): Promise<void> {
  await tools.locks.release(change.plan.locks, change.id);
  if (change.state === 'verified') await markParent(change, 'rolledBack', tools);
  if (change.state === 'failed') await markParent(change, 'rollBackFailed', tools);
  await showChange(change, tools);
  await showEnd(change, tools);
  await lookAfter(change, tools);
  if (change.journal.some((entry) => entry.kind === 'intent'))
    await tools.changes.setUntidy(change.id, tools.clock());
  // The next wave waits for this one.
  if (change.rollout !== undefined) await lookAtRollout(change.rollout.id, 0, tools);
  await tools.changes.setDue(change.id, null);
}

/** The change that this one undoes follows it: rolling-back when this starts, rolled-back when this is verified. */
export async function markParent(
  change: Change,
  move: 'rollBack' | 'rolledBack' | 'rollBackFailed',
  tools: Tools,
): Promise<void> {
  if (change.rollbackOf === null) return;
  const by = { user: 'worker', at: iso(tools), note: `by ${change.id}` };
  const moved = await tools.changes.move(change.rollbackOf, move, by, () => ({
    rolledBackBy: change.id,
    note: '',
  }));
  if (moved.kind === 'moved') await showChange(moved.change, tools);
}

/** Says on the card what is going on, without a move; nothing where somebody has moved the change meanwhile. */
export async function tell(change: Change, note: string, held: Held, tools: Tools): Promise<void> {
  if (change.note === note) return;
  const patch = (now: Change): Partial<Change> => (now.state === change.state ? { note } : {});
  await showChange(await tools.changes.update(change.id, patch, held.token), tools);
}

/** Writes a worker's act on a change into the trail; rejects when it is not written, and then the act must not happen. */
export async function auditChange(
  code: 'change.started' | 'change.ended' | 'step.intended' | 'step.ended',
  change: Change,
  detail: Record<string, string | number | null>,
  tools: Pick<Tools, 'audit'>,
): Promise<void> {
  const { fix, target } = change.plan;
  const whole = { fix, target, digest: change.digest, requester: change.requester, ...detail };
  await tools.audit.append({ code, actor: 'worker', object: change.id, detail: whole });
}

/** Now, as ISO 8601 UTC. */
export function iso(tools: Pick<Tools, 'clock'>): string {
  return new Date(tools.clock()).toISOString();
}
