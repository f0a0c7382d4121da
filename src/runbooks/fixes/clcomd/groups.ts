import { saysManagerDown } from '../../../aix/clrginfo.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { known } from './facts.js';

const down = ['ST_INIT', 'NOT_CONFIGURED'];

/**
 * Where the resource groups are, one line for each group and node, sorted, as all nodes that can tell agree; none where
 * every manager is down. A sentence where they do not agree, or where one that should tell was not read.
 */
export function groupLines(nodes: readonly NodeSight[]): readonly string[] | string {
  let agreed: readonly string[] | null = null;
  for (const node of nodes) {
    if (cannotTell(node)) continue;
    const groups = known(node, 'groups');
    if (!groups.ok) return `${groups.why}.`;
    const lines = groups.value.map(({ group, state, node: where }) => `${group} ${state} on ${where}`).sort();
    if (agreed !== null && agreed.join('\n') !== lines.join('\n'))
      return `${node.name} sees the resource groups in other states than the nodes before it.`;
    agreed = lines;
  }
  return agreed ?? [];
}

/** The manager is down: it has no groups, and says so. */
function cannotTell(node: NodeSight): boolean {
  const manager = known(node, 'manager');
  const groups = node.reading('groups');
  return (
    manager.ok &&
    down.includes(manager.value.state) &&
    groups?.kind === 'failure' &&
    saysManagerDown(groups.failure)
  );
}

/** PowerHA's name of a node: the one that the cluster has for one of its own addresses, else its inventory name. */
export function powerhaName(node: NodeSight): string {
  const interfaces = known(node, 'interfaces');
  const addresses = known(node, 'addresses');
  if (!interfaces.ok || !addresses.ok) return node.name;
  const own = addresses.value.flatMap(({ address }) => address ?? []);
  return (
    interfaces.value.find(({ type, address }) => type === 'boot' && own.includes(address))?.node ?? node.name
  );
}

/** Whether a resource group is online on the node. */
export function hasGroupOnline(node: NodeSight, lines: readonly string[]): boolean {
  const name = powerhaName(node);
  return lines.some((line) => line.endsWith(` on ${name}`) && / ONLINE(?: SECONDARY)? on /.test(line));
}

/** Nodes without an online group first: what goes wrong goes wrong there. Otherwise as the inventory has them. */
export function calmFirst(nodes: readonly NodeSight[], lines: readonly string[]): readonly NodeSight[] {
  return [
    ...nodes.filter((node) => !hasGroupOnline(node, lines)),
    ...nodes.filter((node) => hasGroupOnline(node, lines)),
  ];
}
