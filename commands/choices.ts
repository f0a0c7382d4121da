import { chooseNodes, selectableNames } from '../src/inventory/choose.js';
import { UsageError } from '../src/core/errors.js';
import type { NodeTarget } from '../src/core/target.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { Choice, Vocabulary } from './command.js';

/** `all`, then the groups, then every node: what a list of targets may hold. */
export function targetChoices(inventory: Inventory): readonly Choice[] {
  const groups = ['all', ...selectableNames(inventory).filter((name) => name.includes(':'))];
  const filled = groups.flatMap((word) => {
    const count = sizeOf(inventory, word);
    return count === 0 ? [] : [{ word, about: count === 1 ? '1 node' : `${count} nodes` }];
  });
  return [...filled, ...nodeChoices(inventory)];
}

/** Every node by its name. */
export function nodeChoices(inventory: Inventory): readonly Choice[] {
  return [...inventory.nodes.values()].map((node) => ({ word: node.name, about: whereIs(node) }));
}

/** The fixes of some families, with their risk. */
export function fixChoices(vocabulary: Vocabulary, families: readonly string[]): readonly Choice[] {
  const fitting = vocabulary.fixes.filter((fix) => families.some((family) => fix.id.startsWith(family)));
  return fitting.map((fix) => ({ word: fix.id, about: `${fix.title} (${fix.risk} risk)` }));
}

/** The choices that fit what was typed so far, those that begin with it first; at most `most`. */
export function matching(choices: readonly Choice[], typed: string, most: number): readonly Choice[] {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ word, about }: Choice): number => {
    if (word.toLowerCase().startsWith(wanted)) return 0;
    if (word.toLowerCase().includes(wanted)) return 1;
    return about.toLowerCase().includes(wanted) ? 2 : 3;
  };
  const ranked = choices.map((choice) => ({ choice, at: rank(choice) })).filter(({ at }) => at < 3);
  return ranked
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ choice }) => choice);
}

function whereIs(node: NodeTarget): string {
  const place = node.system === null ? node.platform : `on ${node.system.name}`;
  const tags = Object.entries(node.tags).map(([key, value]) => `${key}=${value}`);
  return [place, ...tags].join(', ');
}

/** Empty groups choose nothing, and choosing says so by an error. */
function sizeOf(inventory: Inventory, word: string): number {
  try {
    return chooseNodes(inventory, [word]).length;
  } catch (error) {
    if (error instanceof UsageError) return 0;
    throw error;
  }
}
