/** What `aixops start --workers` means: how many processes take jobs, and with what each of them is called. */
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../core/errors.js';
import type { Role } from '../health/readiness.js';
import type { Settings } from './context.js';
import { tieToParent, type Tie } from './tie.js';

const mostWorkers = 64;

/** Which of the worker processes on this machine one is. */
export interface Place {
  /** 1 is the one that was called; null where it is the only one. */
  readonly worker: number | null;
  /** How many there are in all. */
  readonly workers: number;
  /** To the one that has started this one. */
  readonly tie: Tie | null;
}

/** `--workers N`. */
export function workersOption(): Option {
  return new Option(
    '--workers <n>',
    `how many processes take jobs on this machine, 1 to ${mostWorkers}: one for each core that is free`,
  )
    .argParser(workersNumber)
    .default(1);
}

/** Says which process it is; `start` alone calls with it. */
export function workerNumberOption(): Option {
  return new Option('--worker-number <n>').argParser(Number).hideHelp();
}

function workersNumber(text: string): number {
  const workers = Number(text);
  if (!/^\d{1,2}$/.test(text) || workers < 1 || workers > mostWorkers)
    throw new InvalidArgumentError(
      `Say how many processes take jobs, 1 to ${mostWorkers}; beyond that start more on other machines.`,
    );
  return workers;
}

/** Which process this is; throws UsageError where a bot is to have workers, or a port of theirs would be another one's. */
export function placeIn(
  call: { readonly role: Role; readonly workers: number; readonly workerNumber?: number },
  { config: { health, slack } }: Settings,
): Place {
  const { role, workers, workerNumber } = call;
  if (workerNumber !== undefined) return { worker: workerNumber, workers: 1, tie: tieToParent() };
  if (workers === 1) return { worker: null, workers, tie: null };
  if (role === 'bot')
    throw new UsageError('A bot takes no jobs: --workers goes with --role worker or --role all.');
  const last = (health.port ?? 0) + workers - 1;
  if (last > 65_535)
    throw new UsageError(
      `The ${workers} workers answer health on ports ${health.port ?? 0} to ${last}, and there is none above 65535. Take a lower --health-port.`,
    );
  const isSlacks =
    role === 'all' && slack.mode === 'http' && slack.port > (health.port ?? 0) && slack.port <= last;
  if (health.port !== null && health.port !== 0 && isSlacks)
    throw new UsageError(
      `The ${workers} workers answer health on ports ${health.port} to ${last}, and ${slack.port} of them is slack.port. Take another --health-port.`,
    );
  return { worker: 1, workers, tie: null };
}

/** What a further worker is called with: the same settings, and the next health port. */
export function callOf(worker: number, { config: { folder, health } }: Settings): readonly string[] {
  const port = health.port === null ? [] : ['--health-port', String(health.port && health.port + worker - 1)];
  return ['start', '--role', 'worker', '--worker-number', String(worker), '--config', folder, ...port];
}
