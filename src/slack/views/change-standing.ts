import { awaitedPerson, currentStep } from '../../approval/journal.js';
import type { Change } from '../../approval/states.js';
import { noteWords, stepName } from './change-progress.js';
import { plural } from './text.js';
import { when } from './time.js';
import { person } from './words.js';

/** What a change waits for, or how and when it ended and who decided, in one line of ready mrkdwn. */
export function standing(change: Change): string {
  switch (change.state) {
    case 'planned':
      return 'Its plan is being made.';
    case 'proposed':
      return `Waits for ${approvalsMissing(change)}, until ${when(change.expiresAt)}.`;
    case 'approved':
      return withApprovals(change, noteWords(change, 200) || 'Starts as soon as a worker is free.');
    case 'waiting':
      return waitsFor(change);
    case 'running':
    case 'verifying':
    case 'rolling-back':
      return withApprovals(change, progress(change));
    case 'unknown':
      return `Waits for a person to look at the node. ${noteWords(change, 200)}`.trim();
    default:
      return ended(change);
  }
}

/** `2 more approvals (1 given by @ann)`. */
function approvalsMissing(change: Change): string {
  const given = change.approvals.map(({ user }) => person(user));
  const missing = Math.max(1, change.approvalsNeeded - given.length);
  const word = given.length === 0 ? 'approval' : 'more approval';
  return `${plural(missing, word)}${given.length === 0 ? '' : ` (given by ${given.join(', ')})`}`;
}

function waitsFor(change: Change): string {
  const step = awaitedPerson(change);
  if (step !== undefined)
    return `Waits for ${person(change.carriedBy ?? change.requester)}: ${stepName(change, step)}.`;
  const current = currentStep(change);
  return current === undefined ? 'Waits.' : `Waits by itself: ${stepName(change, current)}.`;
}

function progress(change: Change): string {
  const step = currentStep(change);
  if (change.state === 'verifying' || step === undefined)
    return noteWords(change, 200) || 'Checking the result.';
  return `${stepName(change, step)}.`;
}

function ended(change: Change): string {
  const last = change.history.at(-1);
  const at = last === undefined ? '' : `Ended ${when(last.at)}`;
  const by = last === undefined || last.by === 'worker' ? '' : ` by ${person(last.by)}`;
  return withApprovals(change, at === '' ? '' : `${at}${by}.`);
}

function withApprovals(change: Change, words: string): string {
  if (change.approvals.length === 0) return words === '' ? 'Nobody approved it.' : words;
  const by = change.approvals.map(({ user }) => person(user)).join(', ');
  return `Approved by ${by}. ${words}`.trim();
}
