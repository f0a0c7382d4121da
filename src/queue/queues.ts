/** The only importer of bullmq: which queues there are, how jobs get in, and how they are taken out. */
import { setMaxListeners } from 'node:events';
import type { RedisLink } from '../redis/link.js';
import { Queue, Worker, type Job, type WorkerOptions } from 'bullmq';
import { unobserved, type Observe, type Observed } from '../core/observe.js';

/** `read` may run twice; `change` may not; `outbox` is the bot's; `clock` wakes what waits. */
export type QueueName = 'read' | 'change' | 'outbox' | 'clock';

/** What is in a job: ids only, never outputs. `notAfter` (epoch milliseconds) makes a ghost job end without effect. */
export interface JobData {
  readonly v: 1;
  readonly id: string;
  readonly notAfter: number;
}

export interface Enqueue {
  /** A job of that name; resolves when Redis has it. `delayMs` holds it back; the same `jobId` is taken once. */
  add(
    queue: QueueName,
    name: string,
    data: JobData,
    options?: { delayMs?: number; jobId?: string },
  ): Promise<void>;
}

export interface Queues extends Enqueue {
  /** Makes sure that `name` is added to the clock queue every `everyMs`, once over all processes. */
  schedule(name: string, everyMs: number): Promise<void>;
  depth(queue: QueueName): Promise<number>;
  close(): Promise<void>;
}

/** What runs a job. Throwing fails it. `signal` fires when the job's lock was lost: stop before the next effect. */
export type JobHandler = (name: string, data: JobData, signal: AbortSignal) => Promise<void>;

export interface RunningWorker {
  /** Takes no new jobs and waits for those under way. */
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly url: string;
  readonly queue: QueueName;
  readonly concurrency: number;
  readonly clock: () => number;
  readonly onFailed: (queue: QueueName, name: string, id: string, error: Error) => void;
  readonly onError: (error: Error) => void;
  readonly observe?: Observe;
}

// The braces are a Redis Cluster hash tag: BullMQ's scripts touch many keys at once.
const prefix = '{aixops}';

/**
 * Queues over a connection that is up and fails fast: `add` on one that was never up would hang for ever, and a job
 * that is parked while Redis is away would run after its caller has said that it failed.
 */
export function createQueues(redis: RedisLink, onError: (error: Error) => void): Queues {
  const names: readonly QueueName[] = ['read', 'change', 'outbox', 'clock'];
  const queues = new Map(
    names.map((name) => {
      const queue = new Queue(name, { prefix, connection: redis });
      queue.on('error', onError);
      return [name, queue];
    }),
  );
  const of = (name: QueueName): Queue => {
    const queue = queues.get(name);
    if (queue === undefined) throw new TypeError(`no such queue: ${name}`);
    return queue;
  };
  return {
    add: async (queue, name, data, options = {}) => {
      await of(queue).add(name, data, {
        attempts: queue === 'change' ? 1 : 3,
        backoff: { type: 'exponential', delay: 1_000 },
        removeOnComplete: { age: 3_600, count: 5_000 },
        removeOnFail: { age: 7 * 24 * 3_600, count: 5_000 },
        ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
        ...(options.jobId === undefined ? {} : { jobId: options.jobId }),
      });
    },
    schedule: async (name, everyMs) => {
      const data: JobData = { v: 1, id: name, notAfter: Number.MAX_SAFE_INTEGER };
      await of('clock').upsertJobScheduler(
        name,
        { every: everyMs },
        { name, data, opts: { removeOnComplete: true } },
      );
    },
    depth: async (queue) => {
      const counts = await of(queue).getJobCounts('waiting', 'delayed', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/**
 * Takes jobs out of one queue. On the change queue a job is started at most once, whatever happens to its worker:
 * BullMQ's defaults would run a killed worker's job again, and `maxStalledCount` alone does not hold for jobs that a
 * scheduler made, so `maxStartedAttempts` stands beside it. What such a job left behind, the clock picks up.
 */
export function startWorker(settings: WorkerSettings, handle: JobHandler): RunningWorker {
  const { queue, concurrency, clock } = settings;
  const once = queue === 'change' ? { maxStalledCount: 0, maxStartedAttempts: 1 } : {};
  const options: WorkerOptions = {
    prefix,
    concurrency,
    connection: { ...parse(settings.url), maxRetriesPerRequest: null },
    lockDuration: 30_000,
    stalledInterval: 10_000,
    ...once,
  };
  const worker = new Worker<JobData>(
    queue,
    async (job: Job<JobData>, _token, signal) => {
      const ended = watch(job, queue, settings);
      if (clock() > job.data.notAfter) return ended('too-late');
      const stop = signal ?? new AbortController().signal;
      // One job may read from many nodes at once, and each read listens.
      setMaxListeners(0, stop);
      await handle(job.name, job.data, stop).catch((error: unknown) => {
        ended('failed');
        const thrown = error instanceof Error ? error : new Error(String(error));
        settings.onFailed(queue, job.name, job.data.id, thrown);
        throw new JobFailed(job.name);
      });
      ended('done');
    },
    options,
  );
  worker.on('error', settings.onError);
  worker.on('failed', (job, error) => {
    if (error instanceof JobFailed) return;
    settings.onFailed(queue, job?.name ?? '', job?.data.id ?? '', error);
  });
  // After its lock is lost a processor runs on and is not told: tell it.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'the lock on this job was lost');
  });
  return { close: () => worker.close() };
}

type JobOutcome = Extract<Observed, { kind: 'job-ended' }>['outcome'];

/** Begins to time a job; what is returned is to be called when it has ended. */
function watch(
  { name, processedOn, timestamp, opts, attemptsMade }: Job<JobData>,
  queue: QueueName,
  { clock, observe = unobserved }: WorkerSettings,
): (outcome: JobOutcome) => void {
  const startedAt = clock();
  const waitedMs =
    attemptsMade > 0 ? null : Math.max(0, (processedOn ?? startedAt) - timestamp - (opts.delay ?? 0));
  return (outcome) => {
    observe({ kind: 'job-ended', queue, job: name, outcome, ms: clock() - startedAt, waitedMs });
  };
}

/** What Redis keeps of a failed job: BullMQ writes down message and stack, and an error may quote what a node printed. */
class JobFailed extends Error {
  constructor(name: string) {
    super(`${name} failed; the log says why`);
    this.name = 'JobFailed';
    this.stack = '';
  }
}

function parse(url: string): {
  host?: string;
  port?: number;
  path?: string;
  username?: string;
  password?: string;
  db?: number;
  tls?: object;
} {
  if (url.startsWith('/')) return { path: url };
  const at = new URL(url);
  if (at.protocol === 'unix:') return { path: at.pathname };
  const db = Number(at.pathname.slice(1));
  return {
    // WHATWG URLs keep the brackets of an IPv6 address; sockets do not take them.
    host: at.hostname.replace(/^\[|\]$/g, ''),
    port: at.port === '' ? 6379 : Number(at.port),
    ...(at.username === '' ? {} : { username: decodeURIComponent(at.username) }),
    ...(at.password === '' ? {} : { password: decodeURIComponent(at.password) }),
    ...(Number.isInteger(db) && at.pathname.length > 1 ? { db } : {}),
    ...(at.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
