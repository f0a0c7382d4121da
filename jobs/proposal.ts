/** Puts a proposal forward: in the place of an earlier one for the same, with the approvals that the same plan has. */
import type { Change, Follows } from '../src/approval/states.js';
import { approvalsCounted } from '../src/policy/authorise.js';
import { humanOf } from '../src/policy/people.js';
import { planDifference } from '../src/runbooks/plan-difference.js';
import { lookAgainLater } from './lease.js';
import { showChange } from './show.js';
import type { Tools } from './tools.js';

/**
 * Writes the proposal down as the only one for its fix and target. An earlier one that still waits is taken back; where
 * its plan has the same digest, the approvals given to it hold for as long as they would have. null when this change is
 * there already: the job runs a second time.
 */
export async function putForward(change: Change, tools: Tools): Promise<Change | null> {
  for (;;) {
    const before = await tools.changes.proposedLast(change);
    if (before === change.id) return null;
    const earlier = before === null ? null : await takenBack(before, change, tools);
    const proposal = earlier === null ? change : following(change, earlier, tools);
    const written = await tools.changes.propose(proposal, before);
    if (written === 'created') return proposal;
    if (written === 'exists') return null;
  }
}

/** Starts a proposal whose kept approvals are enough already; nothing in any other case, and harmless twice. */
export async function startIfApproved(change: Change, tools: Tools): Promise<void> {
  if (change.state !== 'proposed' || !isApproved(change, tools)) return;
  const { digest, plan, follows } = change;
  const about = { digest, target: plan.target, fix: plan.fix, givenTo: follows?.change ?? null };
  const detail = { decision: 'approvals-kept', ...about };
  await tools.audit.append({ code: 'change.decided', actor: 'worker', object: change.id, detail });
  const by = { user: 'worker', at: new Date(tools.clock()).toISOString(), note: '' };
  const moved = await tools.changes.move(change.id, 'approve', by);
  if (moved.kind !== 'moved') return;
  await showChange(moved.change, tools);
  await lookAgainLater(change.id, 0, tools);
}

/** Whether so many different people have approved a change as it needs. */
export function isApproved({ requester, approvals, approvalsNeeded }: Change, { policy }: Tools): boolean {
  const users = approvals.map(({ user }) => user);
  return approvalsCounted(policy, { requester, approvals: users }) >= approvalsNeeded;
}

/** The earlier proposal as it ended: taken back now where it still waited. null where nothing of it holds any more. */
async function takenBack(id: string, change: Change, tools: Tools): Promise<Change | null> {
  const known = await tools.changes.get(id);
  if (known?.state !== 'proposed') return known;
  const note = `Change ${change.id} took its place: the same fix was asked for again.`;
  const about = { digest: known.digest, target: known.plan.target };
  const detail = { move: 'supersede', by: change.id, ...about };
  await tools.audit.append({ code: 'change.ended', actor: change.requester, object: id, detail });
  const by = { user: change.requester, at: new Date(tools.clock()).toISOString(), note };
  const moved = await tools.changes.move(id, 'supersede', by, () => ({ note }));
  if (moved.kind === 'missing') return null;
  await showChange(moved.change, tools);
  if (moved.kind === 'moved') await tools.changes.setDue(id, null);
  return moved.change;
}

/** The proposal as it follows an earlier one, which counts only while its approvals would. */
function following(change: Change, earlier: Change, tools: Tools): Change {
  if (earlier.state !== 'stale' || tools.clock() > Date.parse(earlier.expiresAt)) return change;
  const { policy } = tools;
  const requester = humanOf(policy, change.requester);
  const isSame = earlier.digest === change.digest;
  const kept = isSame ? earlier.approvals.filter(({ user }) => humanOf(policy, user) !== requester) : [];
  const follows: Follows = {
    change: earlier.id,
    difference: isSame ? null : planDifference(earlier.plan, change.plan),
    approvalsKept: kept.length,
    approvalsLost: earlier.approvals.length - kept.length,
  };
  // An approval holds no longer than the person who gave it was told.
  const expiresAt =
    kept.length > 0 && earlier.expiresAt < change.expiresAt ? earlier.expiresAt : change.expiresAt;
  return { ...change, approvals: kept, follows, expiresAt };
}
