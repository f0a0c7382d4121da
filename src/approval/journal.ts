/** What a change's journal tells of its steps. Pure: any worker and every view reads the same out of it. */
import type { NodeStep, PersonStep, Step } from '../core/plan.js';
import type { Change, JournalEntry, StepOutcome } from './states.js';

export type ResultEntry = Extract<JournalEntry, { kind: 'result' }>;
export type IntentEntry = Extract<JournalEntry, { kind: 'intent' }>;
export type LookEntry = Extract<JournalEntry, { kind: 'look' }>;

/** The first step that has no result; undefined when all have one. */
export function currentStep(change: Change): Step | undefined {
  return change.plan.steps.find((step) => resultOf(change, step.id) === undefined);
}

/** How a step ended; undefined while it has not. */
export function resultOf(change: Change, stepId: string): ResultEntry | undefined {
  return change.journal.findLast(
    (entry): entry is ResultEntry => entry.kind === 'result' && entry.step === stepId,
  );
}

/** The intent of a step that was not taken back since; undefined when it may not have begun. */
export function openIntent(change: Change, stepId: string): IntentEntry | undefined {
  const last = change.journal.findLast(
    (entry) => (entry.kind === 'intent' || entry.kind === 'withdrawn') && entry.step === stepId,
  );
  return last?.kind === 'intent' ? last : undefined;
}

/** The last look at a step's checks since it began; undefined when there was none. */
export function lastLook(change: Change, stepId: string): LookEntry | undefined {
  return change.journal.findLast(
    (entry): entry is LookEntry => entry.kind === 'look' && entry.step === stepId,
  );
}

/** Whether a person has said that the step is done, and nobody has looked since. */
export function saidDone(change: Change, stepId: string): boolean {
  const last = change.journal.findLast(
    (entry) => (entry.kind === 'continued' || entry.kind === 'look') && entry.step === stepId,
  );
  return last?.kind === 'continued';
}

/** The begun step that only a person can finish; undefined when there is none. */
export function awaitedPerson(change: Change): PersonStep | undefined {
  const step = currentStep(change);
  return step?.kind === 'person' && openIntent(change, step.id) !== undefined ? step : undefined;
}

/** Whether a step ended as it should. */
export function isSuccess(outcome: StepOutcome | undefined): boolean {
  return outcome?.kind === 'done' || (outcome?.kind === 'exited' && outcome.exitCode === 0);
}

/** Whether a step is run on the node itself. */
export function isNodeStep(step: Step): step is NodeStep {
  return step.kind === undefined || step.kind === 'node';
}

/** Whether a step is run by us, on a node or an HMC, rather than by a person or by waiting. */
export function isOurs(step: Step): boolean {
  return step.kind !== 'person' && step.kind !== 'wait';
}
