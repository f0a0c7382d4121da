/** How things stand in Redis, as every process can read it: what the gauges are made of. */

/** One certificate as the last daily digest read it. */
export interface CertificateStanding {
  readonly node: string;
  readonly filepath: string;
  /** Its name or place in its store. */
  readonly label: string;
  readonly subjectCn: string;
  readonly issuerCn: string;
  readonly owner: string | null;
  /** Epoch milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Ages are milliseconds, null where nothing waits or it is not known; times are epoch milliseconds. */
export interface State {
  readonly queues: readonly {
    readonly queue: string;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly isPaused: boolean;
    /** Since the one that waits for longest could have been taken. */
    readonly oldestMs: number | null;
  }[];
  readonly changes: readonly {
    readonly state: string;
    readonly count: number;
    readonly oldestMs: number | null;
    readonly firstExpiryMs: number | null;
  }[];
  /** How long ago a worker should have looked at a change; null where none is late. */
  readonly overdueMs: number | null;
  readonly locks: number;
  readonly outbox: readonly {
    readonly priority: string;
    readonly waiting: number;
    readonly oldestMs: number | null;
  }[];
  readonly outboxChannels: number;
  readonly digests: readonly {
    readonly channel: string;
    /** When the digest that is due now should have been posted; null where none is. */
    readonly dueMs: number | null;
    readonly lastPostedMs: number | null;
  }[];
  /** What is wrong with the settings of Redis, by kind. */
  readonly redisProblems: Readonly<Record<string, number>>;
  readonly audit: {
    /** Records since the last checkpoint; null where there is no checkpoint. */
    readonly behind: number;
    readonly records: number;
    readonly lastCheckpointMs: number | null;
  };
  readonly hmcSessions: readonly { readonly hmc: string; readonly open: number }[];
  readonly isFrozen: boolean;
  readonly certificates: {
    /** When they were read. */
    readonly readMs: number | null;
    readonly all: readonly CertificateStanding[];
    /** Those that are too many to be shown one by one. */
    readonly leftOut: number;
  };
}

export type ReadState = () => Promise<State>;

/** Asked so often, state is read once: three processes behind two Prometheus servers are no load for Redis. */
const freshMs = 5_000;
/** A scrape has ten seconds by Prometheus' defaults; who waits for Redis longer than this does without. */
const patienceMs = 3_000;

/**
 * Reads state at most every five seconds; null where that failed or took too long: no number is better than an old one.
 * Never rejects. `monotonic` gives milliseconds.
 */
export function cached(read: ReadState, monotonic: () => number): () => Promise<State | null> {
  let last: { readonly at: number; readonly state: Promise<State | null> } | null = null;
  return () => {
    if (last !== null && monotonic() - last.at < freshMs) return last.state;
    const state = inTime(read());
    last = { at: monotonic(), state };
    return state;
  };
}

async function inTime(reading: Promise<State>): Promise<State | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs);
  });
  const read = reading.catch(() => null);
  const state = await Promise.race([read, late]);
  clearTimeout(timer);
  return state;
}
