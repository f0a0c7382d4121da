import { didYouMean } from '../src/core/did-you-mean.js';
import { UsageError } from '../src/core/errors.js';
import { chooseNodes, selectableNames } from '../src/inventory/choose.js';
import type { Inventory } from '../src/inventory/inventory.js';
import { targetChoices } from './choices.js';
import type { Argument, Understood } from './command.js';

/** More names than this are not typed by hand: a group says it shorter. */
const mostTargets = 200;
const groups = ['system', 'hmc', 'cluster', 'tag'] as const;
type Group = (typeof groups)[number];

/** One or more targets: names, `system:NAME`, `hmc:NAME`, `cluster:NAME`, `tag:key=value`, `all`. */
export function targetList(): Argument<readonly string[]> {
  return {
    usage: '<targets>',
    isNeeded: true,
    takesAll: true,
    explains: '<targets> are names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value, or all.',
    choices: ({ inventory }) => targetChoices(inventory),
    read: (words, { inventory }) => readTargets(words, inventory),
  };
}

/** The same, and all of them where nothing is typed. */
export function optionalTargetList(): Argument<readonly string[]> {
  return {
    ...targetList(),
    usage: '[targets]',
    isNeeded: false,
    explains: '[targets] are names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value; all where left out.',
    read: (words, { inventory }) => {
      if (words.length > 0) return readTargets(words, inventory);
      const all = readTargets(['all'], inventory);
      return all.kind === 'understood' ? { ...all, typed: [] } : all;
    },
  };
}

/** A command's name with or without slash, or nothing. Whether it exists is for the registry to say. */
export function optionalCommand(): Argument<string | null> {
  return {
    usage: '[command]',
    isNeeded: false,
    takesAll: false,
    explains:
      '[command] is the name of one command, with or without its slash; or the id of a fix or of a finding.',
    choices: () => [],
    read: (words) => {
      const name = words[0]?.replace(/^\//, '').toLowerCase() ?? null;
      return { kind: 'understood', value: name, typed: name === null ? [] : [name] };
    },
  };
}

/** Selectors in their full form, without doubles; `all` swallows the others. */
export function readTargets(words: readonly string[], inventory: Inventory): Understood<readonly string[]> {
  const found = words.map((word) => readSelector(word, inventory));
  const wrong = found.filter((one) => one.kind === 'not-understood');
  if (wrong.length > 0) return notUnderstood(words, found, wrong);
  const selectors = [...new Set(found.flatMap((one) => (one.kind === 'understood' ? [one.value] : [])))];
  if (selectors.length > mostTargets)
    return {
      kind: 'not-understood',
      message: `${selectors.length} targets are more than the ${mostTargets} that one command takes.`,
      instead: null,
    };
  const value = selectors.includes('all') ? ['all'] : selectors;
  return { kind: 'understood', value, typed: value };
}

/** At most three complaints, and the whole line as it was probably meant. */
function notUnderstood(
  words: readonly string[],
  found: readonly Understood<string>[],
  wrong: readonly (Understood<string> & { kind: 'not-understood' })[],
): Understood<never> {
  const shown = wrong.slice(0, 3).map((one) => one.message);
  const more = wrong.length > 3 ? [`${wrong.length - 3} more were not understood either.`] : [];
  const instead = found.map((one) => (one.kind === 'understood' ? one.typed : one.instead));
  const known = instead.every((part) => part !== null) && words.length <= 20;
  return {
    kind: 'not-understood',
    message: [...shown, ...more].join(' '),
    instead: known ? instead.flat() : null,
  };
}

export function readSelector(word: string, inventory: Inventory): Understood<string> {
  if (word.toLowerCase() === 'all') return choice('all', inventory);
  const parts = /^(?<group>[A-Za-z]+):(?<name>.*)$/.exec(word)?.groups;
  if (parts?.['group'] === undefined || parts['name'] === undefined) return readName(word, inventory);
  const group = parts['group'].toLowerCase();
  if (group === 'node') return readName(parts['name'], inventory);
  if (isGroup(group)) return readGroup(group, parts['name'], inventory);
  const near = didYouMean(group, groups);
  const known = `Known are ${groups.map((one) => `${one}:`).join(', ')}.`;
  if (near === null) return wrongWord(`Unknown target "${word}". ${known}`, null);
  return wrongWord(`Unknown target "${word}".`, `${near}:${parts['name']}`);
}

/** A bare name is a node's; the name of a group is taken as that group, so that nobody has to know the prefix. */
function readName(word: string, inventory: Inventory): Understood<string> {
  const node = sameName(word, [...inventory.nodes.keys()]);
  if (node !== null) return selector(node);
  for (const group of groups) {
    const name = group === 'tag' ? null : sameName(word, namesOf(group, inventory));
    if (name !== null) return readGroup(group, name, inventory);
  }
  const host = sameName(word.split('.')[0] ?? '', [...inventory.nodes.keys()]);
  return wrongWord(`Unknown target "${word}".`, host ?? didYouMean(word, selectableNames(inventory)));
}

function readGroup(group: Group, name: string, inventory: Inventory): Understood<string> {
  const known = namesOf(group, inventory);
  const same = sameName(name, known);
  if (same === null) {
    const near = didYouMean(name, known);
    return wrongWord(`Unknown ${groupWords[group]} "${name}".`, near === null ? null : `${group}:${near}`);
  }
  return choice(`${group}:${same}`, inventory);
}

const groupWords = { system: 'managed system', hmc: 'HMC', cluster: 'cluster', tag: 'tag' } as const;

function isGroup(word: string): word is Group {
  return (groups as readonly string[]).includes(word);
}

function namesOf(group: Group, inventory: Inventory): string[] {
  switch (group) {
    case 'system':
      return [...inventory.systems.keys()];
    case 'hmc':
      return [...inventory.hmcs.keys()];
    case 'cluster':
      return [...inventory.clusters.keys()];
    case 'tag':
      return selectableNames(inventory).flatMap((name) => (name.startsWith('tag:') ? [name.slice(4)] : []));
  }
}

/** Whether the job will find a node behind the selector: the same choice decides here and there. */
function choice(text: string, inventory: Inventory): Understood<string> {
  try {
    chooseNodes(inventory, [text]);
    return selector(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return {
      kind: 'not-understood',
      message: error.message,
      instead: error.hint === null ? null : [error.hint],
    };
  }
}

/** The name as the inventory writes it: phones begin words with a capital. */
export function sameName(word: string, names: readonly string[]): string | null {
  if (names.includes(word)) return word;
  const same = names.filter((name) => name.toLowerCase() === word.toLowerCase());
  return same.length === 1 ? (same[0] ?? null) : null;
}

function selector(value: string): Understood<string> {
  return { kind: 'understood', value, typed: [value] };
}

export function wrongWord(message: string, near: string | null): Understood<never> {
  const meant = near === null ? message : `${message} Did you mean ${near}?`;
  return { kind: 'not-understood', message: meant, instead: near === null ? null : [near] };
}
