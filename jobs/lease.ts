import { LeaseLostError } from '../src/approval/store.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Tools } from './tools.js';

const ttlMs = 15_000;
const renewEveryMs = 5_000;

/** The right of this worker to carry a change on. */
export interface Held {
  readonly token: string;
  readonly signal: AbortSignal;
  /** True when nothing new may be started: the lease went to another worker, or this process is being stopped. */
  readonly mustStop: () => boolean;
}

/**
 * Does `work` while holding the change's lease; does nothing when another worker holds it. If that one dies, the lease
 * runs out and the clock brings the change back.
 */
export function withLease(
  changeId: string,
  tools: Tools,
  signal: AbortSignal,
  work: (held: Held) => Promise<void>,
): Promise<void> {
  return withLeaseOn(tools.changes, changeId, { tools, signal }, work);
}

/** Where leases are kept, and the list by which the clock finds what a dead worker left. */
type Leases = Pick<ChangeStore, 'takeLease' | 'renewLease' | 'dropLease' | 'setDue'>;

/** The same for anything that has leases, such as a roll-out. */
export async function withLeaseOn(
  leases: Leases,
  id: string,
  { tools, signal }: { readonly tools: Tools; readonly signal: AbortSignal },
  work: (held: Held) => Promise<void>,
): Promise<void> {
  const token = tools.newId();
  if (!(await leases.takeLease(id, token, ttlMs))) return;
  let lost = false;
  const renewing = setInterval(() => {
    leases.renewLease(id, token, ttlMs).then(
      (held) => (lost ||= !held),
      (error: unknown) => tools.log.warn({ err: error, id }, 'the lease on a change could not be renewed'),
    );
  }, renewEveryMs);
  try {
    await leases.setDue(id, tools.clock() + ttlMs);
    await work({ token, signal, mustStop: () => lost || signal.aborted || tools.stopping() });
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    tools.log.warn({ id }, 'another worker carries this on');
  } finally {
    clearInterval(renewing);
    await leases.dropLease(id, token);
  }
}

/** Has the change looked at again after a while: by a delayed job, and by the clock should that job get lost. */
export async function lookAgainLater(changeId: string, afterMs: number, tools: Tools): Promise<void> {
  const due = tools.clock() + afterMs;
  await tools.changes.setDue(changeId, due);
  const data = { v: 1, id: changeId, notAfter: due + 24 * 3_600_000 } as const;
  await tools.queue.add('change', 'apply-fix', data, {
    delayMs: afterMs,
    jobId: `apply-${changeId}-${tools.newId()}`,
  });
}

/** Has a roll-out looked at after a while. Looks that fall together are one, so that they never grow in number. */
export async function lookAtRollout(
  id: string,
  afterMs: number,
  tools: Pick<Tools, 'rollouts' | 'queue' | 'clock' | 'newId'>,
): Promise<void> {
  const due = tools.clock() + afterMs;
  await tools.rollouts.setDue(id, due);
  const data = { v: 1, id, notAfter: due + 24 * 3_600_000 } as const;
  const jobId = afterMs === 0 ? tools.newId() : String(Math.ceil(due / afterMs) * afterMs);
  await tools.queue.add('change', 'carry-rollout', data, { delayMs: afterMs, jobId: `carry-${id}-${jobId}` });
}
