import type { Change } from '../src/approval/states.js';
import { membersOf, type Rollout } from '../src/approval/rollout-states.js';
import { nodesOfPlan } from '../src/core/plan-places.js';
import { approversOf } from '../src/policy/approvers.js';
import { approvalsCounted, type ActionObject } from '../src/policy/authorise.js';
import { usergroupsOf } from '../src/policy/people.js';
import { targetFacts } from '../src/policy/target-facts.js';
import { reminder } from '../src/slack/views/decision-notices.js';
import type { Tools } from './tools.js';

/** More people than this are not woken by one message. */
const mostPeople = 20;

/**
 * The clock: reminds those who may approve what still waits, after the minutes that the policy names. Each reminder is
 * one entry of the outbox under a key of its own, so that it is sent once, however many workers look and whenever.
 */
export async function remind(tools: Tools): Promise<void> {
  const changes = (await tools.changes.open()).map((change) => waitingChange(change, tools));
  const rollouts = (await tools.rollouts.open()).map((rollout) => waitingRollout(rollout, tools));
  for (const waiting of [...changes, ...rollouts]) {
    if (waiting !== null) await remindOf(waiting, tools);
  }
}

/** What waits for approvals, whichever kind it is. */
interface Waiting {
  readonly about: Pick<
    Change,
    'approvalsNeeded' | 'cardKey' | 'channel' | 'createdAt' | 'expiresAt' | 'requester'
  >;
  readonly title: string;
  readonly object: ActionObject;
  readonly isStillWaiting: () => Promise<boolean>;
}

function waitingChange(change: Change, { changes, inventory }: Tools): Waiting | null {
  if (change.state !== 'proposed') return null;
  const { plan } = change;
  const object = { name: plan.fix, targets: targetFacts(inventory, [plan.target, ...nodesOfPlan(plan)]) };
  return {
    ...{ about: change, title: plan.title, object: { ...object, ...asked(change, plan.risk) } },
    isStillWaiting: async () => (await changes.get(change.id))?.version === change.version,
  };
}

function waitingRollout(rollout: Rollout, { rollouts, inventory }: Tools): Waiting | null {
  if (rollout.state !== 'proposed') return null;
  const names = membersOf(rollout).map(({ target }) => target);
  const object = { name: rollout.fix, targets: targetFacts(inventory, names) };
  return {
    ...{ about: rollout, title: rollout.title, object: { ...object, ...asked(rollout, rollout.risk) } },
    isStillWaiting: async () => (await rollouts.get(rollout.id))?.version === rollout.version,
  };
}

function asked(
  { requester, approvals }: Pick<Change, 'requester' | 'approvals'>,
  risk: Change['plan']['risk'],
): ActionObject {
  return { risk, requester, approvals: approvals.map(({ user }) => user) };
}

async function remindOf({ about, title, object, isStillWaiting }: Waiting, tools: Tools): Promise<void> {
  const { cardKey, channel, requester, createdAt, expiresAt, approvalsNeeded } = about;
  const now = tools.clock();
  if (now >= Date.parse(expiresAt)) return;
  const waited = now - Date.parse(createdAt);
  // Of several that fell due while no worker was there, one is enough.
  const due = tools.policy.approvals.remindMinutes.filter((minutes) => minutes * 60_000 <= waited).length;
  const key = `${cardKey}:remind:${due}`;
  if (due === 0 || (await tools.outbox.get(key)) !== null) return;
  const members = await tools.usergroups.of(usergroupsOf(tools.policy));
  const able = approversOf(tools.policy, { channel, object }, members);
  const people = able === 'everyone' ? [] : able.slice(0, mostPeople);
  const missing = Math.max(1, approvalsNeeded - approvalsCounted(tools.policy, object));
  if (!(await isStillWaiting())) return;
  const letter = { key, channel, thread: { key: cardKey }, priority: 'approval' as const, user: requester };
  const message = reminder({ title, people, missing, expiresAt });
  await tools.outbox.putOnce(letter, { kind: 'message', message });
}
