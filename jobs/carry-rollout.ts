import { digestOf } from '../src/core/canonical.js';
import type { Plan } from '../src/core/plan.js';
import {
  endsRollout,
  membersOf,
  rolloutEnds,
  standOf,
  type Rollout,
  type RolloutMember,
  type RolloutMove,
} from '../src/approval/rollout-states.js';
import type { Change, HistoryEntry } from '../src/approval/states.js';
import type { AuditCode } from '../src/audit/codes.js';
import { auditChange, iso } from './ending.js';
import { lookAgainLater, lookAtRollout, withLeaseOn, type Held } from './lease.js';
import { changesOf, showRollout } from './show-rollout.js';
import { showChange } from './show.js';
import { tellRejected } from './tell-rejected.js';
import type { Tools } from './tools.js';

/** A look is never further away than this, however seldom changes are looked at: what waits for it is a wave. */
const mostPollMs = 10_000;

/**
 * Carries a roll-out as far as it can go now: makes the changes of a wave, and the next wave's only when all are verified.
 * Any worker may take over at any point, from Redis alone: a wave is counted as begun before its first change is made, and
 * the id of each change follows from the roll-out, so that none is made twice.
 */
export async function carryRollout(id: string, tools: Tools, signal: AbortSignal): Promise<void> {
  // Before anything is taken: one that this version does not know is left as it is.
  if ((await tools.rollouts.get(id)) === null) return tools.rollouts.setDue(id, null);
  const way = { isThrough: false };
  try {
    await withLeaseOn(tools.rollouts, id, { tools, signal }, async (held) => {
      way.isThrough = await carry(id, held, tools);
    });
  } finally {
    // The next worker goes on at once: it would find the lease taken before this.
    if (!way.isThrough && tools.stopping()) await lookAtRollout(id, 0, tools);
  }
}

/** Everything up to where the roll-out waits or ends; false when this worker was asked to stop in the middle. */
async function carry(id: string, held: Held, tools: Tools): Promise<boolean> {
  let isThrough = false;
  while (!isThrough && !held.mustStop()) {
    const rollout = await tools.rollouts.get(id);
    if (rollout === null) return true;
    isThrough = !(await advance(rollout, held, tools));
  }
  const last = await tools.rollouts.get(id);
  if (last === null) return true;
  await showRollout(last, tools);
  const rejected = last.history.at(-1);
  // The bot of whoever pressed the button did not come to it.
  if (last.state === 'rejected' && rejected !== undefined)
    await tellRejected(last, { user: rejected.by, reason: last.note }, tools);
  if (rolloutEnds.includes(last.state) || last.state === 'proposed') {
    await tools.rollouts.setDue(id, null);
    return true;
  }
  if (isThrough) await lookAtRollout(id, Math.min(tools.verify.pollMs, mostPollMs), tools);
  return isThrough;
}

/** One stage; true when the next can follow at once. */
async function advance(rollout: Rollout, held: Held, tools: Tools): Promise<boolean> {
  switch (rollout.state) {
    case 'approved':
      return begin(rollout, held, tools);
    case 'running':
      return carryOn(rollout, held, tools);
    case 'stopping':
      return windDown(rollout, held, tools);
    default:
      return false;
  }
}

async function begin(rollout: Rollout, held: Held, tools: Tools): Promise<boolean> {
  if (tools.clock() > Date.parse(rollout.expiresAt)) {
    const note = 'Approved, but not started in time.';
    return move(
      rollout,
      { move: 'expire', code: 'rollout.ended', detail: { note }, patch: { note } },
      held,
      tools,
    );
  }
  const { digest, requester } = rollout;
  const approvers = rollout.approvals.map(({ user }) => user).join(' ');
  const detail = { digest, requester, approvers, targets: membersOf(rollout).length };
  return move(rollout, { move: 'start', code: 'rollout.started', detail, patch: { note: '' } }, held, tools);
}

/** Ends it at the first target that is not verified, completes the wave that was begun, or begins the next. */
async function carryOn(rollout: Rollout, held: Held, tools: Tools): Promise<boolean> {
  const changes = await changesOf(rollout, tools.changes);
  const begun = rollout.waves.slice(0, rollout.begun).flat();
  const first = begun.find(({ target }) => endsRollout(standOf(changes.get(target) ?? null)));
  if (first !== undefined) return stopAt(rollout, first, changes.get(first.target), held, tools);
  const missing = begun.filter(({ target }) => !changes.has(target));
  if (missing.length > 0) {
    for (const member of missing) {
      if (held.mustStop()) return false;
      const plan = await tools.rollouts.plan(rollout.id, member.target);
      if (plan === null || digestOf(plan) !== member.digest)
        return stopAt(rollout, member, undefined, held, tools);
      await startOne(rollout, member, plan, tools);
    }
    return true;
  }
  const waiting = begun
    .map(({ target }) => changes.get(target))
    .find((one) => standOf(one ?? null) === 'waits');
  await tell(rollout, waiting, held, tools);
  if (!begun.every(({ target }) => standOf(changes.get(target) ?? null) === 'verified')) return false;
  if (rollout.begun === rollout.waves.length) {
    const detail = { move: 'finish', verified: begun.length };
    return move(rollout, { move: 'finish', code: 'rollout.ended', detail, patch: { note: '' } }, held, tools);
  }
  return beginWave(rollout, held, tools);
}

