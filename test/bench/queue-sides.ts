/** The two ways of a job that the benchmark of the queue puts side by side. */
import { Queue, Worker, type JobsOptions } from 'bullmq';
import { Redis } from 'ioredis';
import pino from 'pino';
import { openMetrics } from '../../src/compose-metrics.js';
import { share } from '../../src/compose.js';
import { loadConfig } from '../../src/config.js';
import { jobVersion } from '../../src/queue/job.js';
import { startWorker } from '../../src/queue/queues.js';
import { smallEstate } from '../commands/small-estate.js';
import { openPolicy } from '../policy/open-policy.js';

export interface Side {
  readonly name: string;
  /** Opens it on a Redis that is emptied first. */
  open(url: string): Promise<OpenSide>;
}

export interface OpenSide {
  readonly add: (id: string) => Promise<void>;
  /** Takes jobs; `handle` is told the id that each was added with. */
  work(concurrency: number, handle: (id: string) => void): { close(): Promise<void> };
  /** Jobs that wait or are under way. */
  left(): Promise<number>;
  close(): Promise<void>;
}

// What ours asks of each job, for telling how much of the difference that is.
const ourOptions: JobsOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { age: 3_600, count: 5_000 },
  removeOnFail: { age: 7 * 24 * 3_600, count: 5_000 },
};

/** BullMQ as its manual has it: a queue, a worker, an object. */
export function bareSide(name: string, hasOurOptions = false): Side {
  return {
    name,
    open: async (url) => {
      const connection = await empty(url);
      const forWorker = connection.duplicate();
      const queue = new Queue('bare', { connection });
      await queue.waitUntilReady();
      return {
        add: async (id) => {
          await queue.add('job', { v: jobVersion, id, notAfter: never }, hasOurOptions ? ourOptions : {});
        },
        work: (concurrency, handle) => {
          const worker = new Worker<{ id: string }>(
            'bare',
            (job) => {
              handle(job.data.id);
              return Promise.resolve();
            },
            { connection: forWorker, concurrency },
          );
          return { close: () => worker.close() };
        },
        left: () => queue.count().then(async (waiting) => waiting + (await queue.getActiveCount())),
        close: async () => {
          await queue.close();
          connection.disconnect();
          forWorker.disconnect();
        },
      };
    },
  };
}

const never = Number.MAX_SAFE_INTEGER;

/** What bot and worker have between them: the queue of reads, taken from as a worker does, its metrics told. */
export function ourSide(name: string, folder: string): Side {
  return {
    name,
    open: async (url) => {
      (await empty(url)).disconnect();
      const loaded = loadConfig({ folder, env: { REDIS_URL: url }, needsSlack: false });
      if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
      const { inventory } = smallEstate();
      const settings = { config: loaded.config, inventory, policy: openPolicy };
      const { observe } = openMetrics('worker', settings);
      const shared = await share(settings, pino({ level: 'silent' }), 'worker', observe);
      const { queues, clock } = shared;
      return {
        add: (id) => queues.add('read', 'diagnose', { v: jobVersion, id, notAfter: never }),
        work: (concurrency, handle) =>
          ended(
            startWorker(
              {
                ...{ queue: 'read', concurrency, connection: shared.workerLink(), clock, observe },
                again: queues,
                knows: (job) => job === 'diagnose',
                onLeft: () => undefined,
                onGivenUp: () => Promise.resolve(),
                onFailed: (_queue, _job, _id, error) => fail(error),
                onError: fail,
              },
              (_job, { id }) => {
                handle(id);
                return Promise.resolve();
              },
            ),
          ),
        left: () => queues.depth('read'),
        close: () => shared.close(),
      };
    },
  };
}

function ended(worker: { close(patienceMs: number): Promise<void> }): { close(): Promise<void> } {
  return { close: () => worker.close(10_000) };
}

function fail(error: Error): never {
  throw error;
}

async function empty(url: string): Promise<Redis> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  await redis.flushall();
  return redis;
}
