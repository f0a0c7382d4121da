/** Who acts at a terminal, and whether the policy lets them: the same one that judges what is asked in Slack. */
import { userInfo } from 'node:os';
import { RefusedError } from '../core/errors.js';
import type { Inventory } from '../inventory/inventory.js';
import { authorise, type Action, type ActionObject } from '../policy/authorise.js';
import { usergroupsOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import { targetFacts } from '../policy/target-facts.js';

interface Asked extends Pick<ActionObject, 'name' | 'risk'> {
  readonly action: Action;
  /** Names and selectors. */
  readonly targets: readonly string[];
}

/** Throws RefusedError where `policy.yaml` does not let whoever is at this terminal do that; nothing was done then. */
export function refuseUnlessAllowed(
  { policy, inventory }: { readonly policy: Policy; readonly inventory: Inventory },
  { action, targets, ...object }: Asked,
): void {
  // Who is in a group of Slack is not asked for here: a terminal needs no Slack.
  const groups = usergroupsOf(policy).length === 0 ? [] : null;
  const principal = { user: terminalUser(), channel: null, groups };
  const about = { ...object, targets: targetFacts(inventory, targets) };
  const decision = authorise(policy, principal, action, about);
  if (!decision.allowed)
    throw new RefusedError(
      `${decision.sentence} You are ${principal.user}. Nothing was done.`,
      decision.rule,
    );
}

/** `cli:NAME`, as the operating system names whoever runs this; its number where it has no name for it. */
export function terminalUser(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A container may run under a number that no account has.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}
