import { lastLook, openIntent, saidDone } from '../approval/journal.js';
import type { Change } from '../approval/states.js';
import type { PersonStep, WaitStep } from '../core/plan.js';
import { intend, iso, type Applied, type ApplyTools } from './applied.js';

/**
 * A step for a person: begins to wait, and after the person's word reads whether it was really done. What does not hold
 * is said, and it waits again.
 */
export async function runPersonStep(change: Change, step: PersonStep, tools: ApplyTools): Promise<Applied> {
  if (openIntent(change, step.id) === undefined)
    return { kind: 'waits', change: await intend(step, tools), note: '', afterMs: null };
  if (!saidDone(change, step.id)) return { kind: 'waits', change, note: notYet(change, step), afterMs: null };
  const seen = await tools.check(step.check);
  const looked = await tools.journal({ kind: 'look', step: step.id, at: iso(tools), ...seen });
  if (!seen.agreed) return { kind: 'waits', change: looked, note: notYet(looked, step), afterMs: null };
  return done(step, seen.note, tools);
}

/** A step that waits: looks once, and says when to look again. It ends when `until` holds, and fails at its limit. */
export async function runWaitStep(change: Change, step: WaitStep, tools: ApplyTools): Promise<Applied> {
  const intent = openIntent(change, step.id);
  let current = intent === undefined ? await intend(step, tools) : change;
  const since = intent === undefined ? tools.clock() : Date.parse(intent.at);
  const seen = await tools.check(step.until);
  const waitedMs = tools.clock() - since;
  const before = lastLook(current, step.id);
  // Thirty looks that saw the same are one line.
  if (before?.note !== seen.note || before.agreed !== seen.agreed)
    current = await tools.journal({ kind: 'look', step: step.id, at: iso(tools), ...seen });
  if (seen.agreed && waitedMs >= step.atLeastMs) return done(step, seen.note, tools);
  if (waitedMs >= step.timeoutMs) {
    const note = `"${step.title}" ended after ${minutes(step.timeoutMs)} min without it: ${seen.note}`;
    return { kind: 'failed', change: current, note };
  }
  const left = Math.max(0, (seen.agreed ? step.atLeastMs : step.timeoutMs) - waitedMs);
  const minute = Math.min(Math.floor(waitedMs / 60_000) + 1, minutes(step.timeoutMs));
  const note = `Minute ${minute} of at most ${minutes(step.timeoutMs)}: ${seen.note}`;
  return { kind: 'waits', change: current, note, afterMs: Math.min(step.everyMs, Math.max(left, 1_000)) };
}

async function done(step: PersonStep | WaitStep, note: string, tools: ApplyTools): Promise<Applied> {
  const outcome = { kind: 'done', note } as const;
  const after = await tools.journal({ kind: 'result', step: step.id, at: iso(tools), outcome });
  return { kind: 'finished', change: after, failedStep: null };
}

function notYet(change: Change, step: PersonStep): string {
  const look = lastLook(change, step.id);
  return look === undefined || look.agreed ? '' : `Not done yet: ${look.note}`;
}

function minutes(ms: number): number {
  return Math.max(1, Math.ceil(ms / 60_000));
}
