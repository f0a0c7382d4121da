/** One sweep shared by one, two and four worker processes, each of which is given the same small share of a core. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplayLab } from '../lab/replay/replay-lab.js';
import { onAskedEstate } from './asked-estate.js';
import { openAsking } from './asking.js';
import { bench } from './bench.js';
import { median } from './measure.js';
import type { Result, Row } from './table.js';

interface WorkersOptions {
  readonly nodes: number;
  readonly workers: readonly number[];
  readonly runs: number;
}

export const workersBench = bench<WorkersOptions>({
  name: 'workers',
  title: 'one sweep shared by several worker processes',
  full: { nodes: 1_000, workers: [1, 2, 4], runs: 3 },
  quick: { nodes: 400, workers: [1, 2], runs: 1 },
  run: workers,
});

const roundTripMs = 50;
const remoteMs = 20;
/** Of one core: so small that four of them, the estate, Redis and what asks fit on two cores, and none waits for another. */
const share = 0.2;
const periodUs = 10_000;
const program = new URL('../../src/aixops.js', import.meta.url).pathname;

interface Ran {
  readonly coldMs: number;
  readonly warmMs: number;
  readonly connections: number;
  readonly again: number;
  readonly said: string;
}

function workers(options: WorkersOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  return onAskedEstate({ nodes: options.nodes, roundTripMs, remoteMs }, (lab) => measured(lab, options));
}

async function measured(lab: ReplayLab, options: WorkersOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const rows: Row[] = [];
  const medians: { count: number; coldMs: number; warmMs: number }[] = [];
  const before = await lab.cost();
  const begunAt = performance.now();
  let said: string | null = null;
  for (const count of options.workers) {
    const all: Ran[] = [];
    for (let run = 0; run < options.runs; run += 1) {
      const ran = await oneRun(lab, count, options.nodes);
      said ??= ran.said;
      if (ran.said !== said) throw new Error(`${count} workers say something else than one`);
      all.push(ran);
    }
    const of = (value: (run: Ran) => number): number => median(all.map(value));
    const now = { count, coldMs: of(({ coldMs }) => coldMs), warmMs: of(({ warmMs }) => warmMs) };
    medians.push(now);
    const [one = now] = medians;
    rows.push({
      workers: count,
      'cold s': now.coldMs / 1000,
      'times one, cold': one.coldMs / now.coldMs,
      'warm s': now.warmMs / 1000,
      'times one, warm': one.warmMs / now.warmMs,
      connections: of(({ connections }) => connections),
      'opened again, warm': of(({ again }) => again),
    });
  }
  const labUse = ((await lab.cost()).cpuMs - before.cpuMs) / (performance.now() - begunAt);
  return { rows, ...words(medians, options, labUse) };
}

function words(
  medians: readonly { count: number; coldMs: number }[],
  { nodes }: WorkersOptions,
  labUse: number,
): Pick<Result, 'targets' | 'notes'> {
  const [one, two] = medians;
  const times = (one?.coldMs ?? NaN) / (two?.coldMs ?? NaN);
  return {
    targets: [
      {
        text: `two workers are ${times.toFixed(2)} times as fast as one, cold (target 1.7)`,
        isMet: times >= 1.7 && canLimit(),
      },
    ],
    notes: [
      `${nodes} nodes, ${roundTripMs} ms away, from the command to the last verdict, through Redis and the job queue; the verdicts are the same each time`,
      canLimit()
        ? `each worker process is given ${share * 100} % of a core, so that what is measured is how they share and not how many cores this machine has`
        : 'this machine does not let a process be limited to a share of a core: the estate takes the other core, and the figures do not show how workers share',
      `the estate took ${(labUse * 100).toFixed(0)} % of a core on average: it was not the limit`,
    ],
  };
}

async function oneRun(lab: ReplayLab, count: number, nodes: number): Promise<Ran> {
  const children = await Promise.all(Array.from({ length: count }, (_, at) => startWorker(lab.config, at)));
  const asking = await openAsking(lab.config);
  const wish = { job: 'diagnose', diagnostic: 'rsct-level', targets: ['all'], now: true } as const;
  const sweep = async () => {
    const before = (await lab.cost()).counts.connections;
    const begunAt = performance.now();
    const { verdicts } = await asking.ask(wish);
    const ms = performance.now() - begunAt;
    if (verdicts.filter(({ verdict }) => verdict === 'ok').length !== nodes)
      throw new Error(`${count} workers do not find ${nodes} healthy nodes`);
    const said = JSON.stringify(verdicts.map(({ target, verdict, findings }) => [target, verdict, findings]));
    return { ms, said, connections: (await lab.cost()).counts.connections - before };
  };
  try {
    const [cold, warm] = [await sweep(), await sweep()];
    if (cold.said !== warm.said) throw new Error('a warm sweep says something else than a cold one');
    return {
      ...{ coldMs: cold.ms, warmMs: warm.ms, said: cold.said },
      ...{ connections: cold.connections, again: warm.connections },
    };
  } finally {
    await asking.close();
    await Promise.all(children.map((worker) => worker.stop()));
  }
}

async function startWorker(config: string, at: number): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [program, 'start', '--role', 'worker', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, AIXOPS_HEALTH_PORT: '0' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await started(child);
  const group = limit(child, at);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (group !== null) rmdirSync(group);
    },
  };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('aixops started')) resolve();
    });
    child.once('exit', () => reject(new Error(`a worker did not start: ${said.slice(-500)}`)));
  });
}

/** Control groups of the first version keep the processor's share here; of the second, there. */
const places = [
  { root: '/sys/fs/cgroup/cpu', has: 'cpu.cfs_quota_us' },
  { root: '/sys/fs/cgroup', has: 'cgroup.subtree_control' },
] as const;

function placeOf(): (typeof places)[number] | undefined {
  return places.find(({ root, has }) => existsSync(join(root, has)));
}

function canLimit(): boolean {
  const place = placeOf();
  if (place === undefined) return false;
  const group = join(place.root, `aixops-bench-${process.pid}`);
  try {
    mkdirSync(group);
    return existsSync(join(group, 'cpu.cfs_quota_us')) || existsSync(join(group, 'cpu.max'));
  } catch {
    return false;
  } finally {
    if (existsSync(group)) rmdirSync(group);
  }
}

/** Gives a process its share from now on; the group to be removed behind it, null where that cannot be had. */
function limit({ pid }: ChildProcess, at: number): string | null {
  const place = placeOf();
  if (place === undefined || !canLimit()) return null;
  const group = join(place.root, `aixops-bench-${process.pid}-${at}`);
  mkdirSync(group);
  if (existsSync(join(group, 'cpu.max')))
    writeFileSync(join(group, 'cpu.max'), `${share * periodUs} ${periodUs}`);
  else {
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodUs));
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(share * periodUs));
  }
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  return group;
}
