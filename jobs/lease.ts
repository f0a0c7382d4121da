import { setMaxListeners } from 'node:events';
import { LeaseLostError } from '../src/approval/store.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Tools } from './tools.js';

const ttlMs = 15_000;
const renewEveryMs = 5_000;

/** The right of this worker to carry a change on. */
export interface Held {
  readonly token: string;
  /** Fires when nothing more may be read: the job's lock was lost, or this worker has let go. */
  readonly signal: AbortSignal;
  /** True when nothing new may be started: the lease went to another worker, or this process is being stopped. */
  readonly mustStop: () => boolean;
  /** Does what no other worker could go on with: while it runs, a process that is being stopped keeps the lease. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Does `work` while holding the change's lease; does nothing when another worker holds it. If that one dies, the lease
 * runs out and the clock brings the change back. A process that is being stopped lets go of what has not come to a
 * halt in time; whoever has the lease next goes on from Redis and the node.
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
  const hold = holding(tools, signal);
  const mustStop = (): boolean => lost || hold.signal.aborted || tools.stopping();
  try {
    await leases.setDue(id, tools.clock() + ttlMs);
    await hold.until(work({ token, signal: hold.signal, mustStop, alone: hold.alone }));
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    tools.log.warn({ id }, 'another worker carries this on');
  } finally {
    hold.end();
    clearInterval(renewing);
    await leases.dropLease(id, token);
  }
}

/** Waits for work, and no longer once the process is being stopped and has waited for long enough. */
function holding({ handOver, log }: Pick<Tools, 'handOver' | 'log'>, signal: AbortSignal) {
  const own = new AbortController();
  // Many nodes may be read at once, and each read listens.
  setMaxListeners(0, own.signal);
  const alone = new Set<Promise<unknown>>();
  const onLost = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', onLost, { once: true });
  if (signal.aborted) onLost();
  const released = new Promise<void>((resolve) => {
    const release = async (): Promise<void> => {
      while (alone.size > 0) await Promise.allSettled(alone);
      // First of all: what the signal ends would otherwise look like a failure.
      resolve();
      own.abort(new Error('this worker is stopping: another one goes on'));
    };
    const isOver = handOver.signal.aborted;
    if (isOver) void release();
    else handOver.signal.addEventListener('abort', () => void release(), { once: true, signal: own.signal });
  });
  return {
    signal: own.signal,
    alone: <T>(work: () => Promise<T>): Promise<T> => {
      const working = handOver.alone(work()).finally(() => alone.delete(working));
      alone.add(working);
      return working;
    },
    until: async (working: Promise<void>): Promise<void> => {
      working.catch((error: unknown) => {
        if (own.signal.aborted) log.debug({ err: error }, 'what was handed over ended here');
      });
      await Promise.race([working, released]);
    },
    end: (): void => {
      signal.removeEventListener('abort', onLost);
      own.abort();
    },
  };
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
