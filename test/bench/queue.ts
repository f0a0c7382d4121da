/** Our path of a job, from its adding to its end, beside BullMQ as it comes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { bench } from './bench.js';
import { median } from './measure.js';
import { openLoop } from './pacer.js';
import { bareSide, ourSide, type Side } from './queue-sides.js';
import { spreadOf } from './spread.js';
import type { Result, Row, Target } from './table.js';

interface Size {
  readonly jobs: number;
  readonly rounds: number;
  /** Jobs whose time from adding to start is measured, at so many a second. */
  readonly paced: { readonly count: number; readonly perSecond: number };
}

/** Jobs that a worker does at once, as the queue of reads has it. */
const concurrency = 10;
/** Adds that are under way at once: many people's commands. */
const addsAtOnce = 20;
/** The least share of BullMQ's own rate. */
const leastShare = 0.7;

interface Measured {
  readonly addsPerSecond: number;
  readonly jobsPerSecond: number;
  /** Of a job from its adding to its end: processor time of this process, in microseconds. */
  readonly cpuUs: number;
  readonly startMs: readonly number[];
}

/** The benchmark. */
export const queueBench = bench<Size>({
  name: 'queue',
  title: 'our job path beside bare BullMQ, with an empty handler',
  full: { jobs: 5_000, rounds: 5, paced: { count: 600, perSecond: 200 } },
  quick: { jobs: 1_000, rounds: 2, paced: { count: 100, perSecond: 100 } },
  run,
});

async function run(size: Size): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-queue-bench-'));
  // As Redis comes with an append-only file; with a sync at each write the disk would be measured.
  const redis = await startRedis({ folder: join(folder, 'redis'), lines: ['appendfsync everysec'] });
  const sides = [bareSide('bare BullMQ'), bareSide('bare, our job options', true), ourSide('aixops', folder)];
  const measured = new Map(sides.map((side) => [side, [] as Measured[]]));
  try {
    // One round is thrown away: the first to run pays for what is compiled.
    for (let round = 0; round <= size.rounds; round += 1)
      for (const side of sides) {
        const one = await oneRun(side, redis, round === 0 ? { ...size, jobs: 300 } : size);
        if (round > 0) measured.get(side)?.push(one);
      }
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const rows = sides.map((side) => rowOf(side.name, measured.get(side) ?? []));
  const [bare = {}, , ours = {}] = rows;
  return {
    rows,
    targets: ['adds/s', 'jobs/s'].map((column) => shareTarget(column, ours, bare)),
    notes: [
      `medians of ${size.rounds} interleaved rounds of ${size.jobs} jobs, ${concurrency} at once; each job was done exactly once`,
      `start: from a job's adding to the start of its handler at ${size.paced.perSecond} jobs a second, counted from when each should have been added`,
      'our job options keep the last hour of what is done, and three tries; bare BullMQ keeps everything',
    ],
  };
}

async function oneRun(side: Side, redis: RedisServer, size: Size): Promise<Measured> {
  const opened = await side.open(redis.url);
  try {
    const cpu = process.cpuUsage();
    const addsPerSecond = await addMany(opened.add, size.jobs);
    const done = new Map<string, number>();
    const started = new Map<string, number>();
    const worker = opened.work(concurrency, (id) => {
      const now = performance.now();
      started.set(id, now);
      done.set(id, (done.get(id) ?? 0) + 1);
    });
    await until(() => done.size === size.jobs);
    const times = [...started.values()];
    const jobsPerSecond = ((size.jobs - 1) * 1000) / (Math.max(...times) - Math.min(...times));
    const { user, system } = process.cpuUsage(cpu);
    const { paced } = size;
    const sent = await openLoop(paced, (n) => opened.add(`paced-${n}`));
    await until(() => done.size === size.jobs + paced.count);
    await worker.close();
    if ([...done.values()].some((times) => times !== 1)) throw new Error(`${side.name}: a job ran twice`);
    if ((await opened.left()) > 0) throw new Error(`${side.name}: a job is left over`);
    const startMs = sent.map(({ dueAt }, n) => (started.get(`paced-${n}`) ?? NaN) - dueAt);
    return { addsPerSecond, jobsPerSecond, cpuUs: (user + system) / size.jobs, startMs };
  } finally {
    await opened.close();
  }
}

async function addMany(add: (id: string) => Promise<void>, jobs: number): Promise<number> {
  const begunAt = performance.now();
  let next = 0;
  const adder = async (): Promise<void> => {
    while (next < jobs) {
      next += 1;
      await add(`job-${next}`);
    }
  };
  await Promise.all(Array.from({ length: addsAtOnce }, adder));
  return (jobs * 1000) / (performance.now() - begunAt);
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('jobs are missing after two minutes');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function rowOf(name: string, runs: readonly Measured[]): Row {
  const of = (value: (run: Measured) => number): number => median(runs.map(value));
  const start = spreadOf(runs.flatMap(({ startMs }) => startMs));
  return {
    path: name,
    'adds/s': of(({ addsPerSecond }) => addsPerSecond),
    'jobs/s': of(({ jobsPerSecond }) => jobsPerSecond),
    'CPU µs a job': of(({ cpuUs }) => cpuUs),
    'start p50 ms': start.p50,
    'start p99 ms': start.p99,
    'start max ms': start.max,
  };
}

function shareTarget(column: string, ours: Row, bare: Row): Target {
  const share = Number(ours[column]) / Number(bare[column]);
  return {
    text: `${column} as a share of bare BullMQ's: ${Math.round(share * 100)} % (target: at least ${leastShare * 100} %)`,
    isMet: share >= leastShare,
  };
}
