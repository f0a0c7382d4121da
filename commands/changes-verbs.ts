/** The words with which `/changes` does more than list: freeze, break glass, show locks, release one by force. */
import { didYouMean } from '../src/core/did-you-mean.js';
import { targetList } from './arguments.js';
import type { Intent, Understood, Vocabulary } from './command.js';

/** How each is typed, for help. */
export const verbUsages: readonly string[] = [
  '/changes locks',
  '/changes release node:lpar1 The worker is gone and lpar1 was looked at',
  '/changes freeze on Quarter end, until Monday',
  '/changes freeze off',
  '/changes break-glass lpar1 Production is down, incident 4711',
];

/** Fewer characters say nothing to who reads the trail later; more are no reason but a report. */
const leastReason = 5;
const mostReason = 500;

/**
 * What such a line asks for; null for any other line. `text` is plain text as it was typed: a reason keeps its commas.
 */
export function readChangesVerb(text: string, vocabulary: Vocabulary): Understood<Intent> | null {
  const [, verb = '', rest = ''] = /^(?<verb>[a-z-]+)(?:\s+(?<rest>.*))?$/is.exec(text) ?? [];
  switch (verb.toLowerCase()) {
    case 'locks':
      return rest === ''
        ? understood({ job: 'locks' }, ['locks'])
        : wrong('locks takes no more words.', ['locks']);
    case 'release':
      return readRelease(rest);
    case 'freeze':
      return readFreeze(rest);
    case 'break-glass':
    case 'breakglass':
      return readBreakGlass(rest, vocabulary);
    default:
      return null;
  }
}

function readRelease(rest: string): Understood<Intent> {
  const [lock, reason] = firstWord(rest);
  if (lock === '') return wrong('Say which lock, and why: /changes locks lists them.', ['locks']);
  const why = reasonOf(reason, ['release', lock, 'why it may be released']);
  if (typeof why !== 'string') return why;
  return understood({ job: 'release-lock', lock, reason: why }, ['release', lock, why]);
}

function readFreeze(rest: string): Understood<Intent> {
  const [word, reason] = firstWord(rest);
  const wanted = word.toLowerCase();
  if (wanted === 'off')
    return understood({ job: 'freeze', on: false, reason: clean(reason) }, ['freeze', 'off']);
  if (wanted !== 'on') {
    const near = didYouMean(wanted, ['on', 'off']);
    return wrong('A freeze is turned on with a reason, or off.', ['freeze', near ?? 'on', 'why']);
  }
  const why = reasonOf(reason, ['freeze', 'on', 'why']);
  if (typeof why !== 'string') return why;
  return understood({ job: 'freeze', on: true, reason: why }, ['freeze', 'on', why]);
}

function readBreakGlass(rest: string, vocabulary: Vocabulary): Understood<Intent> {
  const [word, reason] = firstWord(rest);
  if (word === '') return understood({ job: 'break-glass', target: null, reason: '' }, ['break-glass']);
  const target = targetList().read([word], vocabulary);
  if (target.kind === 'not-understood') {
    const instead = target.instead === null ? null : ['break-glass', ...target.instead, clean(reason)];
    return { kind: 'not-understood', message: target.message, instead };
  }
  const name = (target.value[0] ?? word).replace(/^cluster:/, '');
  if (name === 'all' || name.includes(':'))
    return wrong('The glass is broken for one node or one cluster, by its name.', [
      'break-glass',
      '<target>',
      'why',
    ]);
  const why = reasonOf(reason, ['break-glass', name, 'why it cannot wait']);
  if (typeof why !== 'string') return why;
  return understood({ job: 'break-glass', target: name, reason: why }, ['break-glass', name, why]);
}

function firstWord(text: string): readonly [string, string] {
  const [, word = '', rest = ''] = /^(?<word>\S+)(?:\s+(?<rest>.*))?$/s.exec(text.trim()) ?? [];
  return [word.replace(/[,;]+$/, ''), rest];
}

/** What stands around a reason on phones is no part of it. */
function clean(reason: string): string {
  return reason
    .trim()
    .replace(/^["'<[(]+|["'>\])]+$/g, '')
    .trim()
    .slice(0, mostReason);
}

function reasonOf(text: string, example: readonly string[]): string | Understood<never> {
  const reason = clean(text);
  if (reason.length >= leastReason) return reason;
  return wrong(
    `A reason is needed, of at least ${leastReason} characters: it is kept in the audit trail.`,
    example,
  );
}

function understood(value: Intent, typed: readonly string[]): Understood<Intent> {
  return { kind: 'understood', value, typed };
}

function wrong(message: string, instead: readonly string[]): Understood<never> {
  return { kind: 'not-understood', message, instead };
}
