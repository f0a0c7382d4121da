/** The one place where people are allowed or refused: it asks the policy and writes a refusal down. */
import type { Audit } from '../audit/audit.js';
import type { Asker } from '../core/request.js';
import { authorise, type Action, type ActionObject, type Decision } from '../policy/authorise.js';
import type { Policy } from '../policy/schema.js';

/** Whether a person may do something now. `about` is what a refusal is written down with; `help` writes nothing. */
export type MayI = (who: Asker, action: Action, about: string, object?: ActionObject) => Promise<Decision>;

export interface PermissionTools {
  readonly policy: Policy;
  readonly audit: Audit;
  /** Slack usergroup ids that a person belongs to; null where that cannot be told now. */
  readonly groupsOf: (user: string) => Promise<readonly string[] | null>;
}

/** A `mayI` that every desk of a bot is handed. */
export function createPermission({ policy, audit, groupsOf }: PermissionTools): MayI {
  return async (who, action, about, object = {}) => {
    const principal = { user: who.user, channel: who.channel, groups: await groupsOf(who.user) };
    const decision = authorise(policy, principal, action, object);
    // Help asks what it may show; nobody is refused anything by looking.
    if (!decision.allowed && about !== 'help') {
      const detail = { action, rule: decision.rule };
      await audit.append({ code: 'request.refused', actor: who.user, object: about, detail });
    }
    return decision;
  };
}
