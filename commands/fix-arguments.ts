import { didYouMean } from '../src/core/did-you-mean.js';
import { chooseClusters, chooseNodes } from '../src/inventory/choose.js';
import type { Inventory } from '../src/inventory/inventory.js';
import { mostRolledOut, neverRolledOut } from '../src/runbooks/rolled-out.js';
import { readSelector, readTargets, sameName, wrongWord } from './arguments.js';
import { fixChoices, nodeChoices } from './choices.js';
import { clusterChoices, clustersFor } from './cluster-arguments.js';
import type { Argument, FixWords, Understood, Vocabulary } from './command.js';

/** What a fix is asked for: one target, or several, which make a roll-out. `words` are selectors as the job takes them. */
export type FixTargets =
  | { readonly kind: 'one'; readonly name: string }
  | {
      readonly kind: 'many';
      readonly words: readonly string[];
      readonly first: string;
      readonly size: number;
    };

/** One node by its name; or several names and selectors, for a roll-out. */
export function nodesToFix(): Argument<FixTargets> {
  return {
    usage: '<target>',
    isNeeded: true,
    takesAll: false,
    explains:
      '<target> is the name of one LPAR. Before a fix it may be several, or system:NAME, tag:key=value, all: a roll-out.',
    details: [rolloutHelp],
    choices: ({ inventory }) => nodeChoices(inventory),
    share: (words, vocabulary) =>
      targetWords(
        words,
        vocabulary,
        (word) => readSelector(word, vocabulary.inventory).kind === 'understood',
      ),
    read: (words, { inventory }) => readNodes(words, inventory),
  };
}

/** One cluster, by its name or by that of one of its nodes; or several, for a roll-out. */
export function clustersToFix(): Argument<FixTargets> {
  return {
    usage: '<cluster>',
    isNeeded: true,
    takesAll: false,
    explains:
      '<cluster> is the name of one cluster, or of one of its nodes. Before a fix it may be several, or all: a roll-out.',
    details: [rolloutHelp],
    choices: ({ inventory }) => clusterChoices(inventory),
    share: (words, vocabulary) =>
      targetWords(
        words,
        vocabulary,
        (word) => clustersFor([word], vocabulary.inventory).kind === 'understood',
      ),
    read: (words, { inventory }) => readClusters(words, inventory),
  };
}

const rolloutHelp = `A roll-out is approved as one list and goes in waves: the first target named goes first and alone, and the first that is not verified stops it. Fixes of high risk are never rolled out.`;

/** A fix as it was named: its id and the words behind it, in the form in which a plan keeps them. */
export interface NamedFix {
  readonly id: string;
  readonly words: readonly string[];
}

/** A fix whose id begins with one of `families`, with the words that it takes, or nothing. `details` explain those words. */
export function optionalFix(
  families: readonly string[],
  details: readonly string[],
): Argument<NamedFix | null> {
  return {
    usage: '[fix]',
    isNeeded: false,
    takesAll: true,
    keepsFlags: true,
    explains: '[fix] is the id of a fix; left out, the findings suggest some.',
    details,
    choices: (vocabulary) => fixChoices(vocabulary, families),
    read: (words, vocabulary) => readFix(words, families, vocabulary),
  };
}

/** Why a fix cannot be asked for on these targets, and what to type; null where it can. `look` is what only reads them. */
export function refusesTogether(
  command: string,
  look: string,
  { target, fix }: { readonly target: FixTargets; readonly fix: NamedFix | null },
  fixes: readonly Pick<FixWords, 'id' | 'risk'>[],
): { readonly message: string; readonly hint: string } | null {
  if (target.kind === 'one') return null;
  const words = target.words.join(' ');
  if (fix === null)
    return {
      message: `That means ${target.size} targets, and no fix was named: several are only rolled out with a fix. ${look} reads them and suggests fixes.`,
      hint: `${look} ${words}`,
    };
  const hint = `${command} ${target.first} ${[fix.id, ...fix.words].join(' ')}`;
  const risk = fixes.find(({ id }) => id === fix.id)?.risk;
  const never = risk === undefined ? null : neverRolledOut({ id: fix.id, risk });
  if (never !== null) return { message: `${never} Ask for one target at a time.`, hint };
  if (target.size <= mostRolledOut) return null;
  const message = `That means ${target.size} targets; one roll-out takes at most ${mostRolledOut}. Name fewer, for example one system:NAME after the other.`;
  return { message, hint };
}

/** What the card says of a roll-out beside the line as it was typed; null for one target. */
export function rolloutNote(target: FixTargets): string | null {
  return target.kind === 'one' ? null : `a roll-out over ${target.size} targets, in waves`;
}

