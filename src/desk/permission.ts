/** The one place where people are allowed or refused: it asks the policy and writes a refusal down. */
import type { Audit } from '../audit/audit.js';
import { unobserved, type Observe } from '../core/observe.js';
import type { Asker } from '../core/request.js';
import {
  authorise,
  type Action,
  type ActionObject,
  type Decision,
  type Principal,
} from '../policy/authorise.js';
import { usergroupsOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import { notOneOfOurs, type Standing } from '../policy/standing.js';

/** Whether a person may do something now. `about` is what a refusal is written down with; `help` writes nothing. */
export type MayI = (who: Asker, action: Action, about: string, object?: ActionObject) => Promise<Decision>;

export interface PermissionTools {
  readonly policy: Policy;
  readonly audit: Audit;
  readonly observe?: Observe;
  /** Slack usergroup ids that a person belongs to; null where that cannot be told now. */
  readonly groupsOf: (user: string) => Promise<readonly string[] | null>;
  /** Whether Slack counts an account as a full member of our workspace; left out where nobody comes from Slack. */
  readonly standingOf?: (user: string) => Promise<Standing>;
}

/** A `mayI` that every desk of a bot is handed. */
export function createPermission(tools: PermissionTools): MayI {
  const { policy, audit, groupsOf, standingOf, observe = unobserved } = tools;
  return async (who, action, about, object = {}) => {
    const [standing, byPolicy] = await Promise.all([
      standingIn(who, standingOf),
      decide({ policy, groupsOf }, who, (principal) => authorise(policy, principal, action, object)),
    ]);
    const decision = notOneOfOurs(standing, action) ?? byPolicy;
    // Help asks what it may show; nobody is refused anything by looking.
    if (!decision.allowed && about !== 'help') {
      observe({ kind: 'refused', rule: decision.rule });
      const detail = { action, rule: decision.rule };
      await audit.append({ code: 'request.refused', actor: who.user, object: about, detail });
    }
    return decision;
  };
}

/** What a person could do, for help and typeahead: asked once for many things, and never written down. */
export type Foresee = (who: Asker, action: Action) => Promise<(object: ActionObject) => boolean>;

/** The same policy, for what is shown before anybody asks for anything. */
export function createForesight({ policy, groupsOf, standingOf }: Omit<PermissionTools, 'audit'>): Foresee {
  return async ({ user, channel }, action) => {
    const outside = notOneOfOurs(await standingIn({ user, channel }, standingOf), action);
    if (outside !== null) return () => false;
    const groups = usergroupsOf(policy).length === 0 ? [] : await groupsOf(user);
    return (object) => authorise(policy, { user, channel, groups }, action, object).allowed;
  };
}

/** Who sits at a terminal is known by the machine, and not by Slack. */
function standingIn({ user }: Asker, standingOf: PermissionTools['standingOf']): Promise<Standing> {
  return standingOf === undefined || user.startsWith('cli:') ? Promise.resolve('member') : standingOf(user);
}

/** Slack is asked who is in which group only where that may matter: whoever is allowed by name waits for nothing. */
async function decide(
  { policy, groupsOf }: Omit<PermissionTools, 'audit'>,
  { user, channel }: Asker,
  ask: (principal: Principal) => Decision,
): Promise<Decision> {
  const first = ask({ user, channel, groups: usergroupsOf(policy).length === 0 ? [] : null });
  if (first.allowed || usergroupsOf(policy).length === 0) return first;
  return ask({ user, channel, groups: await groupsOf(user) });
}
