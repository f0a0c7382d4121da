import type { Change, Move } from '../../approval/states.js';
import { can } from '../../approval/states.js';
import type { ErrorInfo } from '../../core/errors.js';
import type { Message } from '../../core/message.js';
import { explain } from '../explain.js';
import { byWhom, lastMove } from './change-progress.js';
import { message, section } from './dress.js';
import { escapeText } from './text.js';
import { sentence } from './words.js';

/** A sentence for one person, as ready mrkdwn: seen only by who asked. */
export function privateMessage(mrkdwn: string): Message {
  return message({ text: mrkdwn, first: [section(mrkdwn)] });
}

/** Why something was refused or made no sense, for the one who asked. */
export function refusalMessage(error: ErrorInfo, reference: string): Message {
  return privateMessage(explain(error, reference));
}

/** What the loser of two clicks is told: what state the change is in, who brought it there and when. */
export function tooLateMessage(change: Change, wanted: Move): Message {
  return privateMessage(tooLate(change, wanted));
}

function tooLate(change: Change, wanted: Move): string {
  const last = change.history.at(-1);
  const by = last === undefined ? '' : byWhom(change, last.move);
  const now = `Change ${escapeText(change.id)} is already ${stateWords(change)}`;
  const from = can[wanted].from.map((state) => state.replace('-', ' ')).join(' or ');
  const rule = lastMove(change, wanted) === undefined ? ` This needs it to be ${from}.` : '';
  return `${sentence(by === '' ? now : `${now} ${by}`)} Your click changed nothing.${rule}`;
}

function stateWords({ state }: Change): string {
  if (state === 'unknown') return 'started, with an unknown outcome';
  return state.replace('-', ' ');
}
