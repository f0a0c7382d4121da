/** What the policy must know of an act: which it is, what it is done with, and on which targets. */
import { membersOf, type Rollout } from '../approval/rollout-states.js';
import type { Change } from '../approval/states.js';
import { nodesOfPlan } from '../core/plan-places.js';
import type { Asker, Wish } from '../core/request.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Action, ActionObject } from '../policy/authorise.js';
import { targetFacts } from '../policy/target-facts.js';
import { findFix } from '../runbooks/index.js';

/** The act that a wish is. Throws UsageError for a fix that there is not. */
export function askedOf(
  wish: Wish,
  inventory: Inventory,
): { readonly action: Action; readonly object: ActionObject } {
  switch (wish.job) {
    case 'diagnose':
      return {
        action: 'diagnose',
        object: { name: wish.diagnostic, targets: targetFacts(inventory, wish.targets) },
      };
    case 'cert-expiry':
      return {
        action: 'diagnose',
        object: { name: 'certificates', targets: targetFacts(inventory, wish.targets) },
      };
    case 'propose-fix':
      return { action: 'propose', object: fixOn(wish.fix, [wish.target], inventory) };
    case 'propose-rollout':
      return { action: 'roll-out', object: fixOn(wish.fix, wish.targets, inventory) };
    case 'enrol':
      return { action: 'enrol', object: { targets: targetFacts(inventory, wish.targets) } };
    case 'roll-back':
      return { action: 'roll-back', object: {} };
  }
}

/** What the policy must know of a change: all nodes that its plan reads or changes are its targets. */
export function aboutOf({ plan, requester, approvals }: Change, inventory: Inventory): ActionObject {
  return {
    name: plan.fix,
    risk: plan.risk,
    requester,
    approvals: approvals.map((one) => one.user),
    targets: targetFacts(inventory, [plan.target, ...nodesOfPlan(plan)]),
  };
}

/** The same for a roll-out: every target that has a plan. */
export function aboutRollout(rollout: Rollout, inventory: Inventory): ActionObject {
  const { fix, risk, requester, approvals, channel: card } = rollout;
  const names = membersOf(rollout).map(({ target }) => target);
  return {
    ...{ name: fix, risk, requester, card, approvals: approvals.map(({ user }) => user) },
    targets: targetFacts(inventory, names),
  };
}

/** Who acts on a change. Outside any channel, as on the App Home, that is judged by the channel of the change. */
export function atChange({ user, channel }: Asker, change: Pick<Change, 'channel'>): Asker {
  return { user, channel: channel ?? change.channel };
}

function fixOn(id: string, targets: readonly string[], inventory: Inventory): ActionObject {
  const { risk } = findFix(id);
  return { name: id, risk, targets: targetFacts(inventory, targets) };
}
