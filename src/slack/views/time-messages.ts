/** What a channel is told of freezes and of broken glass. */
import type { Change } from '../../approval/states.js';
import type { Freeze } from '../../core/may-start.js';
import type { Message } from '../../core/message.js';
import { stateWords } from './change-words.js';
import { message, section } from './dress.js';
import { clip, code, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { reasonWords } from './change-held.js';
import { person } from './words.js';

/** So many changes are named; of more the number is said. */
const namedAtMost = 10;

/** Changes that a freeze leaves alone, and those that it holds. */
export interface UnderWay {
  readonly running: readonly Change[];
  readonly approved: readonly Change[];
}

/** All changes are frozen: who did it and why, and what still goes on. */
export function frozenMessage({ by, at, reason }: Freeze, { running, approved }: UnderWay): Message {
  const lines = [
    `*✖ All changes are frozen* by ${person(by)} ${when(at)}: ${reasonWords(reason)}`,
    'No change begins, rollbacks included; what is approved waits, and expires as ever. Diagnoses go on.',
    ...listed('Already running, and carried on to its end:', running),
    ...listed('Approved, and waiting now:', approved),
    'Lift it with `/changes freeze off`. What cannot wait: `/changes break-glass <target> <reason>`.',
  ];
  return said(lines);
}

/** The freeze is over: who lifted it, whose it was, and what goes on now. */
export function liftedMessage(
  lifted: { readonly by: string; readonly at: string; readonly reason: string },
  freeze: Freeze,
  waiting: readonly Change[],
): Message {
  const why = lifted.reason === '' ? '' : ` ${reasonWords(lifted.reason)}`;
  const lines = [
    `*✔ Changes are not frozen any more:* lifted by ${person(lifted.by)} ${when(lifted.at)}.${why}`,
    `It was set by ${person(freeze.by)} ${when(freeze.at)}: ${reasonWords(freeze.reason)}`,
    ...listed('Approved, and going on now where no window holds them:', waiting),
  ];
  return said(lines);
}

/** What the message of a broken glass says. */
interface GlassNews {
  readonly by: string;
  readonly target: string;
  readonly covers: readonly string[];
  readonly until: string;
  readonly reason: string;
  readonly reviewAt: string;
}

/** Loud in words, and calling nobody: the glass is broken for one target. */
export function glassMessage(news: GlassNews, waiting: readonly Change[]): Message {
  const { by, target, covers, until, reason, reviewAt } = news;
  const others = covers.filter((name) => name !== target);
  const cluster = others.length === 0 ? '' : ` (with ${names(others)})`;
  const lines = [
    `*▲ BREAK-GLASS on ${name(target)} by ${person(by)}:* ${reasonWords(reason)}`,
    `Windows and freezes do not hold changes on ${name(target)}${cluster} until ${when(until)}. It approves nothing: each change still needs other people's approval, as ever.`,
    ...listed('Approved, and going on now:', waiting),
    `A change that begins because of this says so on its card. What was done is put here for review ${when(reviewAt)}.`,
  ];
  return said(lines);
}

/** `• Restart RMC on lpar1 (change c-1): running`, one line each, under a heading; nothing where there is none. */
export function listed(heading: string, changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return [];
  const shown = changes
    .slice(0, namedAtMost)
    .map((change) => `• ${changeWords(change)}: ${stateWords(change.state)}`);
  const more = changes.length - shown.length;
  return [heading, ...shown, ...(more > 0 ? [`• … and ${plural(more, 'more change')}`] : [])];
}

/** A change in a list. */
function changeWords({ id, plan }: Change): string {
  const title = clip(oneLine(plan.title), 120);
  // Most titles name it already.
  const where = title.includes(plan.target) ? '' : ` on ${name(plan.target)}`;
  return `${escapeText(title)}${where} (change ${code(clip(id, 60))})`;
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, namedAtMost).map(name).join(', ');
  return all.length > namedAtMost ? `${shown} and ${plural(all.length - namedAtMost, 'more node')}` : shown;
}

function name(word: string): string {
  return escapeText(clip(oneLine(word), 60));
}

function said(lines: readonly string[]): Message {
  return message({ text: lines.join('\n'), first: [section(lines.join('\n'))] });
}
