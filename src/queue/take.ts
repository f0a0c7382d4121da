/** One job from its taking to its end: done, failed, given back, or left for a worker that knows it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreAway } from '../core/errors.js';
import { NewerError } from '../core/stored.js';
import { unobserved, type Observe, type Observed } from '../core/observe.js';
import type { InHand } from './in-hand.js';
import { isWideIn, jobVersion, type Enqueue, type JobData, type QueueName } from './job.js';
import { dataVersion, handedOn, idIn, isLeftTooLong, leaveForMs, type LeftJob } from './leaving.js';

/**
 * What runs a job. Throwing fails it; NewerError leaves it for another worker. `signal` fires when the job's lock was lost
 * or the job is given back: stop before the next effect.
 */
export type JobHandler = (name: string, data: JobData, signal: AbortSignal) => Promise<void>;

/**
 * `late`: nobody took it in its time. `unknown`: no worker that knows it did. `stalled`: its workers died over it. `failed`:
 * the last try went wrong as well.
 */
export type GivenUp = 'late' | 'unknown' | 'stalled' | 'failed';

export interface TakeSettings {
  readonly queue: QueueName;
  readonly clock: () => number;
  /** Whether this version knows jobs of that name. */
  readonly knows: (name: string) => boolean;
  /** Where a job that this version does not know is handed on. */
  readonly again: Enqueue;
  /** A job is left for a newer worker. */
  readonly onLeft: (queue: QueueName, name: string, id: string) => void;
  /** A job will not be done at all; rejecting fails it. */
  readonly onGivenUp: (queue: QueueName, name: string, id: string, why: GivenUp) => Promise<void>;
  readonly onFailed: (queue: QueueName, name: string, id: string, error: Error) => void;
  readonly observe?: Observe;
}

/** As much of BullMQ's job as is used here. */
export interface TakenJob extends LeftJob {
  readonly data: JobData;
  readonly processedOn?: number | undefined;
  readonly opts: { readonly delay?: number | undefined; readonly priority?: number | undefined };
  readonly attemptsMade: number;
  moveToWait(token?: string): Promise<unknown>;
  moveToDelayed(timestamp: number, token?: string): Promise<unknown>;
}

export interface Taken {
  readonly job: TakenJob;
  readonly token: string | undefined;
  /** Fires when the job's lock was lost. */
  readonly lost: AbortSignal | undefined;
  readonly inHand: InHand;
}

/** Takes one job to its end. Throws JobFailed when it failed, and Moved when it is back in its queue. */
export async function take(taken: Taken, settings: TakeSettings, handle: JobHandler): Promise<void> {
  const { job, lost, inHand } = taken;
  const { queue, clock, knows, onFailed, onGivenUp } = settings;
  const ended = watch(job, settings);
  if (dataVersion(job.data) !== jobVersion || !knows(job.name)) return leave(taken, settings, ended);
  if (clock() > job.data.notAfter) {
    ended('too-late');
    return onGivenUp(queue, job.name, job.data.id, 'late');
  }
  const run = inHand.run(lost, isWideIn(job.opts), (signal) => handle(job.name, job.data, signal));
  const how = await run.catch((error: unknown) => {
    if (error instanceof NewerError) return 'newer';
    if (isStoreAway(error) && (queue === 'read' || queue === 'outbox')) return 'away';
    ended('failed');
    const thrown = error instanceof Error ? error : new Error(String(error));
    onFailed(queue, job.name, job.data.id, thrown);
    throw new JobFailed(job.name);
  });
  if (how === 'newer') return leave(taken, settings, ended);
  if (how === 'away') return postpone(taken, settings, ended);
  if (how === 'given-back') return giveBack(taken, settings, ended);
  ended('done');
}

/** Puts a job that is not through back where another worker finds it at once. */
async function giveBack({ job, token }: Taken, { queue }: TakeSettings, ended: Ended): Promise<void> {
  ended('left');
  // The clock comes again by itself.
  if (queue === 'clock') return;
  await patiently(() => job.moveToWait(token));
  throw new Moved('WaitingError');
}

/** What Redis could not keep is done again from its beginning, when it can, and does not count as a try. */
async function postpone({ job, token }: Taken, { clock }: TakeSettings, ended: Ended): Promise<void> {
  ended('left');
  return later({ job, token }, clock() + postponeMs);
}

/** Puts a job back to be taken at a time, epoch milliseconds. */
async function later({ job, token }: Pick<Taken, 'job' | 'token'>, atMs: number): Promise<never> {
  await patiently(() => job.moveToDelayed(atMs, token));
  throw new Moved('DelayedError');
}

/** A fail-over takes some seconds. */
const postponeMs = 2_000;
const moveTries = 40;
const moveAgainMs = 500;

/** A job is put back as soon as Redis takes it; after 20 s its lock is over, and another worker has it anyway. */
async function patiently(move: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await move();
      return;
    } catch (error) {
      if (!isStoreAway(error) || tries === moveTries) throw error;
      await sleep(moveAgainMs);
    }
  }
}

/** Leaves a job that this version does not know, or whose document it does not know, for a worker that does. */
async function leave({ job, token }: Taken, settings: TakeSettings, ended: Ended): Promise<void> {
  const { queue, clock, again, onLeft, onGivenUp } = settings;
  ended('left');
  if (queue === 'clock') return;
  const id = idIn(job.data) ?? '';
  const { times, nextId } = queue === 'change' ? handedOn(job) : { times: job.attemptsStarted, nextId: '' };
  if (isLeftTooLong(job, times, clock())) return onGivenUp(queue, job.name, id, 'unknown');
  onLeft(queue, job.name, id);
  const delayMs = leaveForMs(times);
  if (queue !== 'change') return later({ job, token }, clock() + delayMs);
  // What was started once there is never started again: the same is added anew, and whoever takes it finds it undone.
  await again.add(queue, job.name, job.data, { delayMs, jobId: nextId });
}

type JobOutcome = Extract<Observed, { kind: 'job-ended' }>['outcome'];
type Ended = (outcome: JobOutcome) => void;

/** Begins to time a job; what is returned is to be called when it has ended. */
function watch(
  { name, processedOn, timestamp, opts, attemptsMade }: TakenJob,
  { queue, clock, observe = unobserved }: TakeSettings,
): Ended {
  const startedAt = clock();
  const waitedMs =
    attemptsMade > 0 ? null : Math.max(0, (processedOn ?? startedAt) - timestamp - (opts.delay ?? 0));
  return (outcome) => {
    observe({ kind: 'job-ended', queue, job: name, outcome, ms: clock() - startedAt, waitedMs });
  };
}

/** Tells BullMQ, which looks at the name, that the job was moved and has not ended. */
class Moved extends Error {
  constructor(name: 'WaitingError' | 'DelayedError') {
    super('the job is back in its queue');
    this.name = name;
  }
}

/** What Redis keeps of a failed job: BullMQ writes down message and stack, and an error may quote what a node printed. */
export class JobFailed extends Error {
  constructor(name: string) {
    super(`${name} failed; the log says why`);
    this.name = 'JobFailed';
    this.stack = '';
  }
}
