/** What is put before the others the morning after a glass was broken: who, why, and what was done. */
import type { Change } from '../../approval/states.js';
import type { Message } from '../../core/message.js';
import { reasonWords } from './change-held.js';
import { actions, button, context, message, section } from './dress.js';
import { clip, code, escapeText, oneLine } from './text.js';
import { listed } from './time-messages.js';
import { when } from './time.js';
import { person } from './words.js';

/** A glass with what was done under it, as it is now. */
export interface GlassReview {
  readonly glass: string;
  readonly by: string;
  readonly target: string;
  readonly at: string;
  readonly until: string;
  readonly reason: string;
  /** In the order in which they began. */
  readonly changes: readonly Change[];
  readonly reviewed: { readonly by: string; readonly at: string } | null;
}

/** The review item; its button gives way to who reviewed it. */
export function reviewMessage(review: GlassReview): Message {
  const { glass, by, target, at, until, reason, changes, reviewed } = review;
  const done =
    changes.length === 0
      ? ['No change began under it.']
      : listed('Changes that began under it, and how they stand:', changes);
  const end =
    reviewed === null
      ? 'An approver other than who broke it looks at this and presses *Reviewed*.'
      : `✔ Reviewed by ${person(reviewed.by)} ${when(reviewed.at)}.`;
  const lines = [
    `*${reviewed === null ? '◇ To be reviewed' : '✔ Reviewed'}: break-glass on ${escapeText(clip(oneLine(target), 60))}*`,
    `Broken by ${person(by)} ${when(at)}, until ${when(until)}: ${reasonWords(reason)}`,
    ...done,
    end,
  ];
  const press = button('glass-reviewed', 'Reviewed', glass, {
    label: `Reviewed: what was done on ${target} under break-glass`,
  });
  return message({
    text: lines.join('\n'),
    first: [section(lines.join('\n'))],
    last: [...(reviewed === null ? [actions([press])] : []), context(`Break-glass ${code(clip(glass, 60))}`)],
  });
}
