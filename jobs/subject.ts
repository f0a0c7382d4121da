import { nodesOfPlan, isForCluster } from '../src/core/plan-places.js';
import { UsageError } from '../src/core/errors.js';
import type { Plan } from '../src/core/plan.js';
import type { ClusterTarget, NodeTarget } from '../src/core/target.js';
import { clusterOf } from '../src/inventory/cluster-of.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { Fix, ClusterFix } from '../src/runbooks/definition.js';
import type { Tools } from './tools.js';

/** What a plan is for: one node, or a cluster. */
export type Subject =
  | { readonly kind: 'node'; readonly name: string; readonly node: NodeTarget }
  | { readonly kind: 'cluster'; readonly name: string; readonly cluster: ClusterTarget };

/** What a plan is for and every node that it names, or the name that the inventory has no more. */
export type Found =
  | {
      readonly kind: 'found';
      readonly subject: Subject;
      readonly nodes: ReadonlyMap<string, NodeTarget>;
    }
  | { readonly kind: 'gone'; readonly name: string };

/** Looks a plan's target and nodes up in the inventory of this worker. */
export function placesOf(plan: Plan, inventory: Inventory): Found {
  const subject = subjectNamed(plan, inventory);
  if (subject === null) return { kind: 'gone', name: plan.target };
  const nodes = new Map<string, NodeTarget>();
  for (const name of nodesOfPlan(plan)) {
    const node = inventory.nodes.get(name);
    if (node === undefined) return { kind: 'gone', name };
    nodes.set(name, node);
  }
  return { kind: 'found', subject, nodes };
}

function subjectNamed(plan: Plan, inventory: Inventory): Subject | null {
  const name = plan.target;
  if (isForCluster(plan)) {
    const cluster = inventory.clusters.get(name);
    return cluster === undefined ? null : { kind: 'cluster', name, cluster };
  }
  const node = inventory.nodes.get(name);
  return node === undefined ? null : { kind: 'node', name, node };
}

/** What a fix is asked for: one node, or a cluster by its name or a node's. Throws UsageError for anything else. */
export function subjectFor(
  fix: Pick<Fix | ClusterFix, 'kind'>,
  target: string,
  tools: Pick<Tools, 'inventory' | 'chooseNodes'>,
): Subject {
  if (fix.kind === 'cluster-fix') {
    const cluster = clusterOf(tools.inventory, target);
    return { kind: 'cluster', name: cluster.name, cluster };
  }
  const node = onlyNode(tools.chooseNodes([target]));
  return { kind: 'node', name: node.name, node };
}

/** A fix is planned for one node at a time: a selector that names several is a mistake here. */
function onlyNode(nodes: readonly NodeTarget[]): NodeTarget {
  const [node, ...others] = nodes;
  if (node === undefined || others.length > 0)
    throw new UsageError(
      `A fix is for one node; this names ${nodes.length}: ${nodes.map((n) => n.name).join(', ')}.`,
    );
  return node;
}
