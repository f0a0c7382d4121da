import { UsageError } from '../src/core/errors.js';
import { chooseClusters } from '../src/inventory/choose.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { Argument, Choice, Understood } from './command.js';

/** One or more clusters, by their names or by those of their nodes; `all` is every cluster. */
export function clusterList(): Argument<readonly string[]> {
  return {
    usage: '<cluster|node>',
    isNeeded: true,
    takesAll: true,
    explains:
      '<cluster|node> are names of clusters or of nodes, which mean their cluster; all is every cluster.',
    choices: ({ inventory }) => {
      const { size } = inventory.clusters;
      const all = size > 1 ? [{ word: 'all', about: `${size} clusters` }] : [];
      return [...all, ...clusterChoices(inventory)];
    },
    read: (words, { inventory }) => {
      const isAll = words.some((word) => word.toLowerCase() === 'all');
      const found = clustersFor(words, inventory);
      if (found.kind !== 'understood') return found;
      if (isAll) return { kind: 'understood', value: ['all'], typed: ['all'] };
      return { ...found, value: found.value.map((name) => `cluster:${name}`) };
    },
  };
}

/** Every cluster, then their nodes. */
export function clusterChoices(inventory: Inventory): readonly Choice[] {
  const clusters = [...inventory.clusters.values()];
  return [
    ...clusters.map(({ name, nodes }) => ({
      word: name,
      about: `cluster of ${nodes.map((one) => one.name).join(', ')}`,
    })),
    ...clusters.flatMap(({ name, nodes }) =>
      nodes.map((node) => ({ word: node.name, about: `node of ${name}` })),
    ),
  ];
}

/** The clusters that the words mean, by name: what was typed for a node is shown again as its cluster. */
export function clustersFor(words: readonly string[], inventory: Inventory): Understood<readonly string[]> {
  try {
    const names = chooseClusters(
      inventory,
      words.map((word) => asWritten(word, inventory)),
    ).map(({ name }) => name);
    return { kind: 'understood', value: names, typed: names };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const isName = error.hint !== null && words.length === 1 && error.message.includes('Did you mean');
    return { kind: 'not-understood', message: error.message, instead: isName ? [error.hint] : null };
  }
}

/** Phones begin words with a capital; `node:` may stand before a node's name. */
function asWritten(word: string, { clusters, nodes }: Inventory): string {
  const bare = word.replace(/^node:/i, '');
  const known = [...clusters.keys(), ...nodes.keys(), 'all'];
  if (known.includes(bare)) return bare;
  const same = known.filter((name) => name.toLowerCase() === bare.toLowerCase());
  return same.length === 1 ? (same[0] ?? word) : word;
}
