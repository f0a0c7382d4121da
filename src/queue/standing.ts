/** How many jobs are in a queue, and since when the oldest of them could have been taken. */

export interface QueueStanding {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly isPaused: boolean;
  /** Epoch milliseconds; null where no job could be taken now. */
  readonly oldestMs: number | null;
}

/** As much of a queue as is looked at. */
export interface LookedAt {
  getJobCounts(
    ...states: ('waiting' | 'prioritized' | 'active' | 'delayed')[]
  ): Promise<Record<string, number>>;
  getJobs(
    state: 'waiting' | 'prioritized' | 'delayed',
    from: number,
    to: number,
    isOldestFirst: boolean,
  ): Promise<Waiting[]>;
  isPaused(): Promise<boolean>;
}

interface Waiting {
  readonly timestamp: number;
  readonly delay: number;
  readonly attemptsMade: number;
  readonly processedOn?: number | undefined;
  readonly opts: { readonly delay?: number | undefined };
}

/** How a queue stands at `nowMs` (epoch milliseconds); looks at the first job of each kind only. */
export async function standingOf(queue: LookedAt, nowMs: number): Promise<QueueStanding> {
  const [counts, isPaused, ...firsts] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed'),
    queue.isPaused(),
    ...(['waiting', 'prioritized', 'delayed'] as const).map((state) => queue.getJobs(state, 0, 0, true)),
  ]);
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
  const since = firsts
    .flat()
    .map(takeableMs)
    .filter((ms) => ms <= nowMs);
  return {
    waiting: waiting + prioritized,
    active,
    delayed,
    isPaused,
    oldestMs: since.length === 0 ? null : Math.min(...since),
  };
}

/** A first try could be taken after its delay; a second one after the try before and the pause that followed. */
function takeableMs({ timestamp, delay, attemptsMade, processedOn, opts }: Waiting): number {
  if (attemptsMade > 0) return (processedOn ?? timestamp) + delay;
  return timestamp + Math.max(delay, opts.delay ?? 0);
}
