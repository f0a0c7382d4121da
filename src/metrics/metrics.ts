import type { Observe } from '../core/observe.js';
import { counting } from './events.js';
import { exposition, type Exposition } from './exposition.js';
import { stateGauges } from './gauges.js';
import { Instruments } from './instruments.js';
import { cached, type ReadState, type State } from './state.js';
import type { Words } from './words.js';

export interface MetricsOptions {
  readonly version: string;
  readonly role: string;
  /** Version of Node. */
  readonly node: string;
  readonly words: Words;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** How one process is, in a few words: whether it is ready, and which of its checks fail. */
export interface HealthView {
  readonly isReady: boolean;
  readonly checks: readonly { readonly name: string; readonly isFailing: boolean }[];
}

/** The numbers of one process. */
export interface Metrics {
  readonly observe: Observe;
  /** The answer to a scrape, in the format that its `Accept` header asks for. */
  scrape(accept: string): Promise<Exposition>;
  /** From now on state is read for each scrape; before that no number of it is there. */
  readState(read: ReadState): void;
  readHealth(read: () => HealthView): void;
}

/** Metrics of a process that has just begun. */
export function createMetrics({ version, role, node, words, clock }: MetricsOptions): Metrics {
  const kept = new Instruments();
  kept.ofProcess();
  kept
    .gauge('aixops_build_info', 'Always 1: what runs.', ['version', 'role', 'node'])
    .set({ version, role, node }, 1);
  const observe = counting(kept, words);
  let state: () => Promise<State | null> = () => Promise.resolve(null);
  let health: (() => HealthView) | null = null;
  return {
    observe,
    readState: (read) => {
      state = cached(read, () => performance.now());
    },
    readHealth: (read) => {
      health = read;
    },
    scrape: async (accept) => {
      const now = new Instruments();
      const found = await state();
      now
        .gauge(
          'aixops_state_readable',
          'Whether this process could read state from Redis for this scrape (1).',
        )
        .set(found === null ? 0 : 1);
      // What could not be read has no number: an old one would look like a true one.
      if (found !== null) stateGauges(now, found, clock());
      if (health !== null) healthGauges(now, role, health());
      return exposition(`${await kept.text()}${await now.text()}`, accept);
    },
  };
}

function healthGauges(make: Instruments, role: string, { isReady, checks }: HealthView): void {
  make
    .gauge('aixops_ready', 'Whether this process says that it is ready (1).', ['role'])
    .set({ role }, isReady ? 1 : 0);
  const failing = make.gauge('aixops_check_failing', 'Whether one of its checks fails (1).', ['check']);
  for (const { name, isFailing } of checks) failing.set({ check: name }, isFailing ? 1 : 0);
}
