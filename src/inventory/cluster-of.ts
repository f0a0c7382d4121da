import { didYouMean } from '../core/did-you-mean.js';
import { UsageError } from '../core/errors.js';
import type { ClusterTarget } from '../core/target.js';
import type { Inventory } from './inventory.js';

/**
 * The cluster that people mean by `erp`, `cluster:erp`, or the name of one of its nodes. Throws UsageError for what
 * names none, with what may have been meant.
 */
export function clusterOf(inventory: Inventory, word: string): ClusterTarget {
  const name = word.trim().replace(/^(?:cluster|node):/, '');
  const cluster = inventory.clusters.get(name);
  if (cluster !== undefined) return cluster;
  const node = inventory.nodes.get(name);
  if (node !== undefined) {
    const own = node.cluster === null ? undefined : inventory.clusters.get(node.cluster);
    if (own !== undefined) return own;
    throw new UsageError(`${name} is in no cluster of the inventory, and this is for a cluster.`);
  }
  const meant = didYouMean(name, [...inventory.clusters.keys(), ...inventory.nodes.keys()]);
  throw new UsageError(`Unknown cluster "${name}".${meant === null ? '' : ` Did you mean ${meant}?`}`, meant);
}
