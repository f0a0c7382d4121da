import { digestOf } from '../src/core/canonical.js';
import type { ErrorInfo } from '../src/core/errors.js';
import { errorInfo } from '../src/core/errors.js';
import { redact } from '../src/core/redact.js';
import type { NodeTarget } from '../src/core/target.js';
import { endStates, type Change, type JournalEntry, type Move } from '../src/approval/states.js';
import { applySteps, lookAtUnknown, type ApplyTools } from '../src/run/apply.js';
import { planDifference } from '../src/runbooks/plan-difference.js';
import { checkOnce, nextLook } from './check.js';
import { lookAgainLater, withLease, type Held } from './lease.js';
import { makeProposal } from './propose-fix.js';
import { showChange } from './show.js';
import { showSteps } from './show-steps.js';
import type { Tools } from './tools.js';

/**
 * Carries a change as far as it can go now: from approved over running and verifying to its end. Waiting is not done
 * here: the job ends and a delayed one goes on. Any worker may take over at any point, from Redis and the node alone.
 */
export async function applyFix(changeId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  await withLease(changeId, tools, signal, async (held) => {
    for (;;) {
      const change = await tools.changes.get(changeId);
      if (change === null) return;
      const again = await advance(change, held, tools);
      if (!again || held.mustStop()) break;
    }
    const last = await tools.changes.get(changeId);
    // Asked to stop in the middle: the next worker goes on at once.
    if (last !== null && held.mustStop() && goesOn(last)) await lookAgainLater(changeId, 0, tools);
  });
}

function goesOn(change: Change): boolean {
  return change.state === 'approved' || change.state === 'running' || change.state === 'verifying';
}

/** One stage of the change's life; true when the next stage can follow at once. */
async function advance(change: Change, held: Held, tools: Tools): Promise<boolean> {
  const node = tools.inventory.nodes.get(change.plan.target);
  if (node === undefined) return gone(change, held, tools);
  switch (change.state) {
    case 'approved':
      return begin(change, node, held, tools);
    case 'running':
      return runOn(change, node, held, tools);
    case 'verifying':
      return verify(change, node, held, tools);
    case 'unknown':
      return lookAgain(change, node, held, tools);
    default:
      return false;
  }
}

async function gone(change: Change, held: Held, tools: Tools): Promise<boolean> {
  const note = `${change.plan.target} is not in the inventory of this worker any more.`;
  if (change.state === 'approved') await end(change, 'outdate', note, held, tools);
  else await tell(change, note, held, tools);
  return false;
}

/** Locks, reads the facts once more, and starts only if they still give the plan that was approved. */
async function begin(change: Change, node: NodeTarget, held: Held, tools: Tools): Promise<boolean> {
  if (tools.clock() > Date.parse(change.expiresAt))
    return end(change, 'expire', 'Approved, but not started in time.', held, tools);
  const taken = await tools.locks.take(change.plan.locks, change.id);
  if (!taken.ok) {
    await tell(change, `Waiting: change ${taken.holder} holds ${taken.key}.`, held, tools);
    await lookAgainLater(change.id, 10_000, tools);
    return false;
  }
  const difference = await driftOf(change, node, tools, held);
  if (difference !== null) return end(change, 'outdate', difference, held, tools);
  await audit(
    'change.started',
    change,
    { digest: change.digest, target: node.name, login: node.endpoint.user },
    tools,
  );
  const by = { user: 'worker', at: iso(tools), note: '', lease: held.token };
  const moved = await tools.changes.move(change.id, 'run', by, () => ({ note: '' }));
  if (moved.kind !== 'moved') return false;
  await markParent(change, 'rollBack', tools);
  await showChange(moved.change, tools);
  return true;
}

/** Why the approved plan no longer fits, in words; null when the facts of this moment give the same bytes. */
async function driftOf(change: Change, node: NodeTarget, tools: Tools, held: Held): Promise<string | null> {
  // An undo was made from what was captured, not from what the node looks like now.
  if (change.rollbackOf !== null) return null;
  const proposal = await makeProposal(change.plan.fix, node, tools, held.signal);
  if (proposal.kind === 'nothing-to-do') return `There is nothing left to do: ${proposal.reason}`;
  if (proposal.kind === 'refused') return `${proposal.reason} (gate ${proposal.gate}; ${proposal.source})`;
  return digestOf(proposal.plan) === change.digest ? null : planDifference(change.plan, proposal.plan);
}

async function runOn(change: Change, node: NodeTarget, held: Held, tools: Tools): Promise<boolean> {
  const applied = await applySteps(change, node, applyTools(change, held, tools));
  await showSteps(applied.change, tools);
  switch (applied.kind) {
    case 'later':
      await tell(applied.change, applied.note, held, tools);
      await lookAgainLater(change.id, applied.afterMs, tools);
      return false;
    case 'unknown':
      return end(applied.change, 'lose', applied.note, held, tools);
    case 'not-started':
      return end(applied.change, 'fail', applied.note, held, tools);
    case 'finished': {
      const failed = applied.change.plan.steps.find((step) => step.id === applied.failedStep)?.title ?? '';
      const by = { user: 'worker', at: iso(tools), note: failed, lease: held.token };
      const note = failed === '' ? '' : `"${failed}" ended badly; checking what is true now.`;
      const moved = await tools.changes.move(change.id, 'verify', by, () => ({ note }));
      if (moved.kind === 'moved') await showChange(moved.change, tools);
      return moved.kind === 'moved';
    }
  }
}

