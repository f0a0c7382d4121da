import type { Risk } from '../core/plan.js';
import type { Policy } from './schema.js';

export type Action =
  | 'diagnose'
  | 'look-again'
  | 'see-changes'
  | 'propose'
  | 'roll-out'
  | 'stop'
  | 'roll-back'
  | 'approve'
  | 'reject'
  | 'withdraw'
  | 'close'
  | 'freeze'
  | 'break-glass'
  | 'enrol'
  | 'tend';

/** Who acts, and where. */
export interface Principal {
  /** Slack user id, or `cli:<name>` at a terminal. */
  readonly user: string;
  /** Null where it is none. */
  readonly channel: string | null;
  /** Slack usergroup ids; null where they could not be read, and then every rule that needs them fails closed. */
  readonly groups: readonly string[] | null;
}

/** One node, cluster or HMC that an action is about, with what rules may choose it by. */
export interface TargetFacts {
  readonly name: string;
  readonly kind: 'node' | 'cluster' | 'hmc';
  readonly tags: Readonly<Record<string, string>>;
  readonly system: string | null;
  readonly hmc: string | null;
  readonly cluster: string | null;
}

/**
 * What the action is about. For a change: who asked for it, its risk, and who approved it so far. What is left out is not
 * there: a rule that chooses by targets fits no act without targets.
 */
export interface ActionObject {
  /** Asks before anything is named, as help and forms do: whether there is anything at all that may be done so. */
  readonly ahead?: true;
  /** Fix, diagnostic or command id. */
  readonly name?: string;
  readonly targets?: readonly TargetFacts[];
  readonly requester?: string;
  readonly risk?: Risk;
  readonly approvals?: readonly string[];
}

/** `rule` is a stable code for the audit trail, `sentence` is for the person. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly sentence: string };

/**
 * Decides who may do what. Nobody approves a change of their own, with whichever account, whatever else they may do;
 * and a person with two accounts counts once. Asked when a button is drawn and again when it is clicked.
 */
export function authorise(
  policy: Policy,
  principal: Principal,
  action: Action,
  object: ActionObject = {},
): Decision {
  const human = humanOf(policy, principal.user);
  const isRequester = object.requester !== undefined && humanOf(policy, object.requester) === human;
  switch (action) {
    case 'diagnose':
    case 'look-again':
    case 'see-changes':
      return isListed(policy, policy.allow.diagnose, human)
        ? yes
        : no('diagnose', 'You may not run diagnostics here.');
    case 'propose':
    case 'roll-out':
    case 'stop':
    case 'roll-back':
      return isListed(policy, policy.allow.propose, human)
        ? yes
        : no('propose', 'You may not propose changes here.');
    case 'tend':
      return isListed(policy, policy.allow.propose, human)
        ? yes
        : no('propose', 'You may not acknowledge, snooze or assign certificates here.');
    case 'withdraw':
      return isRequester
        ? yes
        : no('withdraw-own', 'Only the person who asked for this change can withdraw it. You can reject it.');
    case 'reject':
      return isRequester ? yes : approver(policy, human, 'You may not reject changes here.');
    // It runs nothing, and who asked may be the only one awake who can look at the node.
    case 'close':
      return approver(policy, human, 'You may not close changes here: that is for those who may approve.');
    case 'freeze':
      return approver(policy, human, 'You may not freeze or unfreeze changes here.');
    case 'break-glass':
      return no('break-glass', 'You may not break the glass here: policy.yaml lets nobody.');
    case 'enrol':
      return approver(policy, human, 'You may not pin host keys here.');
    case 'approve':
      return approve(policy, human, isRequester, object);
  }
}

/** How many different people must approve a change of this risk. */
export function approvalsNeeded(policy: Policy, risk: Risk): number {
  return policy.approvalsNeeded[risk];
}

/** How many different people have approved: one person's accounts count once, the requester's never. */
export function approvalsCounted(policy: Policy, object: ActionObject): number {
  const humans = new Set((object.approvals ?? []).map((user) => humanOf(policy, user)));
  if (object.requester !== undefined) humans.delete(humanOf(policy, object.requester));
  return humans.size;
}

const yes: Decision = { allowed: true };

function no(rule: string, sentence: string): Decision {
  return { allowed: false, rule, sentence };
}

function approve(policy: Policy, human: string, isRequester: boolean, object: ActionObject): Decision {
  if (object.requester === undefined) {
    return no('requester-unknown', 'It is not known who asked for this change, so nobody can approve it.');
  }
  if (isRequester) {
    return no('requester-is-not-approver', 'You asked for this change, so someone else must approve it.');
  }
  if ((object.approvals ?? []).some((user) => humanOf(policy, user) === human)) {
    return no(
      'one-person-counts-once',
      'You have approved this change already. The other approval must come from someone else.',
    );
  }
  return approver(policy, human, 'You may not approve changes here.');
}

function approver(policy: Policy, human: string, sentence: string): Decision {
  return isListed(policy, policy.approvers, human) ? yes : no('approvers', sentence);
}

function isListed(policy: Policy, list: 'everyone' | readonly string[], human: string): boolean {
  return list === 'everyone' || list.some((user) => humanOf(policy, user) === human);
}

/** The person behind an account: the one that `people` lists it under, or the account itself. */
function humanOf(policy: Policy, user: string): string {
  if (Object.hasOwn(policy.people, user)) return user;
  const listed = Object.entries(policy.people).find(([, person]) => person.aliases.includes(user));
  return listed?.[0] ?? user;
}
