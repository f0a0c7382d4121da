import type { Change, Move } from '../../approval/states.js';
import { currentStep } from '../../approval/journal.js';
import { isForCluster } from '../../core/plan-places.js';
import { redact } from '../../core/redact.js';
import { begunLines, byWhom, lastMove, noteWords, touched, touchedWords } from './change-progress.js';
import { leftToUndo } from './change-waiting.js';
import { clip, code, codeBlock, escapeText, headTail, oneLine } from './text.js';
import { prose, sentence } from './words.js';

/** How a change ended and what was touched, in lines of ready mrkdwn; for a change still open, what is known. */
export function outcomeLines(change: Change): readonly string[] {
  switch (change.state) {
    case 'verified':
      return [noteWords(change), touchedWords(change)];
    case 'failed':
      if (isClosedByHand(change)) return closedLines(change);
      return [
        cancelledBy(change),
        noteWords(change) || 'The check did not prove that it worked.',
        touchedWords(change),
        // Of one step everything is said already.
        ...(change.plan.steps.length > 1 ? begunLines(change) : []),
        ...leftToUndo(change),
      ];
    case 'unknown':
      return [
        noteWords(change),
        `${touchedWords(change)} Nothing is repeated by itself, and ${locked(change)} until the outcome is known.`,
      ];
    case 'rejected':
      if (lastMove(change, 'callOff') !== undefined) return [noteWords(change)];
      return [decided(change), reason(change, 'reject'), 'Nothing was run.'];
    case 'expired':
      return [untouched(change, 'Nobody decided in time.')];
    case 'stale':
      if (lastMove(change, 'supersede') !== undefined)
        return [untouched(change, 'A newer proposal took its place.')];
      return [
        'The facts were read again right before the run, and they no longer give the approved plan. Nothing was run.',
        difference(change),
      ];
    case 'rolling-back':
    case 'rolled-back':
    case 'rollback-failed':
      return [undoing(change), noteWords(change)];
    default:
      return [noteWords(change)];
  }
}

/** What a person does next. */
export function whatNow(change: Change): string {
  const status = statusCommand(change);
  switch (change.state) {
    case 'verified': {
      const left = isForCluster(change.plan)
        ? `Nothing is left to do. ${escapeText(clip(change.plan.target, 60))} is looked at once more in half an hour.`
        : 'Nothing is left to do.';
      return change.plan.rollback.kind === 'steps'
        ? `${left} A rollback is shown and approved before it runs.`
        : `${left} It cannot be undone: ${sentence(clip(escapeText(change.plan.rollback.reason), 300))}`;
    }
    case 'failed':
      if (isClosedByHand(change))
        return `What now: ${status} shows how it stands. If the fix is still needed, ask for it again.`;
      if (change.plan.ifItFails !== undefined && lastMove(change, 'cancel') === undefined)
        return `What now: ${sentence(clip(escapeText(change.plan.ifItFails), 600))} All that is known is in the support case file in the thread.`;
      return touched(change) === 'no'
        ? `What now: mend what stopped it, then ask for the fix again.`
        : `What now: read the output in the thread, then ${status} for how it stands. A second failed fix is one for support.`;
    case 'unknown':
      if (currentStep(change)?.kind === 'hmc')
        return 'What now: a person looks on the HMC; nothing is run again from this card. *Close by hand* then ends it, with what was seen, and releases its locks.';
      return 'What now: *Look again* reads the node and changes nothing. If it still cannot tell, look at the node yourself; *Close by hand* then ends it, with what you saw, and releases its locks.';
    case 'rejected':
    case 'expired':
    case 'stale':
      if (lastMove(change, 'supersede') !== undefined) return '';
      return `What now: if it is still needed, ask for the fix again; ${status} shows how it stands.`;
    case 'rolling-back':
      return '';
    case 'rolled-back':
      return `What now: what the change had cured may be back; ${status} shows how it stands.`;
    case 'rollback-failed':
      return `What now: ${escapeText(clip(change.plan.target, 60))} may be between before and after. Look at the card of the rollback, then ${status}.`;
    default:
      return '';
  }
}

/** Whether it ended by a person's word on an outcome that nobody could read, and nothing has happened to it since. */
export function isClosedByHand(change: Change): boolean {
  return change.state === 'failed' && change.history.at(-1)?.move === 'close';
}

function closedLines(change: Change): readonly string[] {
  const seen = lastMove(change, 'close')?.note ?? '';
  const released = change.plan.locks.map((key) => code(clip(key, 60))).slice(0, 5);
  const isOne = released.length === 1;
  return [
    `*Closed* ${byWhom(change, 'close')}, who looked and wrote: "${prose(clip(redact(oneLine(seen)), 800))}"`,
    touchedWords(change),
    ...(released.length === 0 ? [] : [`${released.join(', ')} ${isOne ? 'is' : 'are'} not locked any more.`]),
    ...(change.plan.steps.length > 1 ? begunLines(change) : []),
    ...leftToUndo(change),
  ];
}

function cancelledBy(change: Change): string {
  const entry = lastMove(change, 'cancel');
  return entry === undefined ? '' : `*Cancelled* ${byWhom(change, 'cancel')}.`;
}

// A change that its own requester rejects is withdrawn.
function decided(change: Change): string {
  const entry = lastMove(change, 'reject');
  const isOwn = entry?.by === change.requester;
  return `${isOwn ? 'Withdrawn' : 'Rejected'} ${byWhom(change, 'reject')}.`.replace(' .', '.');
}

function reason(change: Change, move: Move): string {
  const said = clip(escapeText(redact(lastMove(change, move)?.note ?? '')), 300);
  return said === '' ? '' : `Reason: ${sentence(said)}`;
}

function untouched(change: Change, fallback: string): string {
  const said = noteWords(change) || fallback;
  return /nothing was run/i.test(said) ? said : `${said} Nothing was run.`;
}

function difference(change: Change): string {
  const text = change.note === '' ? (change.error?.message ?? '') : change.note;
  if (text === '') return '';
  const shown = headTail(redact(text), { head: 20, tail: 10 });
  return text.includes('\n')
    ? `What is different now:\n${codeBlock(shown, 1_900)}`
    : `What is different now: ${sentence(clip(escapeText(shown), 900))}`;
}

function undoing(change: Change): string {
  const by =
    change.rolledBackBy === null ? 'another change' : `change ${code(clip(change.rolledBackBy, 60))}`;
  if (change.state === 'rolled-back') return `Undone by ${by}, and the result was verified.`;
  return change.state === 'rolling-back'
    ? `${by.replace(/^\w/, (c) => c.toUpperCase())} is undoing it now.`
    : `Undoing it was tried by ${by} and could not be verified.`;
}

function locked(change: Change): string {
  const locks = change.plan.locks.map((key) => code(clip(key, 60))).slice(0, 5);
  return locks.length === 0
    ? 'nothing else is started on it'
    : `${locks.join(', ')} ${locks.length === 1 ? 'stays' : 'stay'} locked`;
}

function statusCommand({ plan }: Change): string {
  const command = plan.fix.startsWith('clcomd') ? '/clcomd-status' : '/rmc-status';
  return code(`${command} ${clip(plan.target, 60)}`);
}
