import type { Level } from '../../core/verdict.js';
import { escapeText } from './text.js';

/** A mark is never alone: its shape differs and a word stands beside it, so that colour and font do not matter. */
export const marks: Readonly<Record<Level, string>> = { ok: '✔', warn: '▲', unknown: '?', crit: '✖' };
export const levelWords: Readonly<Record<Level, string>> = {
  ok: 'healthy',
  warn: 'warning',
  unknown: 'unknown',
  crit: 'critical',
};

/** What a diagnostic looks at, for a sentence that begins "Reading …". */
export function subjectOf(diagnostic: string): string {
  return subjects[diagnostic] ?? diagnostic;
}

const subjects: Readonly<Record<string, string>> = {
  rmc: 'the RMC connection between LPAR and HMC',
  'rsct-level': 'the RSCT filesets',
  clcomd: 'the cluster communication daemon',
  certificates: 'the certificates',
};

/** What the targets of a diagnostic are called. */
export function targetNoun(diagnostic: string): string {
  return diagnostic === 'rmc' || diagnostic === 'rsct-level' ? 'LPAR' : 'node';
}

/** A Slack user as a mention; anything that is no user id is shown as plain text, so that no name can ping. */
export function person(user: string): string {
  return /^[UW][A-Z0-9]{2,20}$/.test(user) ? `<@${user}>` : escapeText(user);
}

/** A sentence with exactly one full stop at its end and a capital at its start; '' stays ''. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
