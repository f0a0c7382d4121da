/** Further worker processes on the same machine, for one process uses one core. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.js';
import { usageExit } from './terminal.js';

export interface MoreWorkers {
  /** What of them does not run, in a sentence; null when all do. */
  missing(): string | null;
  /** Lets each stop in order, at the same time; resolves when all have ended. */
  stop(): Promise<void>;
  /** Ends all of them at once. */
  kill(): void;
}

export interface MoreWorkersOptions {
  /** How many worker processes there are in all, with this one, which is the first. */
  readonly workers: number;
  /** What the program is called with for one of them; the second is number 2. */
  readonly callOf: (worker: number) => readonly string[];
  readonly log: Logger;
}

const program = fileURLToPath(new URL('../aixops.js', import.meta.url));

const firstPauseMs = 1_000;
const mostPauseMs = 60_000;
/** Who ran that long before it died begins with the first pause again. */
const wellAfterMs = 60_000;

/** Starts them; each that dies is started again after a growing pause, but for one that cannot start at all. */
export function startMoreWorkers({ workers, callOf, log }: MoreWorkersOptions): MoreWorkers {
  const others = Array.from({ length: workers - 1 }, (_, index) => {
    const worker = index + 2;
    return new OtherWorker(worker, () => callOf(worker), log);
  });
  for (const one of others) one.start();
  return {
    missing: () => {
      const absent = others.map((one) => one.absence()).filter((words) => words !== null);
      if (absent.length === 0) return null;
      return `${workers - absent.length} of ${workers} worker processes take jobs: ${absent.join('; ')}.`;
    },
    stop: async () => {
      await Promise.all(others.map((one) => one.stop()));
    },
    kill: () => {
      for (const one of others) one.kill();
    },
  };
}

type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' | 'given-up'; readonly how: string };

class OtherWorker {
  private state: State = { kind: 'starting' };
  private child: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = firstPauseMs;
  private startedAt = 0;
  private isStopping = false;

  constructor(
    private readonly worker: number,
    private readonly call: () => readonly string[],
    private readonly log: Logger,
  ) {}

  start(): void {
    this.state = { kind: 'starting' };
    this.startedAt = performance.now();
    // A group of its own: Ctrl-C in a terminal reaches this process alone, which then stops the others.
    const child = fork(program, [...this.call()], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A debugger's port is taken by this process.
      execArgv: process.execArgv.filter((word) => !word.startsWith('--inspect')),
    });
    this.child = child;
    this.log.info({ other: this.worker, pid: child.pid }, 'a further worker process is begun');
    child.once('message', () => {
      this.state = { kind: 'running' };
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string, isHopeless: boolean): void => {
        if (this.child !== child) return;
        this.child = null;
        resolve();
        this.gone(how, isHopeless);
      };
      // That it could not be started, as where there is no memory, or not be told something.
      child.on('error', (error) => {
        if (child.pid === undefined) end(`could not be started (${error.message})`, false);
      });
      child.once('exit', (code, signal) =>
        end(
          signal === null ? `ended with exit status ${String(code)}` : `was ended by ${signal}`,
          code === usageExit,
        ),
      );
    });
  }

  absence(): string | null {
    const { state, worker } = this;
    if (state.kind === 'running') return null;
    if (state.kind === 'starting') return `worker ${worker} is starting`;
    const next =
      state.kind === 'paused'
        ? 'and is started again soon'
        : 'and is not started again: look in the log for why, mend it, and restart';
    return `worker ${worker} ${state.how} ${next}`;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    if (this.child?.connected === true) this.child.disconnect();
    await this.ended;
  }

  kill(): void {
    this.isStopping = true;
    clearTimeout(this.timer);
    this.child?.kill('SIGKILL');
  }

  private gone(how: string, isHopeless: boolean): void {
    if (this.isStopping) return;
    // `worker` is the one that writes.
    const { worker: other } = this;
    if (isHopeless) {
      this.state = { kind: 'given-up', how };
      this.log.warn({ other, problem: how }, 'a worker process cannot start, and is not started again');
      return;
    }
    if (performance.now() - this.startedAt >= wellAfterMs) this.pauseMs = firstPauseMs;
    const pauseMs = this.pauseMs;
    this.pauseMs = Math.min(pauseMs * 2, mostPauseMs);
    this.state = { kind: 'paused', how };
    this.log.warn({ other, problem: how, ms: pauseMs }, 'a worker process has ended, and is started again');
    this.timer = setTimeout(() => this.start(), pauseMs);
  }
}
