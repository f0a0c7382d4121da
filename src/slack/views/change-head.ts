import type { Change, ChangeState } from '../../approval/states.js';
import { isClosedByHand } from './change-outcome.js';
import { clip, escapeText, oneLine } from './text.js';

const heads: Readonly<Record<ChangeState, string>> = {
  planned: '○ Being prepared',
  proposed: '◇ Approval needed',
  approved: '▷ Approved',
  running: '▷ Running',
  waiting: '▷ Waiting',
  verifying: '▷ It ran; checking the result',
  verified: '✔ Done and verified',
  failed: '✖ Failed',
  unknown: '? Outcome unknown',
  rejected: '○ Rejected',
  expired: '○ Expired',
  stale: '○ Out of date',
  'rolling-back': '▷ Being rolled back',
  'rolled-back': '✔ Rolled back',
  'rollback-failed': '✖ Rollback failed',
};

/** How a change stands and what it is, in bold: the first line of its card and of everything else that shows it. */
export function headline(change: Change): string {
  // An undo says so itself by its title; here it is said in the word that stands on the button.
  const title = oneLine(change.plan.title);
  const name = change.rollbackOf === null ? title : `Rollback: ${title.replace(/^Undo: /, '')}`;
  const head = isClosedByHand(change) ? '○ Closed by hand, not verified' : heads[change.state];
  return `*${head} — ${escapeText(clip(name, 200))}*`;
}
