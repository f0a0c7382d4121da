/** What a worker holds: idle, with a thousand warm connections, after ten thousand jobs, and whether it grows over time. */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayLab } from '../lab/replay/replay-lab.js';
import { onAskedEstate } from './asked-estate.js';
import { openAsking, type Asking } from './asking.js';
import { bench } from './bench.js';
import type { Picture } from './draw.js';
import type { Held, MemoryOrder, MemoryWord } from './memory-process.js';
import { slopeOf } from './slope.js';
import { atMost, shown, type Result, type Row, type Target } from './table.js';

interface MemoryOptions {
  readonly nodes: number;
  readonly jobs: number;
  readonly soakMs: number;
  readonly lookEveryMs: number;
}

export const memoryBench = bench<MemoryOptions>({
  name: 'memory',
  title: 'what a worker holds, and whether that grows',
  full: { nodes: 1_000, jobs: 10_000, soakMs: 600_000, lookEveryMs: 10_000 },
  quick: { nodes: 1_000, jobs: 500, soakMs: 60_000, lookEveryMs: 4_000 },
  run: memory,
});

const roundTripMs = 5;
const remoteMs = 5;
/** So many requests are under way at once while jobs are counted: as many as a worker takes. */
const atOnce = 10;
/** Of the soak: somebody asks of one node, again and again. */
const askEveryMs = 50;
const mostBytes = 300e6;
/** Connections to Redis that are opened when they are first needed. */
const lateFiles = 2;
/** Less than this in an hour is no leak that anybody would see between two upgrades. */
const growsMbPerHour = 10;
const program = new URL('./memory-process.js', import.meta.url).pathname;

interface Stage {
  readonly name: string;
  readonly held: Held;
  readonly connections: number;
  readonly redisBytes: number;
}

function memory(options: MemoryOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  return onAskedEstate(
    { nodes: options.nodes, roundTripMs, remoteMs, redisLines: ['appendfsync everysec'] },
    (lab) => measured(lab, options),
  );
}

async function measured(lab: ReplayLab, options: MemoryOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const worker = await startWorkerOn(lab.config);
  const asking = await openAsking(lab.config);
  try {
    const stages: Stage[] = [];
    const look = async (name: string): Promise<void> => {
      stages.push(await stageOf(name, worker, { lab, asking }));
    };
    await look('idle');
    await sweep(asking, options.nodes);
    await look(`${options.nodes} warm connections`);
    await manyJobs(asking, lab, options.jobs);
    await look(`after ${options.jobs} jobs`);
    const soaked = await soak(worker, { lab, asking }, options);
    await look('after the soak');
    const atEnd = await held(worker, 'let-go');
    await sleep(1_000);
    stages.push({ ...(await stageOf('connections closed', worker, { lab, asking })), held: atEnd });
    return result(stages, soaked, options);
  } finally {
    await asking.close();
    await endOf(worker);
  }
}

async function stageOf(
  name: string,
  worker: ChildProcess,
  { lab, asking }: { lab: ReplayLab; asking: Asking },
): Promise<Stage> {
  const [now, { counts }, info] = [
    await held(worker, 'look'),
    await lab.cost(),
    await asking.shared.redis.info('memory'),
  ];
  const redisBytes = Number(/^used_memory:(?<bytes>\d+)/m.exec(info)?.groups?.['bytes']);
  return { name, held: now, connections: counts.open, redisBytes };
}

/** One question to all nodes: each is logged in to, for this diagnostic is asked of the node itself. */
async function sweep(asking: Asking, nodes: number): Promise<void> {
  const { verdicts } = await asking.ask({ job: 'diagnose', diagnostic: 'rsct-level', targets: ['all'] });
  checkOk(verdicts, nodes);
}

async function one(asking: Asking, target: string): Promise<void> {
  const { verdicts } = await asking.ask({ job: 'diagnose', diagnostic: 'rsct-level', targets: [target] });
  checkOk(verdicts, 1);
}

function checkOk(verdicts: readonly { readonly verdict: string }[], nodes: number): void {
  const ok = verdicts.filter(({ verdict }) => verdict === 'ok').length;
  if (ok !== nodes || verdicts.length !== nodes)
    throw new Error(`${ok} of ${verdicts.length} verdicts are ok, and ${nodes} nodes are healthy`);
}

async function manyJobs(asking: Asking, lab: ReplayLab, jobs: number): Promise<void> {
  let next = 0;
  const asker = async (): Promise<void> => {
    while (next < jobs) await one(asking, nodeAt(lab, next++));
  };
  await Promise.all(Array.from({ length: atOnce }, asker));
}

function nodeAt({ nodes }: ReplayLab, at: number): string {
  return nodes[at % nodes.length]?.name ?? '';
}

interface Sample {
  readonly seconds: number;
  readonly held: Held;
}

/**
 * Asks of one node after the other, and once in each period of all nodes; looks between two periods, when nothing is under
 * way: what a sweep holds while it runs would hide a slope.
 */
async function soak(
  worker: ChildProcess,
  { lab, asking }: { lab: ReplayLab; asking: Asking },
  { nodes, soakMs, lookEveryMs }: MemoryOptions,
): Promise<readonly Sample[]> {
  const begunAt = performance.now();
  const samples: Sample[] = [];
  let next = 0;
  while (performance.now() - begunAt < soakMs) {
    const until = performance.now() + lookEveryMs;
    await sweep(asking, nodes);
    while (performance.now() < until) {
      const at = performance.now();
      await one(asking, nodeAt(lab, next++));
      await sleep(Math.max(0, askEveryMs - (performance.now() - at)));
    }
    const now = await held(worker, 'look');
    samples.push({ seconds: (performance.now() - begunAt) / 1000, held: now });
  }
  return samples;
}

