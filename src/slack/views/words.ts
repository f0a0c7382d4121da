import type { Level } from '../../core/verdict.js';
import { code, escapeText } from './text.js';

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
  'rmc-errors': 'what the error log says of RMC',
  'rsct-level': 'the RSCT filesets',
  clcomd: 'the communication of the cluster',
  certificates: 'the certificates',
};

/** What the targets of a diagnostic are called. */
export function targetNoun(diagnostic: string): string {
  if (diagnostic === 'clcomd') return 'cluster';
  return ['rmc', 'rmc-errors', 'rsct-level'].includes(diagnostic) ? 'LPAR' : 'node';
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

// At least two colons; which of these are addresses is looked at below.
const colonWord = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:%\w+)?(?:\/\d{1,3})?(?![\w:])/gi;

/**
 * Untrusted text as `escapeText` makes it, with IPv6 and hardware addresses as code: people copy them, and outside of
 * code a word between two colons must be broken up, for Slack would draw a picture in its place.
 */
export function prose(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(colonWord)) {
    // A colon behind an address is the sentence's.
    const word = match[0].replace(/(?<!:):$/, '');
    if (!isAddress(word)) continue;
    parts.push(escapeText(text.slice(from, match.index)), code(word));
    from = match.index + word.length;
  }
  return [...parts, escapeText(text.slice(from))].join('');
}

function isAddress(word: string): boolean {
  const groups = word.replace(/[%/].*$/, '').split(':');
  const isHardware = groups.length === 6 && groups.every((group) => group.length === 2);
  return (word.includes('::') && groups.length > 2) || groups.length === 8 || isHardware;
}
