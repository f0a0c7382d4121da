import { LeaseLostError } from '../src/approval/store.js';
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
export async function withLease(
  changeId: string,
  tools: Tools,
  signal: AbortSignal,
  work: (held: Held) => Promise<void>,
): Promise<void> {
  const token = tools.newId();
  if (!(await tools.changes.takeLease(changeId, token, ttlMs))) return;
  let lost = false;
  const renewing = setInterval(() => {
    tools.changes.renewLease(changeId, token, ttlMs).then(
      (held) => (lost ||= !held),
      (error: unknown) =>
        tools.log.warn({ err: error, changeId }, 'the lease on a change could not be renewed'),
    );
  }, renewEveryMs);
  try {
    await tools.changes.setDue(changeId, tools.clock() + ttlMs);
    await work({ token, signal, mustStop: () => lost || signal.aborted || tools.stopping() });
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    tools.log.warn({ changeId }, 'another worker carries this change on');
  } finally {
    clearInterval(renewing);
    await tools.changes.dropLease(changeId, token);
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
