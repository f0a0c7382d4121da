import type { Logger } from 'pino';
import { handlerOf } from '../jobs/index.js';
import type { Tools } from '../jobs/tools.js';
import { startWorker, type QueueName, type Queues, type RunningWorker } from './queue/queues.js';

export interface WorkerProcess {
  /** Takes no new jobs, lets running ones hand over, and waits for them. */
  stop(): Promise<void>;
}

const concurrency: Readonly<Record<'read' | 'change' | 'clock', number>> = { read: 10, change: 20, clock: 1 };

/** How often the clock runs: what a dead worker left is taken up within this and the lease's 15 s. */
const clockEveryMs = 10_000;

/** Starts taking jobs from the worker's queues. `tools` is built by the command line from the configuration. */
export async function startWorkerProcess(
  tools: Tools,
  queues: Queues,
  options: { redisUrl: string; log: Logger },
): Promise<WorkerProcess> {
  const { log, redisUrl } = options;
  const names = Object.keys(concurrency) as (keyof typeof concurrency)[];
  const workers: RunningWorker[] = names.map((queue) =>
    startWorker(
      {
        url: redisUrl,
        queue,
        concurrency: concurrency[queue],
        clock: tools.clock,
        observe: tools.observe,
        onFailed: (name: QueueName, job, id, err) => log.error({ queue: name, job, id, err }, 'a job failed'),
        onError: (err) => log.warn({ queue, err }, 'a worker lost Redis'),
      },
      handlerOf(queue, tools),
    ),
  );
  await queues.schedule('expire', clockEveryMs);
  return {
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
