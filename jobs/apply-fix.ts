import { digestOf } from '../src/core/canonical.js';
import { errorInfo } from '../src/core/errors.js';
import { isForCluster, nodeOfStep, nodesOfPlan } from '../src/core/plan-places.js';
import { awaitedPerson } from '../src/approval/journal.js';
import { endStates, type Change } from '../src/approval/states.js';
import { applySteps, lookAtUnknown } from '../src/run/apply.js';
import { planDifference } from '../src/runbooks/plan-difference.js';
import { applyTools, nodeIn, type Places } from './apply-tools.js';
import { calledOff } from './carry-rollout.js';
import { checkOnce, nextLook } from './check.js';
import { auditChange, end, iso, markParent, tell, tidy } from './ending.js';
import { hold, inWords, noteGlass, unhold } from './hold.js';
import { lookAgainLater, withLease, type Held } from './lease.js';
import { makeProposal } from './propose-fix.js';
import { showChange } from './show.js';
import { showSteps } from './show-steps.js';
import { placesOf } from './subject.js';
import type { Tools } from './tools.js';
import { beginWaiting, waitOn } from './wait.js';

/**
 * Carries a change as far as it can go now: from approved over running and verifying to its end. Waiting is not done
 * here: the job ends and a delayed one goes on. Any worker may take over at any point, from Redis and the node alone.
 */
export async function applyFix(changeId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  // Before anything is taken: one that this version does not know is left as it is.
  if ((await tools.changes.get(changeId)) === null) return;
  const way = { isThrough: false };
  try {
    await withLease(changeId, tools, signal, async (held) => {
      way.isThrough = await carry(changeId, held, tools);
    });
  } finally {
    // The next worker goes on at once: it would find the lease taken before this.
    if (!way.isThrough && tools.stopping()) await handOn(changeId, tools);
  }
}

/** Everything up to where the change waits or ends; false when this worker was asked to stop in the middle. */
async function carry(changeId: string, held: Held, tools: Tools): Promise<boolean> {
  let isThrough = false;
  while (!isThrough && !held.mustStop()) {
    const change = await tools.changes.get(changeId);
    if (change === null) return true;
    isThrough = !(await advance(change, held, tools));
  }
  // A person decides when to look again. Read once more behind that: who closes it just then puts it on the list again.
  if ((await tools.changes.get(changeId))?.state === 'unknown') await tools.changes.setDue(changeId, null);
  const last = await tools.changes.get(changeId);
  if (last !== null && endStates.includes(last.state)) await tidy(last, tools);
  return isThrough;
}

/** Has another worker go on with what this one leaves in the middle. */
async function handOn(changeId: string, tools: Tools): Promise<void> {
  const change = await tools.changes.get(changeId);
  if (change !== null && movesByItself(change)) await lookAgainLater(changeId, 0, tools);
}

/** What waits for a person waits as long as that takes; all else that is under way goes on by itself. */
export function movesByItself(change: Change): boolean {
  if (change.state === 'waiting') return awaitedPerson(change) === undefined;
  return change.state === 'approved' || change.state === 'running' || change.state === 'verifying';
}

/** One stage of the change's life; true when the next stage can follow at once. */
async function advance(change: Change, held: Held, tools: Tools): Promise<boolean> {
  const places = placesOf(change.plan, tools.inventory);
  if (places.kind === 'gone') return gone(change, places.name, held, tools);
  switch (change.state) {
    case 'approved':
      return begin(change, places, held, tools);
    case 'running':
      return runOn(change, places, held, tools);
    case 'waiting':
      return waitOn(change, places, held, tools);
    case 'verifying':
      return verify(change, places, held, tools);
    case 'unknown':
      return lookAgain(change, places, held, tools);
    default:
      return false;
  }
}

async function gone(change: Change, name: string, held: Held, tools: Tools): Promise<boolean> {
  const note = `${name} is not in the inventory of this worker any more.`;
  if (change.state === 'approved') await end(change, 'outdate', note, held, tools);
  else await tell(change, note, held, tools);
  return false;
}

