/** What people do to a change that waits: say that their step is done, take it over, or end it where it stands. */
import { showChange } from '../../jobs/show.js';
import { awaitedPerson, currentStep } from '../approval/journal.js';
import type { Change, JournalEntry } from '../approval/states.js';
import { RefusedError } from '../core/errors.js';
import { alreadyDecided, refused, startChange, unknownChange } from './decisions.js';
import type { Answered, DecisionTools } from './decisions.js';

/** Why nothing can be done to a change that does not wait, in words. */
export function notWaiting(change: Change): string {
  return alreadyDecided(change, 'resume');
}

/** Wakes a change that waits for a person; of several who click at this moment one does. */
export async function goOn(change: Change, user: string, tools: DecisionTools): Promise<Answered> {
  const step = awaitedPerson(change);
  if (step === undefined)
    return refused('This change waits for time to pass, not for a person. It goes on by itself.');
  const at = iso(tools);
  const word: JournalEntry = { kind: 'continued', step: step.id, at, by: user };
  const note = 'Checking whether it is done.';
  const by = { user, at, note: step.title };
  const moved = await tools.changes.move(change.id, 'resume', by, (now) => ({
    journal: [...now.journal, word],
    note,
  }));
  if (moved.kind === 'missing') return refused(unknownChange);
  if (moved.kind === 'not-allowed') return refused(notWaiting(moved.change));
  await showChange(moved.change, tools);
  await startChange(change.id, tools);
  return { kind: 'done', sentence: `Checking whether "${step.title}" is done.` };
}

/** The one who clicks carries the change from now on. */
export async function takeOver(change: Change, user: string, tools: DecisionTools): Promise<Answered> {
  const after = await whileWaiting(tools, change.id, () => ({ carriedBy: user }));
  if ('kind' in after) return after;
  await showChange(after, tools);
  return { kind: 'done', sentence: `You carry this change now: ${change.plan.title}.` };
}

/** Ends a waiting change; what a worker must put in order after it is queued. */
export async function cancel(change: Change, user: string, tools: DecisionTools): Promise<Answered> {
  const waited = currentStep(change)?.title;
  const note = waited === undefined ? 'Ended while it waited.' : `Ended while it waited for "${waited}".`;
  const moved = await tools.changes.move(change.id, 'cancel', { user, at: iso(tools), note }, () => ({
    note,
  }));
  if (moved.kind === 'missing') return refused(unknownChange);
  if (moved.kind === 'not-allowed') return refused(notWaiting(moved.change));
  await showChange(moved.change, tools);
  await startChange(change.id, tools);
  return { kind: 'done', sentence: 'Cancelled. What was done and what is left to undo stands on the card.' };
}

async function whileWaiting(
  tools: DecisionTools,
  id: string,
  patch: (change: Change) => Partial<Change>,
): Promise<Change | Answered> {
  try {
    return await tools.changes.update(id, (now) => {
      if (now.state !== 'waiting') throw new RefusedError(notWaiting(now), 'not-waiting');
      return patch(now);
    });
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.message);
    throw error;
  }
}

function iso(tools: DecisionTools): string {
  return new Date(tools.clock()).toISOString();
}