/** Counts the wave as begun, before anything of it exists: whoever dies behind this is followed by one who completes it. */
async function beginWave(rollout: Rollout, held: Held, tools: Tools): Promise<boolean> {
  const wave = rollout.waves[rollout.begun] ?? [];
  const targets = wave.map(({ target }) => target).join(' ');
  const detail = { wave: rollout.begun + 1, of: rollout.waves.length, targets, digest: rollout.digest };
  await tools.audit.append({ code: 'rollout.wave', actor: 'worker', object: rollout.id, detail });
  // Whoever pressed Stop just then is not overtaken.
  const patch = (now: Rollout): Partial<Rollout> =>
    now.state === 'running' && now.begun === rollout.begun ? { begun: now.begun + 1, note: '' } : {};
  await tools.rollouts.update(rollout.id, patch, held.token);
  return true;
}

/** Makes one target's change, approved with all the others, and has it carried out like any change. */
async function startOne(rollout: Rollout, member: RolloutMember, plan: Plan, tools: Tools): Promise<void> {
  const { id, cardKey, requester, approvals, channel, teamId, digest } = rollout;
  const now = iso(tools);
  const expiresAt = new Date(tools.clock() + tools.approvalExpiryMs).toISOString();
  const approved: readonly HistoryEntry[] = approvals.slice(-1).map(({ user, at }) => ({
    at,
    move: 'approve',
    by: user,
    note: `with roll-out ${id} (${digest.slice(0, 12)})`,
  }));
  const change: Change = {
    ...{ id: member.change, version: 1, state: 'approved', plan, digest: member.digest },
    ...{ rollbackOf: null, rolledBackBy: null, rollout: { id, cardKey } },
    ...{ requester, approvals, approvalsNeeded: rollout.approvalsNeeded },
    ...{ createdAt: now, expiresAt, channel, teamId, threadTs: null },
    cardKey: `${cardKey}:change:${member.change}`,
    history: [{ at: rollout.createdAt, move: 'propose', by: requester, note: '' }, ...approved],
    ...{ journal: [], note: '', error: null },
    ...(rollout.grounds !== undefined && { grounds: rollout.grounds }),
    ...(rollout.trace !== undefined && { trace: rollout.trace }),
  };
  const detail = { fix: plan.fix, target: plan.target, digest: member.digest, risk: plan.risk, rollout: id };
  await tools.audit.append({ code: 'change.proposed', actor: requester, object: change.id, detail });
  // False where a worker that died behind this line had made it already.
  if (await tools.changes.create(change)) await showChange(change, tools);
  await lookAgainLater(change.id, 0, tools);
}

async function stopAt(
  rollout: Rollout,
  { target }: RolloutMember,
  change: Change | undefined,
  held: Held,
  tools: Tools,
): Promise<boolean> {
  const note = change?.note ?? '';
  // Without a change: the plan that Redis holds is not the one that was approved.
  const state = change?.state ?? 'altered';
  const stop = { by: 'worker', at: iso(tools), target, note: state };
  const detail = { target, change: change?.id ?? '', state, note: note.slice(0, 300) };
  return move(
    rollout,
    { move: 'stop', code: 'rollout.stopping', detail, patch: { stop, note: '' } },
    held,
    tools,
  );
}

/** Calls off what was not begun, and ends when nothing moves by itself any more. */
async function windDown(rollout: Rollout, held: Held, tools: Tools): Promise<boolean> {
  const changes = [...(await changesOf(rollout, tools.changes)).values()];
  for (const change of changes) if (change.state === 'approved') await callOff(change, tools);
  const after = [...(await changesOf(rollout, tools.changes)).values()].map(standOf);
  if (after.some((stand) => stand === 'runs' || stand === 'waits')) return false;
  const verified = after.filter((stand) => stand === 'verified').length;
  const detail = { move: 'end', verified, of: membersOf(rollout).length };
  return move(rollout, { move: 'end', code: 'rollout.ended', detail, patch: { note: '' } }, held, tools);
}

/** Why a change of a roll-out must not begin any more; null where it may, and for a change of its own. */
export async function calledOff(change: Change, tools: Pick<Tools, 'rollouts'>): Promise<string | null> {
  if (change.rollout === undefined) return null;
  const rollout = await tools.rollouts.get(change.rollout.id);
  return rollout?.state === 'running' ? null : notBegun;
}

const notBegun = 'Its roll-out was stopped before this began. Nothing was run.';

/** Of a worker that is just beginning it and this, one wins; what has begun runs to its end. */
async function callOff(change: Change, tools: Tools): Promise<void> {
  await auditChange('change.ended', change, { move: 'callOff', note: notBegun }, tools);
  const by = { user: 'worker', at: iso(tools), note: notBegun };
  const moved = await tools.changes.move(change.id, 'callOff', by, () => ({ note: notBegun }));
  if (moved.kind !== 'moved') return;
  await showChange(moved.change, tools);
  // It may hold locks: a worker puts that in order.
  await lookAgainLater(change.id, 0, tools);
}

interface Act {
  readonly move: RolloutMove;
  readonly code: AuditCode;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly patch: Partial<Rollout>;
}

/** Audit first, then the state. True when it was moved, and the next stage can follow. */
async function move(rollout: Rollout, act: Act, held: Held, tools: Tools): Promise<boolean> {
  await tools.audit.append({ code: act.code, actor: 'worker', object: rollout.id, detail: act.detail });
  const by = { user: 'worker', at: iso(tools), lease: held.token };
  const moved = await tools.rollouts.move(rollout.id, act.move, by, () => act.patch);
  if (moved.kind === 'moved') await showRollout(moved.rollout, tools);
  // Not moved: somebody else was quicker, and what they did is looked at.
  return true;
}

/** Says what the wave waits for, such as a window or another change's lock. */
async function tell(rollout: Rollout, waiting: Change | undefined, held: Held, tools: Tools): Promise<void> {
  const note = waiting === undefined || waiting.note === '' ? '' : `${waiting.plan.target}: ${waiting.note}`;
  if (rollout.note === note) return;
  await tools.rollouts.update(rollout.id, (now) => (now.state === 'running' ? { note } : {}), held.token);
}
