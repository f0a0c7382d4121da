import type { Change, HistoryEntry, JournalEntry, Move } from '../../approval/states.js';
import { redact } from '../../core/redact.js';
import type { Step } from '../../core/plan.js';
import { clip, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { person, sentence } from './words.js';

/** Whether anything on the node was touched, as the journal proves it. */
export type Touched = 'no' | 'yes' | 'maybe';

type Result = Extract<JournalEntry, { kind: 'result' }>;

/** `maybe` when a step was started and its outcome is not known; `no` only when no step was ever begun. */
export function touched(change: Change): Touched {
  const started = change.plan.steps.filter((step) => isStarted(change, step));
  if (started.length === 0) return 'no';
  return started.every((step) => resultOf(change, step)?.outcome.kind === 'exited') ? 'yes' : 'maybe';
}

/** The same in a sentence that names the node and the step. */
export function touchedWords(change: Change): string {
  const { target, steps } = change.plan;
  const node = escapeText(clip(target, 60));
  switch (touched(change)) {
    case 'no':
      return `Nothing was run on ${node}.`;
    case 'yes':
      return whatRan(change, node);
    case 'maybe': {
      const open = steps.find(
        (step) => isStarted(change, step) && resultOf(change, step)?.outcome.kind !== 'exited',
      );
      return open === undefined
        ? `A step may have run on ${node}.`
        : `${stepName(change, open)} may have run on ${node}.`;
    }
  }
}

/** More sentences than these are no reading: the last step then stands for all. */
const sentencesAtMost = 3;

function whatRan(change: Change, node: string): string {
  const { steps } = change.plan;
  const ran = steps.filter((step) => isStarted(change, step));
  const last = ran.at(-1);
  if (ran.length <= sentencesAtMost || last === undefined)
    return ran.map((step) => ranWords(change, step, node)).join(' ');
  return `${ran.length} of ${plural(steps.length, 'step')} ran. ${ranWords(change, last, node)}`;
}

function ranWords(change: Change, step: Step, node: string): string {
  const outcome = resultOf(change, step)?.outcome;
  const status = outcome?.kind === 'exited' ? ` and ended with exit status ${outcome.exitCode}` : '';
  return `${stepName(change, step)} ran on ${node}${status}.`;
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
  const isDone = (step: Step): boolean => {
    const outcome = resultOf(change, step)?.outcome;
    return outcome?.kind === 'exited' && outcome.exitCode === 0;
  };
  const current = steps.filter((step) => isStarted(change, step) && !isDone(step));
  const told = current.slice(0, stepsAtMost).map((step) => stepLine(change, step));
  return [`${steps.filter(isDone).length} of ${steps.length} steps done`, ...told];
}

function stepLine(change: Change, step: Step): string {
  const result = resultOf(change, step);
  if (result?.outcome.kind === 'exited') {
    const { exitCode } = result.outcome;
    const ended = exitCode === 0 ? 'done' : `ended with exit status ${exitCode}`;
    return `${exitCode === 0 ? '✔' : '✖'} ${stepName(change, step)}: ${ended} ${when(result.at)}`;
  }
  if (result !== undefined) return `? ${stepName(change, step)}: outcome unknown`;
  const intent = change.journal.find((entry) => entry.kind === 'intent' && entry.step === step.id);
  return intent === undefined
    ? `○ ${stepName(change, step)}: not started`
    : `▷ ${stepName(change, step)}: started ${when(intent.at)}`;
}

function readLines(change: Change): readonly string[] {
  const reads = change.journal.filter((entry) => entry.kind === 'read');
  const last = reads.at(-1);
  if (last === undefined) return [];
  const said = clip(escapeText(redact(oneLine(last.note))), 300);
  return [`${last.agreed ? '✔' : '○'} Check ${reads.length}, ${when(last.at)}: ${sentence(said)}`];
}

/** The change's note, safe to show; '' when it holds nothing. */
export function noteWords(change: Change, max = 600): string {
  return sentence(clip(escapeText(redact(oneLine(change.note))), max));
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

function resultOf(change: Change, step: Step): Result | undefined {
  return change.journal.findLast(
    (entry): entry is Result => entry.kind === 'result' && entry.step === step.id,
  );
}

function isStarted(change: Change, step: Step): boolean {
  return change.journal.some(
    (entry) => (entry.kind === 'intent' || entry.kind === 'result') && entry.step === step.id,
  );
}

function tick(isDone: boolean): string {
  return isDone ? '✔' : '▷';
}
