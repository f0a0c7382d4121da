import { UsageError } from '../core/errors.js';
import type { CertificateRule, NodeTarget } from '../core/target.js';
import { chooseNodes } from './choose.js';
import type { Inventory } from './inventory.js';
import type { Mismatch } from './resolve.js';
import type { InventoryFile } from './schema.js';

/** The certificates of each node, from its own entry, its cluster's and the rules that choose it: the first that names a path counts. */
export function certificateRules(
  file: InventoryFile,
  inventory: Inventory,
  mismatches: Mismatch[],
): ReadonlyMap<string, readonly CertificateRule[]> {
  const rules = new Map<string, CertificateRule[]>();
  const add = (node: NodeTarget, paths: readonly string[], rule: Omit<CertificateRule, 'path'>): void => {
    const own = rules.get(node.name) ?? [];
    for (const path of paths) if (!own.some((one) => one.path === path)) own.push({ path, ...rule });
    if (own.length > 0) rules.set(node.name, own);
  };
  file.certificates.forEach(({ nodes, files, owner, passwordFile }, index) => {
    try {
      for (const node of chooseNodes(inventory, [nodes].flat())) {
        const rule = { owner: owner ?? node.owner };
        add(node, files, passwordFile === undefined ? rule : { ...rule, passwordFile });
      }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      mismatches.push({ path: ['certificates', index, 'nodes'], problem: error.message });
    }
  });
  for (const [name, node] of inventory.nodes) {
    add(node, file.nodes[name]?.certificates ?? [], { owner: node.owner });
    if (node.cluster !== null)
      add(node, file.clusters[node.cluster]?.certificates ?? [], { owner: node.owner });
  }
  return rules;
}