/** The words before the fix. Where none of them is a fix, those that are understood as targets, and at least one. */
function targetWords(
  words: readonly string[],
  { fixes }: Vocabulary,
  isTarget: (word: string) => boolean,
): number {
  const ends = (word: string): boolean =>
    word.startsWith('-') || fixes.some(({ id }) => id === word.toLowerCase());
  const at = words.findIndex((word, index) => index > 0 && ends(word));
  if (at > 0 && !words[at]?.startsWith('-')) return at;
  const other = words.findIndex((word, index) => index > 0 && (ends(word) || !isTarget(word)));
  return other === -1 ? words.length : other;
}

function readNodes(words: readonly string[], inventory: Inventory): Understood<FixTargets> {
  const [word = '', ...others] = words;
  const alone = sameName(word.replace(/^node:/i, ''), [...inventory.nodes.keys()]);
  if (others.length === 0 && alone !== null)
    return { kind: 'understood', value: { kind: 'one', name: alone }, typed: [alone] };
  const read = readTargets(words, inventory);
  if (read.kind === 'not-understood') return others.length === 0 ? nearNode(word, inventory, read) : read;
  const nodes = chooseNodes(inventory, read.value);
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1)
    return { kind: 'understood', value: { kind: 'one', name: only.name }, typed: [only.name] };
  return {
    kind: 'understood',
    value: { kind: 'many', words: read.value, first: firstOf(read.value, inventory), size: nodes.length },
    typed: read.typed,
  };
}

/** The one that goes first: what was named first decides. */
function firstOf(words: readonly string[], inventory: Inventory): string {
  return chooseNodes(inventory, words.slice(0, 1))[0]?.name ?? '';
}

/** One word is most often meant to be one LPAR. */
function nearNode(
  word: string,
  inventory: Inventory,
  other: Understood<never> & { kind: 'not-understood' },
): Understood<never> {
  const near = didYouMean(word, [...inventory.nodes.keys()]);
  return near === null ? other : wrongWord(`Unknown target "${word}".`, near);
}

function readClusters(words: readonly string[], inventory: Inventory): Understood<FixTargets> {
  const found = clustersFor(words, inventory);
  if (found.kind === 'not-understood') return found;
  const [name, ...others] = found.value;
  if (name !== undefined && others.length === 0)
    return { kind: 'understood', value: { kind: 'one', name }, typed: found.typed };
  const isAll = words.some((word) => word.toLowerCase() === 'all');
  // In the order in which they were typed: the first goes first.
  const typed = isAll ? ['all'] : [...new Set(words.flatMap((word) => clusterNames(word, inventory)))];
  return {
    kind: 'understood',
    value: {
      kind: 'many',
      words: typed,
      first: isAll ? (name ?? '') : (typed[0] ?? ''),
      size: found.value.length,
    },
    typed,
  };
}

function clusterNames(word: string, inventory: Inventory): readonly string[] {
  const found = clustersFor([word], inventory);
  return found.kind === 'understood' ? chooseClusters(inventory, found.value).map(({ name }) => name) : [];
}

function readFix(
  [word, ...more]: readonly string[],
  families: readonly string[],
  vocabulary: Vocabulary,
): Understood<NamedFix | null> {
  if (word === undefined) return { kind: 'understood', value: null, typed: [] };
  if (word.startsWith('--'))
    return { kind: 'not-understood', message: `A fix comes first, and "${word}" is none.`, instead: [] };
  const fixes = vocabulary.fixes.filter((fix) => families.some((family) => fix.id.startsWith(family)));
  const ids = fixes.map((fix) => fix.id);
  const id = sameName(word, ids);
  const fix = fixes.find((one) => one.id === id);
  if (fix !== undefined) return readFixWords(fix, more);
  const near = didYouMean(word, ids);
  const known = ids.length === 0 ? 'There is no fix yet.' : `Known are ${ids.join(', ')}.`;
  return wrongWord(near === null ? `Unknown fix "${word}". ${known}` : `Unknown fix "${word}".`, near);
}

function readFixWords({ id, takes }: FixWords, words: readonly string[]): Understood<NamedFix> {
  if (takes === undefined)
    return words.length === 0
      ? { kind: 'understood', value: { id, words: [] }, typed: [id] }
      : {
          kind: 'not-understood',
          message: `${id} takes no words, and "${words.join(' ')}" was typed.`,
          instead: [id],
        };
  const read = takes.read(words);
  if (read.kind === 'understood')
    return { kind: 'understood', value: { id, words: read.words }, typed: [id, ...read.words] };
  const instead = read.instead === null ? null : [id, ...read.instead];
  return { kind: 'not-understood', message: `${read.message} It takes: ${takes.usage}.`, instead };
}
