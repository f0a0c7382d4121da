/** What a change says of windows, freezes and broken glass. */
import type { Change } from '../../approval/states.js';
import type { Closed } from '../../core/may-start.js';
import { clip, escapeText, oneLine } from './text.js';
import { when } from './time.js';
import { person, prose, sentence } from './words.js';

/** What an approved change waits for before it may begin, ready mrkdwn; empty where nothing holds it. */
export function heldLines({ state, held, expiresAt }: Change): readonly string[] {
  if (state !== 'approved' || held === undefined || held === null) return [];
  const end = `Its approval holds until ${when(expiresAt)}; if that passes first, it expires and nothing runs.`;
  return [`*Waiting:* ${waitsFor(held)}`, `Nothing has run and nothing is locked. ${end}`];
}

/** Who broke the glass that let the change begin, ready mrkdwn; '' where nobody had to. */
export function letThroughLine({ letThrough }: Change): string {
  if (letThrough === undefined) return '';
  return `▲ *Let through by break-glass* of ${person(letThrough.by)}: ${reasonWords(letThrough.reason)}`;
}

/** Why nothing begins now, with a mention of who froze it and times as the reader's clock shows them. */
function waitsFor(closed: Closed): string {
  if (closed.rule === 'freeze') {
    const { by, at, reason } = closed.freeze;
    return `all changes are frozen by ${person(by)} since ${when(at)}: ${reasonWords(reason)}`;
  }
  const opens = closed.opensAt === null ? '' : ` That is ${when(closed.opensAt)} for you.`;
  return `${lowerFirst(prose(clip(oneLine(closed.sentence), 500)))}${opens}`;
}

/** A person's reason, safe to show. */
export function reasonWords(reason: string): string {
  return sentence(escapeText(clip(oneLine(reason), 400)));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
