/** What is told in the thread of a card about its decision: an edited card notifies nobody. */
import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { message, section } from './dress.js';
import { clip, escapeText, oneLine } from './text.js';
import { timeOfDay, when } from './time.js';
import { person } from './words.js';

/** Tells whoever asked that somebody rejected it, and why. */
export function rejectedNotice(about: {
  readonly title: string;
  readonly requester: string;
  readonly user: string;
  readonly reason: string;
}): Message {
  const { title, requester, user, reason } = about;
  const why = escapeText(clip(redact(oneLine(reason)), 320));
  const line = `${person(requester)}: ${person(user)} rejected *${escapeText(clip(title, 200))}*. Reason: "${why}" Nothing was run.`;
  return message({ text: line, first: [section(line)] });
}

/**
 * Reminds those who may approve, and have not yet; nobody is mentioned where `people` is empty. `expiresAt` is ISO 8601
 * UTC.
 */
export function reminder(about: {
  readonly title: string;
  readonly people: readonly string[];
  readonly missing: number;
  readonly expiresAt: string;
}): Message {
  const { title, people, missing, expiresAt } = about;
  const names = people.map(person).join(', ');
  const wanted = missing === 1 ? 'one approval' : `${missing} approvals`;
  const line = `${names === '' ? '' : `${names}: `}*${escapeText(clip(title, 200))}* still waits for ${wanted}, until ${when(expiresAt)}.`;
  const after = `Without it, nothing is run and it ends at ${timeOfDay(expiresAt)}. The plan is in the card above.`;
  return message({ text: `${line} ${after}`, first: [section(`${line}\n${after}`)] });
}
