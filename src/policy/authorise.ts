import type { Risk } from '../core/plan.js';
import { approvalRule } from './approval-rules.js';
import { fitsChannel, fitsTarget, fitsWhat, grantsFor, isFor, type Grant } from './grants.js';
import { humanOf, namesTerminal } from './people.js';
import { refusal, type Lack } from './refusals.js';
import type { Policy } from './schema.js';

export type Action =
  | 'diagnose'
  | 'look-again'
  | 'stop-reading'
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

/** One node or HMC that an action is about, with what rules may choose it by; a cluster is its nodes. */
export interface TargetFacts {
  readonly name: string;
  /** `unknown`: the inventory has nothing of this name any more; then only a rule by this name fits. */
  readonly kind: 'node' | 'hmc' | 'unknown';
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
  /** The channel of the card whose button was pressed; left out where there is no card. */
  readonly card?: string;
}

/** `rule` is a stable code for the audit trail, `sentence` is for the person. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly sentence: string };

/**
 * Decides who may do what: nobody anything but what a rule or a short form of `policy.yaml` allows, on every single target.
 * Nobody approves a change of their own, with whichever account, whatever else they may do; and a person with two accounts
 * counts once. Asked when a button is drawn and again when it is clicked.
 */
export function authorise(
  policy: Policy,
  principal: Principal,
  action: Action,
  object: ActionObject = {},
): Decision {
  const isRequester =
    object.requester !== undefined && humanOf(policy, object.requester) === humanOf(policy, principal.user);
  if (isElsewhere(principal, object))
    return no(
      'other-channel',
      'This button belongs to a card in another channel, and counts only there. Nothing was done.',
    );
  switch (action) {
    case 'withdraw':
      return isRequester
        ? yes
        : no('withdraw-own', 'Only the person who asked for this change can withdraw it. You can reject it.');
    // Who asked may always end it: less happens then.
    case 'reject':
    case 'stop':
    case 'stop-reading':
      return isRequester ? yes : byRules(policy, principal, action, object);
    case 'approve':
      return (
        ownApproval(policy, principal, isRequester, object) ?? byRules(policy, principal, action, object)
      );
    case 'enrol':
      // Where it is known who asked, it is the pin itself, and four eyes hold for it as for a change.
      return (
        (object.requester === undefined ? null : ownApproval(policy, principal, isRequester, object)) ??
        (isFirstPin(policy, principal) ? yes : byRules(policy, principal, action, object))
      );
    default:
      return byRules(policy, principal, action, object);
  }
}

/** How many different people must approve a change of this risk. */
export function approvalsNeeded(policy: Policy, risk: Risk): number {
  return approvalRule(policy, risk).needed;
}

/** How many different people have approved: one person's accounts count once, the requester's never. */
export function approvalsCounted(policy: Policy, object: ActionObject): number {
  const humans = new Set((object.approvals ?? []).map((user) => humanOf(policy, user)));
  if (object.requester !== undefined) humans.delete(humanOf(policy, object.requester));
  return humans.size;
}

/** No card of ours stands in two channels; one that Slack did not let us post is in its requester's own, which begins with D. */
function isElsewhere({ channel }: Principal, { card }: ActionObject): boolean {
  return card !== undefined && channel !== null && channel !== card && !channel.startsWith('D');
}

const yes: Decision = { allowed: true };

function no(rule: string, sentence: string): Decision {
  return { allowed: false, rule, sentence };
}

/** Why an approval cannot be given whatever the rules say; null where they decide. */
function ownApproval(
  policy: Policy,
  principal: Principal,
  isRequester: boolean,
  { requester, approvals = [], ahead }: ActionObject,
): Decision | null {
  if (requester === undefined)
    return ahead === true
      ? null
      : no('requester-unknown', 'It is not known who asked for this change, so nobody can approve it.');
  if (isRequester)
    return no('requester-is-not-approver', 'You asked for this change, so someone else must approve it.');
  const human = humanOf(policy, principal.user);
  return approvals.some((user) => humanOf(policy, user) === human)
    ? no(
        'one-person-counts-once',
        'You have approved this change already. The other approval must come from someone else.',
      )
    : null;
}

/**
 * The first pins are made at a terminal, before Slack is there, by whoever may write known_hosts anyway; that ends where a
 * rule says who may pin at one.
 */
function isFirstPin(policy: Policy, { user }: Principal): boolean {
  return (
    user.startsWith('cli:') &&
    !policy.rules.some(({ may, who }) => may.includes('enrol') && namesTerminal(policy, who))
  );
}

/** Each target needs one rule that fits in everything; the first that has none is named. */
function byRules(policy: Policy, principal: Principal, action: Action, object: ActionObject): Decision {
  const grants = grantsFor(policy, action);
  const targets = object.targets === undefined || object.targets.length === 0 ? [null] : object.targets;
  for (const target of targets) {
    const lack = lackOf({ policy, principal, object, grants }, target);
    if (lack !== null)
      return { allowed: false, ...refusal(policy, lack, { principal, action, object, target }) };
  }
  return yes;
}

interface Asked {
  readonly policy: Policy;
  readonly principal: Principal;
  readonly object: ActionObject;
  readonly grants: readonly Grant[];
}

/** What is missing for one target; null where a rule allows it. The lack that is nearest to being allowed is told. */
function lackOf({ policy, principal, object, grants }: Asked, target: TargetFacts | null): Lack | null {
  if (grants.length === 0) return { kind: 'nobody' };
  const fits = grants.filter(
    (grant) =>
      fitsWhat(grant, object) &&
      fitsTarget(grant, target, object.ahead === true) &&
      fitsChannel(grant, principal.channel),
  );
  if (fits.some((grant) => isFor(policy, principal, grant) === 'yes')) return null;
  const unsure = fits.filter((grant) => isFor(policy, principal, grant) === 'unknown');
  if (unsure.length > 0) return { kind: 'groups', grants: unsure };
  const own = grants.filter((grant) => isFor(policy, principal, grant) === 'yes');
  if (own.length === 0) return { kind: 'person' };
  const what = own.filter((grant) => fitsWhat(grant, object));
  if (what.length === 0) return { kind: 'what' };
  const here = what.filter((grant) => fitsTarget(grant, target, object.ahead === true));
  return here.length === 0 ? { kind: 'target' } : { kind: 'channel' };
}
