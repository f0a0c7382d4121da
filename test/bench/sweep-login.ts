/** One question to each of many nodes, logging in to all of them: cold, warm, and beside what people use instead. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { bench } from './bench.js';
import type { Picture } from './draw.js';
import { measure, median, spread } from './measure.js';
import { isThere, peers } from './peers.js';
import { record } from './record.js';
import { compareWithSingles } from './singles.js';
import type { Swept } from './sweep-process.js';
import { timesBetter, type Result, type Row, type Target } from './table.js';

/** What of it is run. */
export interface SweepLoginOptions {
  readonly sizes: readonly number[];
  readonly delaysMs: readonly number[];
  /** Size and delay at which the peers run too; they take minutes. */
  readonly beside: { readonly nodes: number; readonly delayMs: number } | null;
  readonly runs: number;
}

/** Logging in to every node, as where no HMC can tell. */
export const sweepLoginBench = bench<SweepLoginOptions>({
  name: 'sweep-login',
  title: 'one question to many nodes, logged in to',
  full: {
    sizes: [100, 1000, 2000],
    delaysMs: [20, 50, 150],
    beside: { nodes: 1000, delayMs: 50 },
    runs: 3,
  },
  quick: { sizes: [100, 1000], delaysMs: [50], beside: { nodes: 100, delayMs: 50 }, runs: 1 },
  run: sweepLogin,
});

const lparsPerSystem = 20;
const remoteMs = 20;
const sweepProcess = new URL('./sweep-process.js', import.meta.url).pathname;

interface OurRun {
  readonly cold: Swept;
  readonly warm: Swept;
  readonly peakBytes: number | null;
  readonly connections: number;
}

