import type { Change } from '../approval/states.js';
import type { Inventory } from '../inventory/inventory.js';
import type { ActionObject } from '../policy/authorise.js';
import { targetFacts } from '../policy/target-facts.js';

/** What the policy must know of a change, its targets included. */
export function aboutChange({ plan, requester, approvals }: Change, inventory: Inventory): ActionObject {
  return {
    ...{ name: plan.fix, risk: plan.risk, requester },
    approvals: approvals.map(({ user }) => user),
    targets: targetFacts(inventory, [plan.target]),
  };
}
