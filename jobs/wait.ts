import { awaitedPerson, currentStep, openIntent } from '../src/approval/journal.js';
import type { Change } from '../src/approval/states.js';
import { runWaitStep } from '../src/run/waiting-step.js';
import { applyTools, type Places } from './apply-tools.js';
import { end, iso, tell } from './ending.js';
import { lookAgainLater, type Held } from './lease.js';
import { showChange } from './show.js';
import { showWait } from './show-steps.js';
import type { Tools } from './tools.js';

/**
 * Puts a running change to waiting. For a person it is taken off the clock's list, however long that takes; for time a
 * delayed job looks again. Its locks stay held.
 */
export async function beginWaiting(
  change: Change,
  waits: { readonly note: string; readonly afterMs: number | null },
  held: Held,
  tools: Tools,
): Promise<false> {
  const by = { user: 'worker', at: iso(tools), note: currentStep(change)?.title ?? '', lease: held.token };
  const moved = await tools.changes.move(change.id, 'wait', by, () => ({ note: waits.note }));
  if (moved.kind !== 'moved') return false;
  await showChange(moved.change, tools);
  await showWait(moved.change, tools);
  if (waits.afterMs === null) await tools.changes.setDue(change.id, null);
  else await lookAgainLater(change.id, waits.afterMs, tools);
  return false;
}

/** A waiting change that a job woke: looks where time is waited for, and leaves a person's step to the person. */
export async function waitOn(change: Change, places: Places, held: Held, tools: Tools): Promise<boolean> {
  if (awaitedPerson(change) !== undefined) {
    // Whoever put it to waiting may have died before this.
    await showWait(change, tools);
    await tools.changes.setDue(change.id, null);
    return false;
  }
  const step = currentStep(change);
  if (step?.kind !== 'wait' || openIntent(change, step.id) === undefined) return goOn(change, held, tools);
  const looked = await runWaitStep(change, step, applyTools(change, places, held, tools));
  switch (looked.kind) {
    case 'finished':
      return goOn(looked.change, held, tools);
    case 'failed':
      return end(looked.change, 'fail', looked.note, held, tools);
    case 'waits':
      await tell(looked.change, looked.note, held, tools);
      await lookAgainLater(change.id, looked.afterMs ?? step.everyMs, tools);
      return false;
    default:
      throw new Error(`a wait cannot be ${looked.kind}`);
  }
}

async function goOn(change: Change, held: Held, tools: Tools): Promise<boolean> {
  const by = { user: 'worker', at: iso(tools), note: '', lease: held.token };
  const moved = await tools.changes.move(change.id, 'resume', by, () => ({ note: '' }));
  if (moved.kind !== 'moved') return false;
  await showChange(moved.change, tools);
  return true;
}
