import type { Button, KnownBlock } from '@slack/types';
import { endStates, type Change } from '../../approval/states.js';
import type { Message } from '../../core/message.js';
import type { Freeze } from '../../core/may-start.js';
import { redact } from '../../core/redact.js';
import { headline } from './change-head.js';
import { standing } from './change-standing.js';
import { actions, button, context, message, section } from './dress.js';
import { clip, code, count, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { person, prose, sentence } from './words.js';

/** A lock, and what is known of the change that holds it. */
export interface LockLine {
  readonly key: string;
  readonly holder: string;
  /** null where it is not known any more, or is not this person's to see. */
  readonly change: Change | null;
}

/** One page of the list of changes, as one person may see it. */
export interface ChangesPage {
  readonly kind: 'page';
  /** The command as it was understood. */
  readonly asked: string;
  readonly isFiltered: boolean;
  readonly changes: readonly Change[];
  /** On this page, of targets that this person may not see. */
  readonly hidden: number;
  readonly total: number;
  /** Counts from 0. */
  readonly from: number;
  /** What the buttons carry; null where there is no such page. */
  readonly newer: string | null;
  readonly older: string | null;
  readonly locks: readonly LockLine[];
  readonly freeze: Freeze | null;
}

export interface LocksShown {
  readonly kind: 'locks';
  readonly locks: readonly LockLine[];
  readonly freeze: Freeze | null;
}

/** One page of changes, open ones first; everything else about each is behind its button. */
export function changesMessage(page: ChangesPage): Message {
  const head = [headOf(page), ...freezeLines(page.freeze)].join('\n');
  const rows = page.changes.map(rowOf);
  const locks = lockSummary(page.locks);
  const notes = [hiddenNote(page), locks].filter((line) => line !== '');
  const buttons = pageButtons(page);
  return message({
    text: [head, ...rows, ...notes].join('\n'),
    first: [section(head)],
    asRoomAllows: page.changes.map((change) => section(rowOf(change), detailsButton(change))),
    leftOut: (n) =>
      context(`… and ${plural(n, 'more change')} of this page did not fit: ask for one target.`),
    last: [
      ...(notes.length === 0 ? [] : [context(notes.join('\n'))]),
      ...(buttons.length === 0 ? [] : [actions(buttons)]),
    ],
  });
}

/** Opens everything that is known of a change. */
export function detailsButton(change: Change): Button {
  return button('change-details', 'Details', change.id, {
    label: `Details of ${change.plan.fix} on ${change.plan.target}`,
  });
}

/** A change in two lines: how it stands and what it is; where, by whom, and what is waited for. */
export function rowOf(change: Change): string {
  const { plan } = change;
  const facts = [
    code(clip(plan.target, 60)),
    escapeText(clip(plan.fix, 60)),
    `risk ${plan.risk}`,
    `asked by ${person(change.requester)} ${when(change.createdAt)}`,
  ];
  return `${headline(change)}\n${facts.join(' · ')}\n${standing(change)}`;
}

/** All locks with who holds them, and how one is released by force. */
export function locksMessage({ locks, freeze }: LocksShown): Message {
  const head = locks.length === 0 ? '*Nothing is locked.*' : `*${plural(locks.length, 'lock')}*`;
  const lead = [head, ...freezeLines(freeze)].join('\n');
  const hint = `A change gives its locks back when it ends. ${code('/changes release <lock> <reason>')} takes one away by force, for approvers, and only where its change has ended or its outcome is unknown.`;
  const rows = locks.map(lockRow);
  return message({
    text: [lead, ...rows, ...(locks.length === 0 ? [] : [hint])].join('\n'),
    first: [section(lead)],
    asRoomAllows: locks.map((lock, n) =>
      section(rows[n] ?? '', lock.change === null ? undefined : detailsButton(lock.change)),
    ),
    leftOut: (n) => context(`… and ${plural(n, 'more lock')}.`),
    last: locks.length === 0 ? [] : [context(hint)],
  });
}

function lockRow({ key, holder, change }: LockLine): string {
  const lock = code(clip(key, 80));
  if (change === null)
    return `${lock} is held by ${code(clip(holder, 60))}, of which nothing can be shown here.`;
  return `${lock} is held by change ${code(clip(holder, 60))}\n${headline(change)}`;
}

/** Who froze all changes, since when and why; nothing where they are not frozen. */
export function freezeLines(freeze: Freeze | null): readonly string[] {
  if (freeze === null) return [];
  const why = sentence(prose(clip(redact(oneLine(freeze.reason)), 400)));
  return [`✖ *All changes are frozen* by ${person(freeze.by)} ${when(freeze.at)}: ${why}`];
}

/** The locks in one line of small print, by who holds them; '' where there are none. */
export function lockSummary(locks: readonly LockLine[]): string {
  if (locks.length === 0) return '';
  const shown = locks.slice(0, locksAtMost);
  const groups = [...new Set(shown.map(({ holder }) => holder))].map((holder) => {
    const own = shown.filter((lock) => lock.holder === holder);
    const keys = own.map(({ key }) => code(clip(key, 60))).join(', ');
    return `${keys} by ${holderWords(holder, own[0]?.change ?? null)}`;
  });
  const more = locks.length > locksAtMost ? ` and ${count(locks.length - locksAtMost)} more` : '';
  return `*Locked:* ${groups.join('; ')}${more}`;
}

const locksAtMost = 6;

function holderWords(holder: string, change: Change | null): string {
  if (change === null) return code(clip(holder, 40));
  const { fix, target } = change.plan;
  return `${escapeText(clip(fix, 60))} on ${escapeText(clip(target, 60))} (${change.state})`;
}

function headOf({ asked, isFiltered, total, from, changes, hidden }: ChangesPage): string {
  const line = code(clip(asked, 300));
  if (total === 0 && !isFiltered)
    return `*There is no change yet.*\nA fix is asked for with ${code('/rmc-fix')} or ${code('/clcomd-fix')}, or by a button under a diagnosis.`;
  if (total === 0) return `*No change fits* ${line}\n${code('/changes')} lists all of them.`;
  const last = from + changes.length + hidden;
  const range = total <= changes.length + hidden ? '' : `, ${count(from + 1)} to ${count(last)}`;
  const open = changes.filter(({ state }) => !endStates.includes(state)).length;
  return `*${plural(total, 'change')}${range}* for ${line}${open === 0 ? '' : ` · ${count(open)} open on this page`}`;
}

function hiddenNote({ hidden }: ChangesPage): string {
  return hidden === 0
    ? ''
    : `${plural(hidden, 'change')} of this page not shown: you may not see the target.`;
}

function pageButtons({ newer, older, locks }: ChangesPage): Button[] {
  return [
    ...(newer === null ? [] : [button('changes-newer', '◂ Back', newer, { label: 'The page before' })]),
    ...(older === null
      ? []
      : [button('changes-older', 'Older ▸', older, { label: 'The next page: older changes' })]),
    ...(locks.length > locksAtMost ? [button('changes-locks', 'All locks', 'all')] : []),
  ];
}

/** The blocks of rows on a surface that has room for them. */
export function rowBlocks(changes: readonly Change[]): readonly KnownBlock[] {
  return changes.map((change) => section(rowOf(change), detailsButton(change)));
}
