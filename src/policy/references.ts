/** Words in `policy.yaml` that name something: groups of the same file, targets of the inventory, fixes and diagnostics. */
import { didYouMean } from '../core/did-you-mean.js';
import { UsageError } from '../core/errors.js';
import { chooseNodes } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Policy } from './schema.js';

/** What the words may name. `inventory` is null where it could not be read: then targets are not looked at. */
export interface Known {
  readonly inventory: Inventory | null;
  /** Ids of fixes and diagnostics. */
  readonly ids: readonly string[];
}

export interface WrongWord {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

const risks = ['risk:low', 'risk:medium', 'risk:high'];

/** Every word that names nothing, and every account that two people have. */
export function wrongWords(policy: Policy, known: Known): readonly WrongWord[] {
  return [
    ...doubleAliases(policy),
    ...wordsAt(whoPlaces(policy), (word) => groupProblem(word, Object.keys(policy.groups))),
    ...wordsAt(whatPlaces(policy), (word) => whatProblem(word, known.ids)),
    ...wordsAt(targetPlaces(policy), (word) => targetProblem(word, known.inventory)),
  ];
}

/** An account belongs to one person, or two people could not be told apart. */
function doubleAliases(policy: Policy): readonly WrongWord[] {
  const ownerOf = new Map(Object.keys(policy.people).map((user) => [user, user]));
  return Object.entries(policy.people).flatMap(([user, person]) =>
    person.aliases.flatMap((alias, index) => {
      const owner = ownerOf.get(alias);
      if (owner === undefined) ownerOf.set(alias, user);
      return owner === undefined || owner === user
        ? []
        : [{ path: ['people', user, 'aliases', index], problem: `${alias} is ${owner}'s account already.` }];
    }),
  );
}

/** A list of words and where it stands. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly words: readonly string[];
}

function wordsAt(places: readonly Place[], problemOf: (word: string) => string | null): readonly WrongWord[] {
  return places.flatMap(({ path, words }) =>
    words.flatMap((word, index) => {
      const problem = problemOf(word);
      return problem === null ? [] : [{ path: [...path, index], problem }];
    }),
  );
}

function whoPlaces({ allow, approvers, rules, breakGlass }: Policy): readonly Place[] {
  return [
    { path: ['allow', 'diagnose'], words: allow.diagnose },
    { path: ['allow', 'propose'], words: allow.propose },
    { path: ['approvers'], words: approvers },
    ...rules.map(({ who }, index) => ({ path: ['rules', index, 'who'], words: who })),
    { path: ['breakGlass', 'who'], words: breakGlass?.who ?? [] },
  ];
}

function whatPlaces({ rules }: Policy): readonly Place[] {
  return rules.map(({ what = [] }, index) => ({ path: ['rules', index, 'what'], words: what }));
}

function targetPlaces({ rules, windows }: Policy): readonly Place[] {
  return [
    ...rules.map(({ targets = [] }, index) => ({ path: ['rules', index, 'targets'], words: targets })),
    ...windows.map(({ targets }, index) => ({ path: ['windows', index, 'targets'], words: targets })),
  ];
}

function groupProblem(word: string, groups: readonly string[]): string | null {
  if (!word.startsWith('group:')) return null;
  const name = word.slice('group:'.length);
  if (groups.includes(name)) return null;
  const near = didYouMean(name, groups);
  const known = groups.length === 0 ? ' There are none under groups.' : ` Known are ${groups.join(', ')}.`;
  return `Unknown group "${name}".${near === null ? known : ` Did you mean group:${near}?`}`;
}

function whatProblem(word: string, ids: readonly string[]): string | null {
  const known = [...ids, ...risks];
  if (known.includes(word)) return null;
  const near = didYouMean(word, known);
  const all = `Known are ${known.join(', ')}.`;
  return `Unknown fix, diagnostic or risk "${word}". ${near === null ? all : `Did you mean ${near}?`}`;
}

function targetProblem(word: string, inventory: Inventory | null): string | null {
  if (inventory === null || inventory.hmcs.has(word) || inventory.hmcs.has(word.replace(/^hmc:/, '')))
    return null;
  try {
    chooseNodes(inventory, [word]);
    return null;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
