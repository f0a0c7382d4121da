import type { Evidence, Reading } from '../../../core/fact.js';
import type { Finding } from '../../../core/verdict.js';
import type { Sight } from './sight.js';

/** A finding before causes are worked out. `symptom` tells findings with the same id apart, e.g. which fact was unread. */
export interface Draft extends Omit<Finding, 'follows'> {
  readonly symptom?: string;
}

/** One row of the decision tree. Its place in the table is its rank: the first that matches is the root cause. */
export interface Rule {
  /** The row's number in the decision tree, or a word for what the tree takes for granted. */
  readonly row: string;
  /** Symptoms (finding ids, or more exact) that this fault brings with it. */
  readonly explains: readonly string[];
  readonly find: (sight: Sight) => readonly Draft[];
}

/** Every node fact that RSCT's own commands answer; what keeps RMC from running keeps these from being read. */
export const answeredByRmc = ['fact.unreadable:node.domain', 'fact.unreadable:node.controlPoints'];

/** What a broken connection shows as, on either side: whatever breaks it explains these. */
export const connectionSymptoms = [
  'rmc.hmc-views-disagree',
  'rmc.not-registered',
  'rmc.foreign-hmc',
  'rmc.port-blocked',
  'rmc.heartbeat-down',
  'rmc.packet-size',
  'rmc.pending-authentication',
  'rmc.dlpar-not-capable',
];

/** A reading's evidence cut down to the lines that show the point; whole where no line does. */
export function showing(
  reading: Reading<unknown> | undefined,
  shows: (line: string) => boolean,
): readonly Evidence[] {
  if (reading === undefined) return [];
  const lines = reading.evidence.excerpt.split('\n').filter(shows);
  return [lines.length === 0 ? reading.evidence : { ...reading.evidence, excerpt: lines.join('\n') }];
}

/** Tells a line that has the word, bounded by white space, commas or the line's ends. */
export function hasWord(word: string): (line: string) => boolean {
  return (line) => line.split(/[\s,]+/).includes(word);
}

/** The line of `lspartition -dlpar` with this LPAR's key, and the line after it: an entry has two. */
export function showingEntry(reading: Reading<unknown> | undefined, key: string): readonly Evidence[] {
  if (reading === undefined) return [];
  const lines = reading.evidence.excerpt.split('\n');
  const at = lines.findIndex((line) => line.includes(`<${key},`));
  return [at < 0 ? reading.evidence : { ...reading.evidence, excerpt: lines.slice(at, at + 2).join('\n') }];
}
