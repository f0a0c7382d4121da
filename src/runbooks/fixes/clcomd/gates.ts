import type { FactSet } from '../../../core/fact.js';
import type { Plan } from '../../../core/plan.js';
import type { ClusterTarget } from '../../../core/target.js';
import type { ClusterCollected } from '../../definition.js';
import { soundTool, toolFacts } from './certificate-tool.js';
import { clusterFacts, nodesIn } from './facts.js';
import type { Gate, GateSight, Refusal } from './gate.js';
import {
  everyNodeAnswers,
  groupsSettled,
  managersAtRest,
  membersUp,
  noEvents,
  repositoryThere,
  sameLevel,
} from './gates-cluster.js';
import { noRecentEvent, nothingUnderWay, roomForCopy } from './gates-work.js';

const gates = {
  C1: everyNodeAnswers,
  C2: sameLevel,
  C3: managersAtRest,
  C4: noEvents,
  C5: groupsSettled,
  C6: membersUp,
  C7: nothingUnderWay,
  C8: repositoryThere,
  C9: noRecentEvent,
  C10: roomForCopy,
  C11: soundTool,
} as const satisfies Record<string, Gate>;

export type ClusterGateName = keyof typeof gates;
export const clusterGateNames = Object.keys(gates) as readonly ClusterGateName[];

/** What forbids any change of a cluster's communication. */
export const clusterGates = [
  'C1',
  'C2',
  'C3',
  'C4',
  'C5',
  'C6',
  'C7',
  'C8',
  'C9',
] as const satisfies readonly ClusterGateName[];

/** What forbids one that saves /etc/cluster first. */
export const copyGates = [...clusterGates, 'C10'] as const satisfies readonly ClusterGateName[];

/** What forbids to run the site's certificate tool. */
export const renewGates = [...copyGates, 'C11'] as const satisfies readonly ClusterGateName[];

/** What the gates of these names ask of every node; a name that no gate has asks nothing and refuses later. */
export function clusterGateFacts(names: readonly string[], cluster: ClusterTarget): FactSet {
  const wanted = new Set<string>(names.flatMap((name) => gateOf(name)?.needs ?? []));
  const own = Object.entries(clusterFacts).filter(([name]) => wanted.has(name));
  return { ...Object.fromEntries(own), ...(names.includes('C11') ? toolFacts(cluster) : {}) };
}

/**
 * The first gate that refuses, in the order of the names, with all others that refuse too; null when every way is free.
 * What was not read refuses as a hit does. `plan` is the approved one, where there is one.
 */
export function readClusterGates(
  names: readonly string[],
  collected: ClusterCollected,
  plan: Plan | null,
): Refusal | null {
  const sight: GateSight = { collected, nodes: nodesIn(collected), plan };
  const refusals = names.flatMap((name) => refusalOf(name, sight) ?? []);
  const [first, ...others] = refusals;
  if (first === undefined) return null;
  const more = [...new Set(others.map((one) => one.gate))];
  const tail = more.length === 0 ? '' : ` Refused as well by ${more.join(', ')}.`;
  return { ...first, reason: `${first.reason}${tail}` };
}

function gateOf(name: string): Gate | null {
  return Object.hasOwn(gates, name) ? gates[name as ClusterGateName] : null;
}

function refusalOf(name: string, sight: GateSight): Refusal | null {
  const gate = gateOf(name);
  if (gate === null) {
    const reason = `The plan for ${sight.collected.cluster.name} names gate ${name}, which is not known here.`;
    return { kind: 'refused', gate: name, reason, source: 'this program' };
  }
  const reason = gate.test(sight);
  return reason === null ? null : { kind: 'refused', gate: gate.gate, reason, source: gate.source };
}