async function verify(change: Change, node: NodeTarget, held: Held, tools: Tools): Promise<boolean> {
  const read = await checkOnce(change, node, tools, held.signal);
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
async function lookAgain(change: Change, node: NodeTarget, held: Held, tools: Tools): Promise<boolean> {
  const seen = await seenOnNode(change, node, tools);
  if (seen !== 'outcome') {
    await tell(change, seen, held, tools);
    return false;
  }
  const by = { user: 'worker', at: iso(tools), note: 'An outcome was found.', lease: held.token };
  const moved = await tools.changes.move(change.id, 'find', by, () => ({ note: '', error: null }));
  return moved.kind === 'moved';
}

/** `outcome` when the run directory tells more now, else what was seen instead, in words. */
async function seenOnNode(change: Change, node: NodeTarget, tools: Tools): Promise<string> {
  const at = iso(tools);
  try {
    const seen = await lookAtUnknown(change, node, { ssh: tools.ssh, nonce: tools.newId });
    if (seen?.look?.kind === 'finished' || seen?.look?.kind === 'running') return 'outcome';
    return `Looked again at ${at}: ${node.name} holds no outcome of "${seen?.step.title ?? 'the step'}". Check the node by hand.`;
  } catch (error) {
    return `Looked again at ${at}: ${errorInfo(error).message}`;
  }
}

function applyTools(change: Change, held: Held, tools: Tools): ApplyTools {
  return {
    ssh: tools.ssh,
    clock: tools.clock,
    nonce: tools.newId,
    mustStop: held.mustStop,
    announce: async (step) => {
      await audit('step.intended', change, { step: step.id, digest: change.digest }, tools);
      await tell(change, `Running "${step.title}" on ${change.plan.target}.`, held, tools);
    },
    journal: async (entry) => {
      const after = await tools.changes.appendJournal(change.id, kept(entry), held.token);
      if (entry.kind === 'result') {
        const code = entry.outcome.kind === 'exited' ? entry.outcome.exitCode : null;
        await audit('step.ended', change, { step: entry.step, exitCode: code }, tools);
      }
      return after;
    },
  };
}

/** Characters of one output that Redis keeps; the whole is on the node, in the run directory. */
const keptCharacters = 64 * 1024;

/** What the journal keeps of an entry: secrets of known shapes taken out, long output cut, and saying so. */
function kept(entry: JournalEntry): JournalEntry {
  const trim = (text: string): string => {
    const hidden = text.length - keptCharacters;
    return redact(
      hidden <= 0 ? text : `${text.slice(0, keptCharacters)}\n… ${hidden} more characters are on the node\n`,
    );
  };
  if (entry.kind === 'capture') return { ...entry, output: trim(entry.output) };
  if (entry.kind !== 'result' || entry.outcome.kind !== 'exited') return entry;
  const { stdout, stderr } = entry.outcome;
  return { ...entry, outcome: { ...entry.outcome, stdout: trim(stdout), stderr: trim(stderr) } };
}

/** Says on the card what is going on, without a move. */
async function tell(change: Change, note: string, held: Held, tools: Tools): Promise<void> {
  if (change.note === note) return;
  await showChange(await tools.changes.update(change.id, () => ({ note }), held.token), tools);
}

/** Makes an ending move: audit first, then the state, the locks, the card, and the change that this one undoes. */
async function end(change: Change, move: Move, note: string, held: Held, tools: Tools): Promise<false> {
  await audit('change.ended', change, { move, note }, tools);
  const by = { user: 'worker', at: iso(tools), note, lease: held.token };
  const error: ErrorInfo | null = move === 'outdate' ? { class: 'StaleError', message: note } : null;
  const moved = await tools.changes.move(change.id, move, by, () => ({ note, error }));
  if (moved.kind !== 'moved') return false;
  if (endStates.includes(moved.change.state)) {
    await tools.locks.release(change.plan.locks, change.id);
    await tools.changes.setDue(change.id, null);
    if (change.journal.some((entry) => entry.kind === 'intent'))
      await tools.changes.setUntidy(change.id, tools.clock());
  }
  if (move === 'succeed') await markParent(change, 'rolledBack', tools);
  if (move === 'fail') await markParent(change, 'rollBackFailed', tools);
  await showChange(moved.change, tools);
  return false;
}

/** The change that this one undoes follows it: rolling-back when this starts, rolled-back when this is verified. */
async function markParent(
  change: Change,
  move: 'rollBack' | 'rolledBack' | 'rollBackFailed',
  tools: Tools,
): Promise<void> {
  if (change.rollbackOf === null) return;
  const by = { user: 'worker', at: iso(tools), note: `by ${change.id}` };
  const moved = await tools.changes.move(change.rollbackOf, move, by, () => ({
    rolledBackBy: change.id,
    note: '',
  }));
  if (moved.kind === 'moved') await showChange(moved.change, tools);
}

async function audit(
  code: 'change.started' | 'change.ended' | 'step.intended' | 'step.ended',
  change: Change,
  detail: Record<string, string | number | null>,
  tools: Tools,
): Promise<void> {
  await tools.audit.append({ code, actor: 'worker', object: change.id, detail });
}

function iso(tools: Tools): string {
  return new Date(tools.clock()).toISOString();
}
