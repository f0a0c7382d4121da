import { applyFix } from '../../jobs/apply-fix.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import type { Tools } from '../../jobs/tools.js';
import { awaitedPerson } from '../../src/approval/journal.js';
import type { Change } from '../../src/approval/states.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import type { Workbench } from './workbench.js';
import { as } from '../desk/as.js';

export const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
export const never = new AbortController().signal;

/** A clock that a test may put forward; milliseconds. */
export interface Clock {
  aheadMs: number;
}

/** A worker's tools with that clock. */
export function withClock(tools: Tools, clock: Clock): Tools {
  return { ...tools, clock: () => Date.now() + clock.aheadMs };
}

/** Asks for a fix as Alice does, and makes its plan; the change, or what came of the request where there is none. */
export async function propose(
  bench: Workbench,
  wish: Extract<Wish, { job: 'propose-fix' }>,
): Promise<{ change: Change | null; request: Request | null }> {
  const request = await bench.desk.submit(wish, `/rmc-fix ${wish.target} ${wish.fix}`, alice);
  await proposeFix(request.id, bench.tools, never);
  return {
    change: await bench.shared.changes.get(`c-${request.id}`),
    request: await bench.shared.requests.get(request.id),
  };
}

/** Has as many people approve as it takes. */
export async function approve(bench: Workbench, change: Change): Promise<void> {
  for (const user of ['UBOB', 'UCAROL'].slice(0, change.approvalsNeeded))
    await bench.desk.decide(change.id, 'approve', as(user));
}

/**
 * Does what delayed jobs would, putting the clock forward over waits: goes on with a change until it ended or waits for
 * a person.
 */
export async function carryOn(id: string, tools: Tools, clock: Clock): Promise<Change> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    await applyFix(id, tools, never);
    const change = await tools.changes.get(id);
    if (change === null) throw new Error(`change ${id} is gone`);
    const isWaitingForTime = change.state === 'waiting' && awaitedPerson(change) === undefined;
    if (!isWaitingForTime && !['approved', 'running', 'verifying'].includes(change.state)) return change;
    if (Date.now() > deadline) throw new Error(`still ${change.state}: ${change.note}`);
    if (isWaitingForTime) clock.aheadMs += 30_000;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** What the card of a change says now, and the actions of its buttons. */
export async function cardOf(bench: Workbench, change: Change): Promise<{ text: string; actions: string[] }> {
  const letter = await bench.shared.outbox.get(change.cardKey);
  const text = JSON.stringify(letter);
  return { text, actions: [...text.matchAll(/"action_id":"(?<action>[a-z-]+)"/g)].map((m) => m[1] ?? '') };
}
