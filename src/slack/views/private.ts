import type { Change, ChangeState, Move } from '../../approval/states.js';
import { can } from '../../approval/states.js';
import type { ErrorInfo } from '../../core/errors.js';
import type { Message } from '../../core/message.js';
import { explain } from '../explain.js';
import { byWhom } from './change-progress.js';
import { message, section } from './dress.js';
import { clip, code } from './text.js';

/** A sentence for one person, as ready mrkdwn: seen only by who asked. */
export function privateMessage(mrkdwn: string): Message {
  return message({ text: mrkdwn, first: [section(mrkdwn)] });
}

/** Why something was refused or made no sense, for the one who asked. */
export function refusalMessage(error: ErrorInfo, reference: string): Message {
  return privateMessage(explain(error, reference));
}

/** What the loser of two clicks is told, or who clicks an old button: how the change stands, and who decided and when. */
export function tooLateMessage(change: Change, wanted: Move): Message {
  const decision = decisions.map((name) => ({ name, by: byWhom(change, name) })).find(({ by }) => by !== '');
  const decided = decision === undefined ? '' : ` (${pastOf[decision.name]} ${decision.by})`;
  const from = can[wanted].from.map(stateWords).join(' or ');
  const isDecided = (wanted === 'approve' || wanted === 'reject') && change.state !== 'planned';
  const now = `${isDecided ? 'Too late' : 'Not possible now'}: change ${code(clip(change.id, 60))} is ${stateWords(change.state)}${decided}.`;
  const rule = isDecided ? '' : ` It would have to be ${from}.`;
  return privateMessage(`${now}${rule} Your click changed nothing.`);
}

// The last word first: what was approved may have been undone since.
const decisions = ['rollBack', 'reject', 'expire', 'approve'] as const;
const pastOf = {
  rollBack: 'rolled back',
  reject: 'rejected',
  expire: 'closed',
  approve: 'approved',
} as const;

function stateWords(state: ChangeState): string {
  return state === 'unknown' ? 'of unknown outcome' : state.replace('-', ' ');
}
