import { isOurs, isSuccess, lastLook, openIntent, resultOf } from '../../approval/journal.js';
import type { Change, HistoryEntry, Move } from '../../approval/states.js';
import { redact } from '../../core/redact.js';
import type { Step } from '../../core/plan.js';
import { nodeOfStep } from '../../core/plan-places.js';
import { clip, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { person, prose, sentence } from './words.js';

/** Whether anything on the node was touched, as the journal proves it. */
export type Touched = 'no' | 'yes' | 'maybe';

/**
 * `maybe` when a step of ours was started and its outcome is not known; `no` only when none was ever begun. What people
 * did by hand is told apart from it.
 */
export function touched(change: Change): Touched {
  const started = oursStarted(change);
  if (started.length === 0) return 'no';
  return started.every((step) => resultOf(change, step.id)?.outcome.kind === 'exited') ? 'yes' : 'maybe';
}

function oursStarted(change: Change): readonly Step[] {
  return change.plan.steps.filter((step) => isOurs(step) && isStarted(change, step));
}

/** The same in a sentence that names the node and the step. */
export function touchedWords(change: Change): string {
  const node = escapeText(clip(change.plan.target, 60));
  switch (touched(change)) {
    case 'no':
      return `Nothing was run on ${node}.`;
    case 'yes':
      return whatRan(change);
    case 'maybe': {
      const open = oursStarted(change).find((step) => resultOf(change, step.id)?.outcome.kind !== 'exited');
      return open === undefined
        ? `A step may have run on ${node}.`
        : `${stepName(change, open)} may have run on ${placeOf(change, open)}.`;
    }
  }
}

/** More sentences than these are no reading: the last step then stands for all. */
const sentencesAtMost = 3;

function whatRan(change: Change): string {
  const ours = change.plan.steps.filter(isOurs);
  const ran = oursStarted(change);
  const last = ran.at(-1);
  if (ran.length <= sentencesAtMost || last === undefined)
    return ran.map((step) => ranWords(change, step)).join(' ');
  return `${ran.length} of ${plural(ours.length, 'step')} that run commands were run. The last: ${ranWords(change, last)}`;
}

function ranWords(change: Change, step: Step): string {
  const outcome = resultOf(change, step.id)?.outcome;
  const status = outcome?.kind === 'exited' ? ` and ended with exit status ${outcome.exitCode}` : '';
  return `${stepName(change, step)} ran on ${placeOf(change, step)}${status}.`;
}

function placeOf(change: Change, step: Step): string {
  return escapeText(clip(step.kind === 'hmc' ? step.hmc : nodeOfStep(step, change.plan), 60));
}

/** `Step 1 of 2 (Stop RMC)`. */
export function stepName(change: Change, step: Step): string {
  const { steps } = change.plan;
  return `Step ${steps.indexOf(step) + 1} of ${steps.length} (${escapeText(clip(oneLine(step.title), 120))})`;
}

/** How far a running or verifying change is, one line each. */
export function progressLines(change: Change): readonly string[] {
  const { plan, journal } = change;
  const captured = plan.captures.filter((capture) =>
    journal.some((entry) => entry.kind === 'capture' && entry.id === capture.id),
  );
  const captures =
    plan.captures.length === 0
      ? []
      : [
          `${tick(captured.length === plan.captures.length)} Saved first: ${captured.length} of ${plural(plan.captures.length, 'capture')}`,
        ];
  return [...captures, ...stepLines(change), ...readLines(change)];
}

const stepsAtMost = 8;

// Of many steps only those that are neither done nor to come are told one by one.
function stepLines(change: Change): readonly string[] {
  const { steps } = change.plan;
  if (steps.length <= stepsAtMost) return steps.map((step) => stepLine(change, step));
  const isDone = (step: Step): boolean => isSuccess(resultOf(change, step.id)?.outcome);
  const current = steps.filter((step) => isStarted(change, step) && !isDone(step));
  const told = current.slice(0, stepsAtMost).map((step) => stepLine(change, step));
  return [`${steps.filter(isDone).length} of ${steps.length} steps done`, ...told];
}

/** The steps that were begun, one line each: what a change that ended early has behind it. */
export function begunLines(change: Change): readonly string[] {
  return change.plan.steps.filter((step) => isStarted(change, step)).map((step) => stepLine(change, step));
}

function stepLine(change: Change, step: Step): string {
  const name = stepName(change, step);
  const result = resultOf(change, step.id);
  if (result?.outcome.kind === 'exited') {
    const { exitCode } = result.outcome;
    const ended = exitCode === 0 ? 'done' : `ended with exit status ${exitCode}`;
    return `${exitCode === 0 ? '✔' : '✖'} ${name}: ${ended} ${when(result.at)}`;
  }
  if (result?.outcome.kind === 'done') {
    const how = step.kind === 'person' ? 'done by hand and checked' : 'over';
    return `✔ ${name}: ${how} ${when(result.at)}`;
  }
  if (result !== undefined) return `? ${name}: outcome unknown`;
  const intent = openIntent(change, step.id);
  if (intent === undefined) return `○ ${name}: not started`;
  return `▷ ${name}: ${begunWords(step)} ${when(intent.at)}${lookWords(change, step)}`;
}

function begunWords(step: Step): string {
  if (step.kind === 'person') return 'waits for a person since';
  return step.kind === 'wait' ? 'waits since' : 'started';
}

function lookWords(change: Change, step: Step): string {
  const look = lastLook(change, step.id);
  return look === undefined || look.agreed ? '' : `; last look ${when(look.at)}: not yet`;
}

function readLines(change: Change): readonly string[] {
  const reads = change.journal.filter((entry) => entry.kind === 'read');
  const last = reads.at(-1);
  if (last === undefined) return [];
  const said = prose(clip(redact(oneLine(last.note)), 300));
  return [`${last.agreed ? '✔' : '○'} Check ${reads.length}, ${when(last.at)}: ${sentence(said)}`];
}

/** The change's note, safe to show; '' when it holds nothing. */
export function noteWords(change: Change, max = 600): string {
  return sentence(prose(clip(redact(oneLine(change.note)), max)));
}

/** The last entry of a move; undefined when it never happened. */
export function lastMove(change: Change, move: Move): HistoryEntry | undefined {
  return change.history.findLast((entry) => entry.move === move);
}

/** `by @ann Nov 21 03:05`: who made a move and when; '' when it is not on record. */
export function byWhom(change: Change, move: Move): string {
  const entry = lastMove(change, move);
  return entry === undefined ? '' : `by ${person(entry.by)} ${when(entry.at)}`;
}

function isStarted(change: Change, step: Step): boolean {
  return openIntent(change, step.id) !== undefined || resultOf(change, step.id) !== undefined;
}

function tick(isDone: boolean): string {
  return isDone ? '✔' : '▷';
}
