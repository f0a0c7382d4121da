/** Why somebody may not, as a stable code for the audit trail and a plain sentence for the person. */
import type { Action, ActionObject, Principal, TargetFacts } from './authorise.js';
import type { Grant } from './grants.js';
import type { Policy } from './schema.js';

/** What is missing: any rule at all, knowledge of groups, a rule for this person, or for this thing, target or channel. */
export type Lack =
  | { readonly kind: 'nobody' | 'person' | 'what' | 'target' | 'channel' }
  | { readonly kind: 'groups'; readonly grants: readonly Grant[] };

interface Asked {
  readonly principal: Principal;
  readonly action: Action;
  readonly object: ActionObject;
  readonly target: TargetFacts | null;
}

/** The code where a person is in no rule, and how the act is called behind "You may not". */
const acts: Readonly<Record<Action, readonly [string, string]>> = {
  diagnose: ['diagnose', 'run diagnostics'],
  'look-again': ['diagnose', 'run diagnostics'],
  'stop-reading': ['diagnose', 'stop diagnostics'],
  'see-changes': ['see-changes', 'see changes'],
  propose: ['propose', 'propose changes'],
  'roll-out': ['propose', 'propose changes'],
  stop: ['stop', 'stop a roll-out'],
  'roll-back': ['roll-back', 'ask for the undo of changes'],
  approve: ['approvers', 'approve changes'],
  reject: ['approvers', 'reject changes'],
  withdraw: ['withdraw-own', 'withdraw changes'],
  close: ['close', 'close changes'],
  freeze: ['freeze', 'freeze changes or end a freeze'],
  'break-glass': ['break-glass', 'break the glass'],
  enrol: ['enrol', 'pin host keys'],
  tend: ['tend', 'acknowledge, snooze or assign certificates'],
};

/** The words of a refusal. Codes: `nobody-may`, `groups-unknown`, `what`, `targets`, `channel`, or the act's own. */
export function refusal(
  policy: Policy,
  lack: Lack,
  asked: Asked,
): { readonly rule: string; readonly sentence: string } {
  const [code, act] = acts[asked.action];
  switch (lack.kind) {
    case 'nobody':
      return { rule: 'nobody-may', sentence: nobody(act, asked) };
    case 'groups':
      return { rule: 'groups-unknown', sentence: groupsUnknown(policy, act, lack.grants, asked) };
    case 'person':
      return { rule: code, sentence: `You may not ${act} here.` };
    case 'what':
      return { rule: 'what', sentence: `You may ${act}, but not ${thing(asked.object)}.` };
    case 'target':
      return { rule: 'targets', sentence: `You may ${act}, but not ${place(asked)}.` };
    case 'channel':
      return { rule: 'channel', sentence: `You may ${act}, but ${channel(asked.principal)}.` };
  }
}

function thing({ name, risk }: ActionObject): string {
  if (name === undefined) return risk === undefined ? 'everything' : `those of ${risk} risk`;
  return risk === undefined ? name : `${name} (${risk} risk)`;
}

function place({ object, target }: Asked): string {
  if (target === null) return 'on everything: name targets';
  const where =
    target.cluster !== null && target.cluster !== target.name
      ? `${target.name} (cluster ${target.cluster})`
      : target.name;
  const gone = target.kind === 'unknown' ? ', which the inventory does not have any more' : '';
  return `${object.name === undefined ? '' : `${object.name} `}on ${where}${gone}`;
}

function channel(principal: Principal): string {
  return principal.channel === null
    ? 'only in a channel of Slack that policy.yaml names'
    : 'not in this channel: policy.yaml names others';
}

/** Slack's own names of groups are not asked for: the policy's are what its reader knows. */
function groupsUnknown(policy: Policy, act: string, grants: readonly Grant[], { principal }: Asked): string {
  const words = new Set(grants.flatMap(({ who }) => who).filter((word) => isOfSlack(policy, word)));
  const names = [...words].map((word) => `@${word.slice('group:'.length)}`).join(', ');
  return principal.user.startsWith('cli:')
    ? `You may not ${act}: who is in ${names} only Slack knows, and it is not asked at a terminal. Name ${principal.user} in policy.yaml.`
    : `Slack did not say who is in ${names}, and without that you may not ${act}. Try again in a minute.`;
}

function isOfSlack(policy: Policy, word: string): boolean {
  return word.startsWith('group:') && policy.groups[word.slice('group:'.length)]?.usergroup !== undefined;
}

/** Whoever meets this is likely to be the one who sets aixops up: what to write is said. */
function nobody(act: string, { action, principal: { user } }: Asked): string {
  return `Nobody may ${act} yet: policy.yaml lets nobody. Write there, for example: ${example(action, user)}`;
}

function example(action: Action, user: string): string {
  switch (action) {
    case 'propose':
    case 'roll-out':
    case 'stop':
    case 'roll-back':
      return `allow: { propose: [${user}] }`;
    case 'approve':
    case 'reject':
    case 'close':
      return `approvers: [${user}]`;
    case 'break-glass':
      return `breakGlass: { who: [${user}] }`;
    case 'diagnose':
    case 'look-again':
    case 'stop-reading':
      return `allow: { diagnose: everyone }`;
    default:
      return `rules: [{ who: [${user}], may: [${action}] }]`;
  }
}
