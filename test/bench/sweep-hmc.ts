/** The state of a thousand LPARs from their HMCs alone, and what a few LPARs add that must be logged in to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { bench } from './bench.js';
import { measure, median, spread } from './measure.js';
import { record } from './record.js';
import { compareWithSingles } from './singles.js';
import type { Swept } from './sweep-process.js';
import { atMost, type Result, type Row, type Target } from './table.js';

/** One estate. The n-th LPAR of every system is ill where `ill` is n. */
interface Estate {
  readonly systems: number;
  readonly lparsPerSystem: number;
  readonly hmcs: number;
  readonly delayMs: number;
  /** What an HMC takes for each command, and a node for its script. */
  readonly remoteMs: number;
  readonly ill: number | null;
}

interface SweepHmcOptions {
  readonly estates: readonly Estate[];
  readonly runs: number;
}

/** The estate by which the promise is measured. */
const promised: Estate = {
  ...{ systems: 20, lparsPerSystem: 50, hmcs: 20, delayMs: 50, remoteMs: 20, ill: null },
};
const fifty: Estate = { ...promised, systems: 50, lparsPerSystem: 20 };

export const sweepHmcBench = bench<SweepHmcOptions>({
  name: 'sweep-hmc',
  title: 'the state of 1,000 LPARs from their HMCs',
  full: {
    estates: [
      { ...promised, delayMs: 20 },
      promised,
      { ...promised, delayMs: 150 },
      // A real HMC thinks for about a second over each command.
      { ...promised, remoteMs: 1_000 },
      fifty,
      { ...fifty, remoteMs: 1_000 },
      { ...promised, ill: 7 },
    ],
    runs: 3,
  },
  quick: { estates: [promised, { ...promised, ill: 7 }], runs: 1 },
  run: sweepHmc,
});

const sweepProcess = new URL('./sweep-process.js', import.meta.url).pathname;

async function sweepHmc({ estates, runs }: SweepHmcOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-sweep-hmc-'));
  const tapes = new Map<string, string>();
  const rows: Row[] = [];
  const targets: Target[] = [];
  const notes: string[] = [];
  try {
    for (const [at, estate] of estates.entries()) {
      const tapeFile = await tapeOf(estate, folder, tapes);
      const lab = await startReplay({
        ...{ tapeFile, folder: join(folder, String(at)), hmcs: estate.hmcs, systems: estate.systems },
        ...{ lparsPerSystem: estate.lparsPerSystem, roundTripMs: estate.delayMs, remoteMs: estate.remoteMs },
      });
      try {
        const measured = await sweepsOf(lab, estate, runs);
        rows.push(...measured.rows);
        notes.push(...measured.notes);
        if (estate === promised) targets.push(...targetsOf(measured, estate));
      } finally {
        await lab.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { rows, targets, notes: [...new Set(notes)] };
}

/** The systems of one size are taped once. */
async function tapeOf(estate: Estate, folder: string, tapes: Map<string, string>): Promise<string> {
  const key = `${estate.lparsPerSystem}-${estate.ill ?? 'well'}`;
  const known = tapes.get(key);
  if (known !== undefined) return known;
  const file = join(folder, `${key}.json`);
  await record(file, {
    lpars: estate.lparsPerSystem,
    scenarios: estate.ill === null ? {} : { [estate.ill]: 'ctrmc-stopped' },
    diagnostics: ['rmc'],
  });
  tapes.set(key, file);
  return file;
}

interface Measured {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly coldMs: number;
  readonly connections: number;
}

async function sweepsOf(lab: ReplayLab, estate: Estate, runs: number): Promise<Measured> {
  const all: { cold: Swept; warm: Swept; connections: number; peakBytes: number | null }[] = [];
  for (let run = 0; run < runs; run += 1) {
    const before = (await lab.cost()).counts.connections;
    const cost = await measure(process.execPath, [sweepProcess, lab.config, 'rmc', '2', 'hmc']);
    if (cost.exitCode !== 0) throw new Error(`the sweep failed: ${cost.stderr.slice(0, 500)}`);
    const [cold, warm] = JSON.parse(cost.stdout) as Swept[];
    if (cold === undefined || warm === undefined) throw new Error('the sweep said nothing');
    const { counts } = await lab.cost();
    if (counts.unknown.length > 0) throw new Error(`not on the tape: ${counts.unknown.join('; ')}`);
    checkAll([cold, warm], estate);
    const { peakBytes } = cost;
    all.push({ cold, warm, connections: counts.connections - before, peakBytes });
  }
  const compared = await compareWithSingles(lab.config, 'rmc', all[0]?.warm.said ?? []);
  const of = (value: (run: (typeof all)[number]) => number): number => median(all.map(value));
  const common = {
    ...{ LPARs: estate.systems * estate.lparsPerSystem, systems: estate.systems, HMCs: estate.hmcs },
    ...{ 'ill LPARs': estate.ill === null ? 0 : estate.systems },
    ...{ 'delay ms': estate.delayMs, 'HMC ms': estate.remoteMs },
  };
  const row = (how: 'cold' | 'warm'): Row => ({
    ...common,
    sweep: how,
    'wall s': of((run) => run[how].wallMs) / 1000,
    'spread %': runs > 1 ? spread(all.map((run) => run[how].wallMs)) * 100 : null,
    'CPU s': of((run) => run[how].cpuMs) / 1000,
    'peak MB': of(({ peakBytes }) => peakBytes ?? NaN) / 1e6,
    connections: how === 'cold' ? of(({ connections }) => connections) : 0,
    'longest block ms': of((run) => run[how].longestBlockMs),
  });
  return {
    rows: [row('cold'), row('warm')],
    notes: [`of each estate ${compared} LPARs were asked alone as well, and said the same`],
    coldMs: of(({ cold }) => cold.wallMs),
    connections: of(({ connections }) => connections),
  };
}

/** Each LPAR has its verdict, the ill ones and no others are ill, and both sweeps say the same. */
function checkAll(sweeps: readonly Swept[], { systems, lparsPerSystem, ill }: Estate): void {
  const illOnes = ill === null ? 0 : systems;
  for (const { verdicts, digest } of sweeps)
    if (
      verdicts['ok'] !== systems * lparsPerSystem - illOnes ||
      (verdicts['crit'] ?? 0) !== illOnes ||
      digest !== sweeps[0]?.digest
    )
      throw new Error(`these are not the verdicts of this estate: ${JSON.stringify(verdicts)}`);
}

function targetsOf({ coldMs, connections }: Measured, { hmcs, systems, delayMs }: Estate): readonly Target[] {
  return [
    atMost(`1,000 LPARs on ${systems} systems, cold, ${delayMs} ms away`, coldMs / 1000, 5, 's'),
    {
      text: `connections: ${connections} for ${hmcs} HMCs (target: as many as HMCs)`,
      isMet: connections === hmcs,
    },
  ];
}
