/** The one question whether a change may begin now: the policy's windows, the freeze and the glass, as they are at this moment. */
import type { MayStart } from '../core/may-start.js';
import { isForCluster, nodesOfPlan } from '../core/plan-places.js';
import type { Plan } from '../core/plan.js';
import type { Inventory } from '../inventory/inventory.js';
import { targetFacts } from '../policy/target-facts.js';
import { mayStart, type PolicyTime, type Touched } from '../policy/time-decision.js';
import type { CalmStore } from './calm.js';

/** Rejects where the freeze cannot be read: who asks must start nothing then. */
export type TimeGate = (plan: Plan) => Promise<MayStart>;

interface TimeGateTools {
  readonly calm: CalmStore;
  readonly inventory: Inventory;
  readonly policy: PolicyTime;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** A TimeGate that reads the freeze and the glass anew each time it is asked. */
export function createTimeGate({ calm, inventory, policy, clock }: TimeGateTools): TimeGate {
  return async (plan) => {
    const [freeze, glasses] = await Promise.all([calm.freeze(), calm.glasses()]);
    return mayStart(policy, freeze, glasses, touchedBy(plan, inventory), clock());
  };
}

/** All nodes of a cluster count, and where an HMC is changed all nodes of its managed system, which that is done to. */
export function touchedBy(plan: Plan, inventory: Inventory): Touched {
  const { target } = plan;
  const own = isForCluster(plan) ? [`cluster:${target}`] : [target];
  const systems = plan.locks.filter((key) => key.startsWith('system:'));
  const isHmcChanged = plan.steps.some((step) => step.kind === 'hmc');
  const home = inventory.nodes.get(target)?.system?.name;
  const managed = isHmcChanged && home !== undefined ? [`system:${home}`] : [];
  return { target, all: targetFacts(inventory, [...own, ...nodesOfPlan(plan), ...systems, ...managed]) };
}
