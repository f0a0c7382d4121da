/** The only importer of bullmq: which queues there are, how jobs get in, and how they are taken out. */
import { withLogFields } from '../log-fields.js';
import type { RedisLink } from '../redis/link.js';
import { Queue, Worker, type Job, type Telemetry, type WorkerOptions } from 'bullmq';
import { InHand } from './in-hand.js';
import { jobVersion, wideOptions, type Enqueue, type JobData, type QueueName } from './job.js';
import { idIn } from './leaving.js';
import { standingOf, type QueueStanding } from './standing.js';
import { JobFailed, take, type JobHandler, type TakeSettings } from './take.js';
import { tracedBy } from './traced-by.js';

export type { Enqueue, JobData, QueueName } from './job.js';
export type { GivenUp, JobHandler } from './take.js';

export interface Queues extends Enqueue {
  /** Makes sure that `name` is added to the clock queue every `everyMs`, once over all processes. */
  schedule(name: string, everyMs: number): Promise<void>;
  depth(queue: QueueName): Promise<number>;
  /** Whether somebody has paused it for all processes, which a queue dashboard can do. */
  isPaused(queue: QueueName): Promise<boolean>;
  /** How it stands at that moment (epoch milliseconds). */
  standing(queue: QueueName, nowMs: number): Promise<QueueStanding>;
  close(): Promise<void>;
}

export interface RunningWorker {
  /** Whether it takes jobs: neither closed nor paused in this process. */
  isTaking(): boolean;
  /**
   * Takes no new jobs and waits for those under way. Those that are not through after `patienceMs` are given back: another
   * worker does them from their beginning. On the change queue nothing is given back; its jobs end by themselves.
   */
  close(patienceMs: number): Promise<void>;
}

export interface WorkerSettings extends TakeSettings {
  /** Two more are opened after its pattern, one of them to wait on; it must wait for Redis as long as it takes. */
  readonly connection: RedisLink;
  readonly concurrency: number;
  /** So many wide jobs take no place from the others, and are in hand beside them; none where this is left out. */
  readonly wideBeside?: number;
  readonly onError: (error: Error) => void;
  /** As the tracing gives it; undefined where that is off. */
  readonly telemetry?: unknown;
}

// The braces are a Redis Cluster hash tag: BullMQ's scripts touch many keys at once.
const prefix = '{aixops}';

/**
 * Queues over a connection that is up and fails fast: `add` on one that was never up would hang for ever, and a job
 * that is parked while Redis is away would run after its caller has said that it failed.
 */
export function createQueues(redis: RedisLink, onError: (error: Error) => void, telemetry?: unknown): Queues {
  const names: readonly QueueName[] = ['read', 'change', 'outbox', 'clock'];
  const queues = new Map(
    names.map((name) => {
      const queue = new Queue(name, {
        prefix,
        connection: redis,
        ...tracedBy(telemetry as Telemetry | undefined, name),
      });
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
        ...wideOptions(options.isWide === true),
      });
    },
    schedule: async (name, everyMs) => {
      const data: JobData = { v: jobVersion, id: name, notAfter: Number.MAX_SAFE_INTEGER };
      await of('clock').upsertJobScheduler(
        name,
        { every: everyMs },
        { name, data, opts: { removeOnComplete: true } },
      );
    },
    depth: async (queue) => {
      const counts = await of(queue).getJobCounts('waiting', 'prioritized', 'delayed', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    isPaused: (queue) => of(queue).isPaused(),
    standing: (queue, nowMs) => standingOf(of(queue), nowMs),
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/**
 * Takes jobs out of one queue. On the change queue a job is started at most once, whatever happens to its worker:
 * BullMQ's defaults would run a killed worker's job again, and `maxStalledCount` alone does not hold for jobs that a
 * scheduler made, so `maxStartedAttempts` stands beside it. What such a job left behind, the clock picks up. A killed
 * worker's reads are made again soon, for somebody waits for them.
 */
export function startWorker(settings: WorkerSettings, handle: JobHandler): RunningWorker {
  const { queue, concurrency, wideBeside = 0, connection, onGivenUp } = settings;
  const care =
    queue === 'change'
      ? { lockDuration: 30_000, stalledInterval: 10_000, maxStalledCount: 0, maxStartedAttempts: 1 }
      : { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 5 };
  const traced = tracedBy(settings.telemetry as Telemetry | undefined, queue);
  // What Redis did not take is tried again soon: by default a job that is over waits 15 s for its end to be written.
  const options: WorkerOptions = {
    ...{ prefix, concurrency, connection, runRetryDelay: 1_000 },
    ...{ ...care, ...traced },
  };
  // They are taken only where nothing else waits, and keep their places for long: what comes meanwhile finds others.
  const inHand = new InHand((wide) => {
    worker.concurrency = concurrency + Math.min(wide, wideBeside);
  });
  const worker = new Worker<JobData>(
    queue,
    (job: Job<JobData>, token, lost) =>
      withLogFields({ queue, job: job.name, jobId: job.id ?? '' }, () =>
        take({ job, token, lost, inHand }, settings, handle),
      ),
    options,
  );
  worker.on('error', settings.onError);
  worker.on('failed', (job, error) => {
    const [name, id] = [job?.name ?? '', idIn(job?.data) ?? ''];
    const isOurs = error instanceof JobFailed;
    if (!isOurs) settings.onFailed(queue, name, id, error);
    // Whoever asked is told, where the job itself could not.
    const isStalled = error.message.startsWith('job stalled');
    const isLast = isStalled || (job !== undefined && job.attemptsMade >= (job.opts.attempts ?? 1));
    if (queue === 'read' && isLast)
      onGivenUp(queue, name, id, isStalled ? 'stalled' : 'failed').catch(settings.onError);
  });
  // After its lock is lost a processor runs on and is not told: tell it.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'the lock on this job was lost');
  });
  return {
    isTaking: () => worker.isRunning() && !worker.isPaused(),
    close: (patienceMs) => closeWorker(worker, inHand, queue === 'change' ? null : patienceMs),
  };
}

async function closeWorker(worker: Worker, inHand: InHand, patienceMs: number | null): Promise<void> {
  const timer = patienceMs === null ? undefined : setTimeout(() => inHand.giveBack(), patienceMs);
  await worker.close();
  clearTimeout(timer);
}