/** Locks, reads the facts once more, and starts only if they still give the plan that was approved. */
async function begin(found: Change, places: Places, held: Held, tools: Tools): Promise<boolean> {
  if (tools.clock() > Date.parse(found.expiresAt))
    return end(found, 'expire', neverStarted(found), held, tools);
  if (digestOf(found.plan) !== found.digest) return end(found, 'outdate', altered, held, tools);
  const closed = await tools.timeGate(found.plan);
  if (closed.kind === 'closed') return hold(found, closed, held, tools);
  const change = await unhold(found, held, tools);
  const taken = await tools.locks.take(change.plan.locks, change.id);
  if (!taken.ok) {
    await tell(change, `Waiting: change ${taken.holder} holds ${taken.key}.`, held, tools);
    await lookAgainLater(change.id, 10_000, tools);
    return false;
  }
  const difference = await driftOf(change, places, tools, held);
  if (difference !== null) return end(change, 'outdate', difference, held, tools);
  // Reading took its time: a freeze that came meanwhile holds it all the same.
  const still = await tools.timeGate(change.plan);
  if (still.kind === 'closed') {
    await tools.locks.release(change.plan.locks, change.id);
    return hold(change, still, held, tools);
  }
  if (still.glass !== null) await noteGlass(change, still.glass, tools);
  const off = await calledOff(change, tools);
  if (off !== null) return end(change, 'callOff', off, held, tools);
  const approvers = change.approvals.map(({ user }) => user).join(', ');
  const detail = { risk: change.plan.risk, approvers, ...loginsOf(change, places, tools) };
  await auditChange('change.started', change, detail, tools);
  const by = { user: 'worker', at: iso(tools), note: '', lease: held.token };
  const moved = await tools.changes.move(change.id, 'run', by, () => ({
    ...{ note: '', held: null },
    ...(still.glass === null ? {} : { letThrough: still.glass }),
  }));
  if (moved.kind !== 'moved') return false;
  await markParent(change, 'rollBack', tools);
  await showChange(moved.change, tools);
  return true;
}

const altered =
  'The plan that is kept is not the one that was approved: its digest is another one. Nothing was run. Find out who writes to Redis besides aixops.';

function neverStarted({ held }: Change): string {
  const why = held === undefined || held === null ? '' : ` ${inWords(held)}`;
  return `Approved, but not started in time.${why}`;
}

/** As whom the nodes are logged in to, and with what key as far as that was done; for a cluster which nodes as well. */
function loginsOf(
  { plan }: Change,
  { nodes }: Places,
  { ssh }: Pick<Tools, 'ssh'>,
): Readonly<Record<string, string>> {
  const all = [...nodes.values()];
  const login = [...new Set(all.map((node) => node.endpoint.user))].join(', ');
  const identity = [...new Set(all.flatMap((node) => ssh.identityOf(node) ?? []))].join(', ');
  return { login, identity, ...(isForCluster(plan) && { nodes: nodesOfPlan(plan).join(', ') }) };
}

/** Why the approved plan no longer fits, in words; null when the facts of this moment give the same bytes. */
async function driftOf(
  change: Change,
  { subject }: Places,
  tools: Tools,
  held: Held,
): Promise<string | null> {
  // An undo was made from what was captured, not from what the node looks like now.
  if (change.rollbackOf !== null) return null;
  const asked = { words: change.plan.args ?? [], fleet: await tools.fleet.all() };
  const proposal = await makeProposal(change.plan.fix, subject, asked, tools, held.signal);
  if (proposal.kind === 'nothing-to-do') return `There is nothing left to do: ${proposal.reason}`;
  if (proposal.kind === 'refused') return `${proposal.reason} (gate ${proposal.gate}; ${proposal.source})`;
  return digestOf(proposal.plan) === change.digest ? null : planDifference(change.plan, proposal.plan);
}

