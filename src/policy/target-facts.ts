/** What rules may choose targets by, from the inventory. */
import { UsageError } from '../core/errors.js';
import type { NodeTarget } from '../core/target.js';
import { chooseNodes } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { TargetFacts } from './authorise.js';

/**
 * The nodes and HMCs that names or selectors mean, each once. A cluster is its nodes, and so is a group; the bare name of an
 * HMC is the HMC itself. What the inventory does not know (any more) is `unknown`, and only a rule by its name fits it.
 */
export function targetFacts(inventory: Inventory, selectors: readonly string[]): readonly TargetFacts[] {
  const found = new Map<string, TargetFacts>();
  for (const selector of selectors) {
    for (const facts of factsFor(inventory, selector.trim())) found.set(facts.name, facts);
  }
  return [...found.values()];
}

function factsFor(inventory: Inventory, selector: string): readonly TargetFacts[] {
  if (inventory.hmcs.has(selector)) return [{ ...bare(selector), kind: 'hmc', hmc: selector }];
  try {
    return chooseNodes(inventory, [selector]).map(factsOfNode);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [bare(selector)];
  }
}

function factsOfNode({ name, tags, system, cluster }: NodeTarget): TargetFacts {
  return {
    ...{ name, kind: 'node', tags, cluster },
    ...{ system: system?.name ?? null, hmc: system?.hmc.name ?? null },
  };
}

function bare(name: string): TargetFacts {
  return { name, kind: 'unknown', tags: {}, system: null, hmc: null, cluster: null };
}
