/** Every benchmark, in the order in which they run: each is one line here. */
import type { Bench } from './bench.js';
import { memoryBench } from './memory.js';
import { oneNodeBench } from './one-node.js';
import { sweepHmcBench } from './sweep-hmc.js';
import { sweepLoginBench } from './sweep-login.js';

export const benches: readonly Bench[] = [sweepLoginBench, sweepHmcBench, oneNodeBench, memoryBench];
