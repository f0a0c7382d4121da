import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { tellGivenUp } from '../jobs/given-up.js';
import { helpSweeps } from '../jobs/help-sweeps.js';
import { handlerOf, knowsJob } from '../jobs/index.js';
import type { Tools } from '../jobs/tools.js';
import type { RedisLink } from './redis/link.js';
import { isBug } from './core/errors.js';
import { startWorker, type QueueName, type Queues, type RunningWorker } from './queue/queues.js';
import { sayingLeft } from './queue/leaving.js';

export interface WorkerProcess {
  /** Takes no new jobs, lets running ones hand over, and waits for them. */
  stop(): Promise<void>;
  /** The queues of which this process takes no jobs although it should. */
  idle(): readonly QueueName[];
}

const concurrency: Readonly<Record<'read' | 'change' | 'clock', number>> = { read: 10, change: 20, clock: 1 };

/**
 * So many wide jobs, such as sweeps and digests, are in hand beside the others: ten of them at once leave places. More would
 * make all of them slower, for each draws its card every second.
 */
const wideBeside = 4;

/**
 * When a worker is told to stop: reads are finished within the first time or given back, changes are handed over within the
 * second, and after the third it ends although something is still under way, as where Redis is away.
 */
const stopWithinMs = { reads: 8_000, changes: 15_000, all: 20_000 } as const;

/** How often the clock runs: what a dead worker left is taken up within this and the lease's 15 s. */
const clockEveryMs = 10_000;

/** Starts taking jobs from the worker's queues. `tools` is built by the command line from the configuration. */
export async function startWorkerProcess(
  tools: Tools,
  queues: Queues,
  options: { connection: RedisLink; log: Logger },
): Promise<WorkerProcess> {
  const { log, connection } = options;
  const names = Object.keys(concurrency) as (keyof typeof concurrency)[];
  const workers: RunningWorker[] = names.map((queue) =>
    startWorker(
      {
        connection,
        queue,
        concurrency: concurrency[queue],
        wideBeside,
        clock: tools.clock,
        observe: tools.observe,
        telemetry: tools.tracing.queues,
        knows: (name) => knowsJob(queue, name),
        again: queues,
        onLeft: sayingLeft(log, tools.clock),
        onGivenUp: (name, job, id, why) => {
          log.warn({ queue: name, job, id, why }, 'a job is not done any more');
          return tellGivenUp(id, why, tools);
        },
        onFailed: (name: QueueName, job, id, err) =>
          log[isBug(err) ? 'error' : 'warn']({ queue: name, job, id, err }, 'a job failed'),
        onError: (err) => log.warn({ queue, err }, 'a worker lost Redis'),
      },
      handlerOf(queue, tools),
    ),
  );
  const endHelping = helpSweeps(tools);
  await queues.schedule('expire', clockEveryMs);
  return {
    idle: () => names.filter((_name, index) => workers[index]?.isTaking() !== true),
    stop: async () => {
      const letGo = setTimeout(() => tools.handOver.letGo(), stopWithinMs.changes);
      const closed = Promise.all([
        endHelping(),
        ...workers.map((worker) => worker.close(stopWithinMs.reads)),
      ]);
      const isClosed = await Promise.race([closed.then(() => true), inTime(tools.handOver)]);
      clearTimeout(letGo);
      if (!isClosed) log.warn('stopped before all jobs had come to a halt; others take them up');
    },
  };
}

/** Resolves with false when it is time to end all the same: never before an HMC has answered, for nobody else would learn what it said. */
async function inTime(handOver: Tools['handOver']): Promise<false> {
  await sleep(stopWithinMs.all, undefined, { ref: false });
  await handOver.settled();
  await sleep(stopWithinMs.all - stopWithinMs.changes, undefined, { ref: false });
  return false;
}
