/** Every benchmark, in the order in which they run: each is one line here. */
import { ackBench } from './ack.js';
import type { Bench } from './bench.js';
import { chaosBench } from './chaos.js';
import { digestBench } from './digest.js';
import { memoryBench } from './memory.js';
import { oneNodeBench } from './one-node.js';
import { outboxBench } from './outbox.js';
import { queueBench } from './queue.js';
import { sweepHmcBench } from './sweep-hmc.js';
import { sweepLoginBench } from './sweep-login.js';
import { workersBench } from './workers.js';

export const benches: readonly Bench[] = [
  sweepLoginBench,
  sweepHmcBench,
  oneNodeBench,
  memoryBench,
  queueBench,
  outboxBench,
  ackBench,
  digestBench,
  workersBench,
  chaosBench,
];