async function sweepLogin(options: SweepLoginOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-sweep-login-'));
  const tapeFile = join(folder, 'tape.json');
  const rows: Row[] = [];
  const notes: string[] = [];
  const targets: Target[] = [];
  try {
    await record(tapeFile, { lpars: lparsPerSystem, diagnostics: ['rsct-level'] });
    for (const nodes of options.sizes)
      for (const delayMs of options.delaysMs) {
        const lab = await startReplay({
          ...{
            tapeFile,
            folder: join(folder, `${nodes}-${delayMs}`),
            hmcs: 1,
            systems: nodes / lparsPerSystem,
          },
          ...{ lparsPerSystem, roundTripMs: delayMs, remoteMs },
        });
        try {
          const ours = await oursOn(lab, nodes, options.runs);
          rows.push(...ours.rows);
          notes.push(ours.note);
          const isBeside = options.beside?.nodes === nodes && options.beside.delayMs === delayMs;
          if (isBeside) {
            const theirs = await theirsOn(lab, folder, nodes);
            rows.push(...theirs.rows);
            notes.push(...theirs.missing);
            targets.push(...compared(ours, theirs.costs, `, ${nodes} nodes`));
          }
        } finally {
          await lab.stop();
        }
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  notes.push(
    `the answer takes ${remoteMs} ms on the node, in all of these; memory is of all processes together (PSS)`,
  );
  return { rows, targets, notes, figures: figuresOf(rows), pictures: picturesOf(rows) };
}

/** What one node costs where there are most of them; the delay costs no processor time. */
function figuresOf(rows: readonly Row[]): Readonly<Record<string, number>> {
  const most = Math.max(...rows.map(({ nodes }) => Number(nodes)));
  const cpuMs = (tool: string): number =>
    median(
      rows
        .filter((row) => row['tool'] === tool && row['nodes'] === most)
        .map((row) => (Number(row['CPU s']) * 1000) / most),
    );
  return { coldCpuMs: cpuMs('aixops, cold'), warmCpuMs: cpuMs('aixops, warm') };
}

function picturesOf(rows: readonly Row[]): readonly Picture[] {
  const ours = rows.filter(({ tool }) => String(tool).startsWith('aixops'));
  const beside = rows.filter((row) => rows.some((other) => isPeer(other) && isSame(other, row)));
  const lines = new Map<string, [number, number][]>();
  for (const row of ours) {
    const name = `${String(row['tool']).replace('aixops, ', '')}, ${String(row['delay ms'])} ms`;
    lines.set(name, [...(lines.get(name) ?? []), [Number(row['nodes']), Number(row['wall s'])]]);
  }
  const bars = (column: string, name: string) => ({
    name,
    points: beside.map((row) => [String(row['tool']), Number(row[column])] as const),
  });
  return [
    {
      ...{ name: 'sweep-login', title: 'One question to many nodes, logged in to', kind: 'lines' },
      subtitle:
        'Wall time by the number of nodes; cold: connecting to each, warm: over the same connections again',
      ...{ x: { title: 'nodes' }, y: { title: 'seconds' } },
      series: [...lines].map(([name, points]) => ({ name, points })),
    },
    ...(beside.length === 0
      ? []
      : [
          {
            ...{ name: 'sweep-login-beside', kind: 'rows' as const },
            title: `The same question to ${String(beside[0]?.['nodes'])} nodes, beside other tools`,
            subtitle: `Round trip ${String(beside[0]?.['delay ms'])} ms`,
            ...{ x: { title: '' }, y: { title: 'seconds' } },
            series: [bars('wall s', 'wall time'), bars('CPU s', 'processor time of the controller')],
          },
        ]),
  ];
}

const isPeer = (row: Row): boolean => !String(row['tool']).startsWith('aixops');
const isSame = (a: Row, b: Row): boolean => a['nodes'] === b['nodes'] && a['delay ms'] === b['delay ms'];

interface Ours {
  readonly rows: readonly Row[];
  readonly note: string;
  readonly coldMs: number;
  readonly coldCpuMs: number;
  readonly warmMs: number;
}

async function oursOn(lab: ReplayLab, nodes: number, runs: number): Promise<Ours> {
  const all: OurRun[] = [];
  const before = await lab.cost();
  for (let run = 0; run < runs; run += 1) {
    const connections = (await lab.cost()).counts.connections;
    const cost = await measure(process.execPath, [sweepProcess, lab.config, 'rsct-level', '2']);
    if (cost.exitCode !== 0) throw new Error(`the sweep failed: ${cost.stderr.slice(0, 500)}`);
    const [cold, warm] = JSON.parse(cost.stdout) as Swept[];
    if (cold === undefined || warm === undefined) throw new Error('the sweep said nothing');
    checkAll([cold, warm], nodes);
    all.push({
      cold,
      warm,
      peakBytes: cost.peakBytes,
      connections: (await lab.cost()).counts.connections - connections,
    });
  }
  const after = await lab.cost();
  const compared = await compareWithSingles(lab.config, 'rsct-level', all[0]?.warm.said ?? []);
  const of = (value: (run: OurRun) => number): number => median(all.map(value));
  const figures = {
    coldMs: of(({ cold }) => cold.wallMs),
    coldCpuMs: of(({ cold }) => cold.cpuMs),
    warmMs: of(({ warm }) => warm.wallMs),
  };
  const row = (how: string, wallMs: number, cpuMs: number, blockMs: number, connections: number): Row => ({
    nodes,
    'delay ms': lab.roundTripMs,
    tool: how,
    'wall s': wallMs / 1000,
    'CPU s': cpuMs / 1000,
    'peak MB': of(({ peakBytes }) => peakBytes ?? NaN) / 1e6,
    connections,
    'longest block ms': blockMs,
  });
  const wide = spread(all.map(({ cold }) => cold.wallMs));
  const labCpu = (after.cpuMs - before.cpuMs) / runs / 1000;
  return {
    ...figures,
    rows: [
      row(
        'aixops, cold',
        figures.coldMs,
        figures.coldCpuMs,
        of(({ cold }) => cold.longestBlockMs),
        of(({ connections }) => connections),
      ),
      row(
        'aixops, warm',
        figures.warmMs,
        of(({ warm }) => warm.cpuMs),
        of(({ warm }) => warm.longestBlockMs),
        0,
      ),
    ],
    note: `the replayed estate of ${nodes} nodes at ${lab.roundTripMs} ms took ${labCpu.toFixed(1)} s of processor time for a cold and a warm sweep; it is in none of the rows; ${compared} nodes were asked alone as well, and said the same${wide > 0.2 ? `; the cold runs differed by ${Math.round(wide * 100)} %` : ''}`,
  };
}

/** Nothing may get faster by doing less: each node has its verdict, and both sweeps have the same ones. */
function checkAll(sweeps: readonly Swept[], nodes: number): void {
  for (const { verdicts, digest } of sweeps)
    if (verdicts['ok'] !== nodes || digest !== sweeps[0]?.digest)
      throw new Error(`the verdicts are not those of ${nodes} healthy nodes: ${JSON.stringify(verdicts)}`);
}

interface Theirs {
  readonly rows: readonly Row[];
  readonly costs: ReadonlyMap<string, { readonly wallMs: number; readonly cpuMs: number }>;
  readonly missing: readonly string[];
}

async function theirsOn(lab: ReplayLab, folder: string, nodes: number): Promise<Theirs> {
  const rows: Row[] = [];
  const missing: string[] = [];
  const costs = new Map<string, { wallMs: number; cpuMs: number }>();
  for (const peer of peers) {
    const { program, args, env } = peer.call(lab, folder);
    if (!isThere(program)) {
      missing.push(`${peer.name} is missing on this machine (Debian: ${peer.from})`);
      continue;
    }
    const connections = (await lab.cost()).counts.connections;
    const cost = await measure(program, args, env === undefined ? {} : { env });
    const answered = cost.stdout.split('rsct.core.rmc:').length - 1;
    if (answered < nodes)
      missing.push(`${peer.name} brought ${answered} of ${nodes} answers, exit status ${cost.exitCode}`);
    costs.set(peer.from, cost);
    rows.push({
      nodes,
      'delay ms': lab.roundTripMs,
      tool: peer.name,
      'wall s': cost.wallMs / 1000,
      'CPU s': cost.cpuMs / 1000,
      'peak MB': (cost.peakBytes ?? NaN) / 1e6,
      connections: (await lab.cost()).counts.connections - connections,
      'longest block ms': null,
    });
  }
  return { rows, costs, missing };
}

function compared(ours: Ours, costs: Theirs['costs'], of: string): readonly Target[] {
  const ansible = costs.get('ansible-core');
  const clush = costs.get('clustershell');
  return [
    ...(ansible === undefined
      ? []
      : [
          timesBetter(`wall time better than ansible raw${of}`, ansible.wallMs, ours.coldMs, 10),
          timesBetter(`processor time better than ansible raw${of}`, ansible.cpuMs, ours.coldCpuMs, 10),
        ]),
    ...(clush === undefined
      ? []
      : [timesBetter(`wall time better than clush${of}`, clush.wallMs, ours.coldMs, 3)]),
    timesBetter(`warm better than our own cold${of}`, ours.coldMs, ours.warmMs, 3),
  ];
}