function result(
  stages: readonly Stage[],
  samples: readonly Sample[],
  { nodes, jobs }: MemoryOptions,
): Omit<Result, 'bench' | 'title'> {
  const rows = stages.map(
    ({ name, held: now, connections, redisBytes }): Row => ({
      ...{ when: name, 'RSS MB': now.rssBytes / 1e6, 'alive MB': now.liveBytes / 1e6 },
      ...{ connections, sockets: now.sockets, 'open files': now.files, 'Redis MB': redisBytes / 1e6 },
    }),
  );
  const [idle, warm, worked] = stages;
  const closed = stages.at(-1);
  if (idle === undefined || warm === undefined || worked === undefined || closed === undefined)
    throw new Error('a stage is missing');
  const perJob = (worked.redisBytes - warm.redisBytes) / jobs / 1000;
  const second = samples.slice(samples.length >> 1);
  const alive = growth(second, ({ liveBytes }) => liveBytes);
  const rss = growth(second, ({ rssBytes }) => rssBytes);
  return {
    rows,
    targets: [
      atMost(`RSS with ${nodes} warm connections`, warm.held.rssBytes / 1e6, mostBytes / 1e6, 'MB'),
      noGrowth('what is alive', alive),
      noGrowth('RSS', rss),
      atMost(
        'open files at the end beyond those of the idle worker',
        closed.held.files - idle.held.files,
        lateFiles,
        '',
      ),
      atMost('connections left at the end', closed.connections, 0, ''),
    ],
    notes: [
      'alive: on the heap and beside it, after a collection; RSS: what the system counts, before it',
      `a connection costs ${shown((warm.held.liveBytes - idle.held.liveBytes) / nodes / 1000)} kB alive and ${shown((warm.held.rssBytes - idle.held.rssBytes) / nodes / 1000)} kB of RSS; a request of one node ${shown(perJob)} kB in Redis, messages included`,
      `growth is more than ${growsMbPerHour} MB an hour over the second half of the soak; ± is where its slope lies by 95 %`,
    ],
    figures: {
      idleRssBytes: idle.held.rssBytes,
      connectionRssBytes: (warm.held.rssBytes - idle.held.rssBytes) / nodes,
      redisIdleBytes: idle.redisBytes,
      redisBytesPerRequest: perJob * 1000,
      redisBytesPerSweptNode: (warm.redisBytes - idle.redisBytes) / nodes,
    },
    pictures: [pictureOf(samples)],
  };
}

/** MB an hour. */
function growth(samples: readonly Sample[], bytes: (held: Held) => number) {
  return slopeOf(samples.map(({ seconds, held: now }) => [seconds / 3600, bytes(now) / 1e6]));
}

/** Met where the line itself rises by less; whether chance may have made it so is said beside it. */
function noGrowth(what: string, { perX, plusMinus }: ReturnType<typeof slopeOf>): Target {
  const isMet = perX <= growsMbPerHour;
  const isSure = isMet ? perX + plusMinus <= growsMbPerHour : perX - plusMinus > growsMbPerHour;
  const judged = isMet ? 'it does not grow' : 'it grows';
  return {
    text: `${what}: ${shown(perX)} ± ${shown(plusMinus)} MB an hour: ${judged}${isSure ? '' : ', but that is not sure: soak longer'}`,
    isMet,
  };
}

function pictureOf(samples: readonly Sample[]): Picture {
  const line = (name: string, bytes: (held: Held) => number) => ({
    name,
    points: samples.map(({ seconds, held: now }) => [round(seconds / 60), round(bytes(now) / 1e6)] as const),
  });
  return {
    ...{ name: 'memory', title: 'What a worker holds over time', kind: 'lines' },
    subtitle: 'A question of one node every 50 ms, and every 10 s one of all nodes; looked at between them',
    ...{ x: { title: 'minutes' }, y: { title: 'MB' } },
    series: [
      line('RSS', ({ rssBytes }) => rssBytes),
      line('alive after a collection', ({ liveBytes }) => liveBytes),
    ],
    target: { text: 'promised', y: mostBytes / 1e6 },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function startWorkerOn(folder: string): Promise<ChildProcess> {
  const worker = fork(program, [folder], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const word = await nextWord(worker);
  if (word.kind !== 'ready') throw new Error('the worker is confused');
  return worker;
}

async function held(worker: ChildProcess, order: MemoryOrder): Promise<Held> {
  const answer = nextWord(worker);
  worker.send(order);
  const word = await answer;
  if (word.kind !== 'held') throw new Error('the worker is confused');
  return word.held;
}

function nextWord(worker: ChildProcess): Promise<MemoryWord> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the worker exited ${String(code)}`));
    worker.once('exit', gone);
    worker.once('message', (word: MemoryWord) => {
      worker.off('exit', gone);
      resolve(word);
    });
  });
}

async function endOf(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.send('end' satisfies MemoryOrder);
  const late = setTimeout(() => worker.kill('SIGKILL'), 30_000);
  await gone;
  clearTimeout(late);
}