async function runOn(change: Change, places: Places, held: Held, tools: Tools): Promise<boolean> {
  const applied = await applySteps(change, applyTools(change, places, held, tools));
  await showSteps(applied.change, tools);
  switch (applied.kind) {
    case 'later':
      await tell(applied.change, applied.note, held, tools);
      if (held.mustStop()) return true;
      // Not at once: whoever took that job before the lease is free would do nothing.
      await lookAgainLater(change.id, Math.max(applied.afterMs, 500), tools);
      return false;
    case 'waits':
      return beginWaiting(applied.change, applied, held, tools);
    case 'unknown':
      return end(applied.change, 'lose', applied.note, held, tools);
    case 'not-started':
    case 'failed':
      return end(applied.change, 'fail', applied.note, held, tools);
    case 'finished': {
      const failed = applied.change.plan.steps.find((step) => step.id === applied.failedStep)?.title ?? '';
      if (isOver(applied.change, applied.failedStep))
        return end(applied.change, 'fail', `"${failed}" ended badly.`, held, tools);
      const by = { user: 'worker', at: iso(tools), note: failed, lease: held.token };
      const note = failed === '' ? '' : `"${failed}" ended badly; checking what is true now.`;
      const moved = await tools.changes.move(change.id, 'verify', by, () => ({ note }));
      if (moved.kind === 'moved') await showChange(moved.change, tools);
      return moved.kind === 'moved';
    }
  }
}

/**
 * Whether a failed step ends the change whatever is true now. A restart that complained may have worked all the same; but
 * where steps were left out, or RSCT should have been made new, a node that looks well proves nothing was done.
 */
function isOver({ plan }: Change, failedStep: string | null): boolean {
  const at = plan.steps.findIndex((step) => step.id === failedStep);
  const step = plan.steps[at];
  if (step === undefined) return false;
  return at < plan.steps.length - 1 || ('effect' in step && step.effect === 'irreversible');
}

async function verify(change: Change, places: Places, held: Held, tools: Tools): Promise<boolean> {
  const read = await checkOnce(change, places.subject, tools, held.signal);
  const after = await tools.changes.appendJournal(
    change.id,
    { kind: 'read', at: iso(tools), ...read },
    held.token,
  );
  const next = nextLook(after, tools.clock(), tools.verify);
  switch (next.kind) {
    case 'verified':
      return end(after, 'succeed', next.note, held, tools);
    case 'failed':
      return end(after, 'fail', next.note, held, tools);
    case 'wait':
      await tell(after, next.note, held, tools);
      await lookAgainLater(change.id, next.afterMs, tools);
      return false;
  }
}

/** A person asked to look again at an unknown outcome; nothing is started. */
async function lookAgain(change: Change, places: Places, held: Held, tools: Tools): Promise<boolean> {
  const seen = await seenOnNode(change, places, tools);
  if (seen !== 'outcome') {
    await tell(change, seen, held, tools);
    return false;
  }
  const by = { user: 'worker', at: iso(tools), note: 'An outcome was found.', lease: held.token };
  const moved = await tools.changes.move(change.id, 'find', by, () => ({ note: '', error: null }));
  return moved.kind === 'moved';
}

/** `outcome` when the run directory tells more now, else what was seen instead, in words. */
async function seenOnNode(change: Change, places: Places, tools: Tools): Promise<string> {
  const at = iso(tools);
  try {
    const node = (name: string) => nodeIn(places, name);
    const seen = await lookAtUnknown(change, { ssh: tools.ssh, nonce: tools.newId, node });
    if (seen?.look?.kind === 'finished' || seen?.look?.kind === 'running') return 'outcome';
    if (seen !== null && seen.byHand !== null) return `Looked again at ${at}. ${seen.byHand}`;
    const where = seen === null ? change.plan.target : nodeOfStep(seen.step, change.plan);
    return `Looked again at ${at}: ${where} holds no outcome of "${seen?.step.title ?? 'the step'}". Check the node by hand.`;
  } catch (error) {
    return `Looked again at ${at}: ${errorInfo(error).message}`;
  }
}
