/** How a person's choice on a change is carried out, once it is known that this person may make it. */
import { showChange } from '../../jobs/show.js';
import { tellRejected } from '../../jobs/tell-rejected.js';
import { can, type Change, type Move } from '../approval/states.js';
import type { ChangeStore } from '../approval/store.js';
import { RefusedError } from '../core/errors.js';
import type { Outbox } from '../outbox/outbox.js';
import { approvalsCounted } from '../policy/authorise.js';
import { humanOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import type { Enqueue } from '../queue/queues.js';
import { utc } from '../slack/views/time.js';

export interface DecisionTools {
  readonly policy: Policy;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly queue: Enqueue;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
}

export type Choice = 'approve' | 'reject' | 'withdraw';

/** What became of a click. `sentence` is for the person who clicked, in plain text. */
export type Answered =
  | { readonly kind: 'done'; readonly sentence: string }
  | { readonly kind: 'refused'; readonly sentence: string };

export const unknownChange = 'This change is not known any more. Nothing was done.';

/** Makes the move that a choice stands for; of many who choose at this moment one moves, the others are told who. */
export async function carryOut(
  change: Change,
  choice: Choice,
  { user, reason }: { readonly user: string; readonly reason: string },
  tools: DecisionTools,
): Promise<Answered> {
  if (choice === 'approve') return approve(change, user, tools);
  const isWithdrawn = choice === 'withdraw';
  const note = isWithdrawn ? 'Withdrawn by who asked for it. Nothing was run.' : '';
  const by = { user, said: isWithdrawn ? note : reason };
  const answer = await move(change.id, 'reject', by, () => ({ note }), tools);
  if (answer.kind === 'refused') return answer;
  if (!isWithdrawn) await tellRejected({ ...change, title: change.plan.title }, { user, reason }, tools);
  // All is said: the clock need not have a worker say it.
  await tools.changes.setDue(change.id, null);
  return isWithdrawn ? answer : { kind: 'done', sentence: 'Rejected. Nothing was run.' };
}

/** On the list of the clock first: should this process die before the queue has the job, the clock brings it back. */
export async function startChange(changeId: string, tools: DecisionTools): Promise<void> {
  const now = tools.clock();
  await tools.changes.setDue(changeId, now);
  const data = { v: 1, id: changeId, notAfter: now + 24 * 3_600_000 } as const;
  await tools.queue.add('change', 'apply-fix', data, { jobId: `apply-${changeId}-${tools.newId()}` });
}

/** Why this choice comes too late, in words; null when it does not. */
export function tooLate(change: Change, choice: Choice, nowMs: number): string | null {
  const wanted = choice === 'approve' ? 'approve' : 'reject';
  if (!can[wanted](change.state)) return alreadyDecided(change, wanted);
  if (nowMs <= Date.parse(change.expiresAt)) return null;
  return `This change expired at ${utc(change.expiresAt)}. Nothing was run. Ask for a new plan.`;
}

const decisions: readonly Move[] = ['approve', 'reject', 'expire', 'outdate', 'supersede', 'callOff'];

/** Who was first, and when. Of a decision that was made long ago it is told that one, not what a worker did since. */
export function alreadyDecided(change: Change, wanted: Move): string {
  const decided = change.history.findLast(({ move: made }) => decisions.includes(made));
  const last =
    wanted === 'approve' || wanted === 'reject' ? (decided ?? change.history.at(-1)) : change.history.at(-1);
  const who = last === undefined || last.by === 'worker' ? '' : ` by <@${last.by}>`;
  const at = last === undefined ? '' : ` at ${utc(last.at)}`;
  const state = last === undefined ? change.state : can[last.move].to;
  const since = state === change.state ? '' : `, and it is ${change.state} now`;
  return `This change is already ${state}${who}${at}${since}; this can only be done while it is ${can[wanted].from.join(' or ')}.`;
}

async function approve(change: Change, user: string, tools: DecisionTools): Promise<Answered> {
  const at = iso(tools);
  if (isEnough(change, [...change.approvals, { user, at }], tools)) return approved(change, user, tools);
  try {
    const after = await tools.changes.update(change.id, (now) => {
      if (!can.approve(now.state)) throw new RefusedError(alreadyDecided(now, 'approve'), 'already-decided');
      if (now.approvals.some((one) => humanOf(tools.policy, one.user) === humanOf(tools.policy, user)))
        throw new RefusedError('You have approved this change already.', 'one-person-counts-once');
      return { approvals: [...now.approvals, { user, at }] };
    });
    await showChange(after, tools);
    // Two first approvals at the same moment: the later one completes the number.
    if (isEnough(after, after.approvals, tools)) return await approved(after, user, tools);
    return { kind: 'done', sentence: 'Your approval counts. Another person must approve as well.' };
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.message);
    throw error;
  }
}

function isEnough(change: Change, approvals: Change['approvals'], tools: DecisionTools): boolean {
  const users = approvals.map((one) => one.user);
  return (
    approvalsCounted(tools.policy, { requester: change.requester, approvals: users }) >=
    change.approvalsNeeded
  );
}

async function approved(change: Change, user: string, tools: DecisionTools): Promise<Answered> {
  const own = { user, at: iso(tools) };
  const withOwn = ({ approvals }: Change) => ({
    approvals: approvals.some((one) => one.user === user) ? approvals : [...approvals, own],
    note: '',
  });
  const answer = await move(change.id, 'approve', { user, said: '' }, withOwn, tools);
  if (answer.kind === 'done') await startChange(change.id, tools);
  return answer;
}

async function move(
  id: string,
  name: Move,
  { user, said }: { readonly user: string; readonly said: string },
  patch: (change: Change) => Partial<Change>,
  tools: DecisionTools,
): Promise<Answered> {
  const moved = await tools.changes.move(id, name, { user, at: iso(tools), note: said }, patch);
  if (moved.kind === 'missing') return refused(unknownChange);
  if (moved.kind === 'not-allowed') return refused(alreadyDecided(moved.change, name));
  await showChange(moved.change, tools);
  return { kind: 'done', sentence: name === 'approve' ? 'Approved. It starts now.' : said };
}

function iso(tools: DecisionTools): string {
  return new Date(tools.clock()).toISOString();
}

/** An answer that says why nothing was done. */
export function refused(sentence: string): Answered {
  return { kind: 'refused', sentence };
}
