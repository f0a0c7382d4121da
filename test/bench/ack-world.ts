import type { Shared } from '../../src/compose.js';
import type { ReplayLab } from '../lab/replay/replay-lab.js';
import type { SlackWorld } from './slack-world.js';
import type { Row, Target } from './table.js';

/** What the bots and the worker of the benchmark of acknowledgements stand on. */
export interface World extends SlackWorld {
  readonly lab: ReplayLab;
  /** The same Redis as the product has it. */
  readonly shared: Shared;
}

/** A part of its table. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
}
