import type { Plan, Proposal } from '../../../core/plan.js';
import type { ClusterCollected } from '../../definition.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import type { ClusterFactName } from './facts.js';

export type Refusal = Extract<Proposal, { kind: 'refused' }>;

/** What was read for the gates of a cluster's change. */
export interface GateSight {
  readonly collected: ClusterCollected;
  readonly nodes: readonly NodeSight[];
  /** The approved plan, where there is one already: what it stands on must still be so. */
  readonly plan: Plan | null;
}

/** One hard gate. `test` gives the reason why it refuses, in words, or null where the way is free. */
export interface Gate {
  /** What people know it by: `C1` to `C11`. */
  readonly gate: string;
  readonly needs: readonly ClusterFactName[];
  readonly source: string;
  readonly test: (sight: GateSight) => string | null;
}

/** The first reason of many, in the order of the nodes. */
export function firstReason(
  sight: GateSight,
  test: (node: NodeSight, sight: GateSight) => string | null,
): string | null {
  for (const node of sight.nodes) {
    const reason = test(node, sight);
    if (reason !== null) return reason;
  }
  return null;
}

/** A refusal because nobody can say; `why` is a part of a sentence. */
export function cannotSay(what: string, why: string): string {
  return `Nobody can say whether ${what}: ${why}.`;
}
