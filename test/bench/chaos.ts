/** An estate in which a tenth of the nodes fails, each in its own way: what that costs, and what is said of each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultKind, FaultRates } from '../lab/replay/faults.js';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { bench } from './bench.js';
import type { Judged } from './chaos-process.js';
import { sweepStopped, sweepUnder, wrongOnes, type Seen } from './chaos-sweep.js';
import { record } from './record.js';
import { atMost, type Result, type Row, type Target } from './table.js';

/** One estate and how it fails. */
interface Spread {
  readonly name: string;
  readonly faults: FaultRates;
  readonly turn: number;
}

interface ChaosOptions {
  readonly nodes: number;
  readonly spreads: readonly Spread[];
  /** Reading is stopped after so many verdicts. */
  readonly stopAfter: number;
}

const promised: FaultRates = { refused: 0.05, hang: 0.02, cut: 0.02, garbage: 0.01 };

export const chaosBench = bench<ChaosOptions>({
  name: 'chaos',
  title: 'a tenth of 1,000 nodes fails',
  full: {
    nodes: 1_000,
    spreads: [
      { name: 'as promised', faults: promised, turn: 0 },
      { name: 'other nodes', faults: promised, turn: 377 },
      { name: 'and 5 % silent', faults: { ...promised, silent: 0.05 }, turn: 0 },
      { name: 'a third silent', faults: { silent: 0.33 }, turn: 0 },
    ],
    stopAfter: 300,
  },
  quick: {
    nodes: 200,
    spreads: [{ name: 'as promised', faults: promised, turn: 0 }],
    stopAfter: 60,
  },
  run: chaos,
});

const lparsPerSystem = 20;
const [roundTripMs, remoteMs] = [50, 20];

async function chaos({ nodes, spreads, stopAfter }: ChaosOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-chaos-'));
  const tapeFile = join(folder, 'tape.json');
  const rows: Row[] = [];
  const targets: Target[] = [];
  const notes: string[] = [];
  const on = async <T>(
    at: string,
    spread: Partial<Spread>,
    work: (lab: ReplayLab) => Promise<T>,
  ): Promise<T> => {
    const { faults = {}, turn = 0 } = spread;
    const size = { hmcs: 1, systems: nodes / lparsPerSystem, lparsPerSystem, roundTripMs, remoteMs };
    const lab = await startReplay({ tapeFile, folder: join(folder, at), ...size, faults, faultTurn: turn });
    return work(lab).finally(() => lab.stop());
  };
  try {
    await record(tapeFile, { lpars: lparsPerSystem, diagnostics: ['rsct-level'] });
    const calm = await on('calm', {}, (lab) => sweepUnder(lab));
    rows.push(wholeRow('no faults', calm), ...problemRows('no faults', calm));
    for (const [at, spread] of spreads.entries()) {
      const seen = await on(String(at), spread, (lab) => sweepUnder(lab));
      rows.push(
        wholeRow(spread.name, seen),
        ...faultRows(spread.name, seen),
        ...problemRows(spread.name, seen),
      );
      targets.push(...targetsOf(spread.name, seen, calm));
    }
    const stopped = await on('stopped', spreads[0] ?? {}, (lab) => stopUnder(lab, stopAfter));
    notes.push(stopped.note);
    targets.push(...stopped.targets);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  notes.push(
    'a node was judged as late as its column says; file descriptors are those of the sweeping process',
  );
  return { rows, targets, notes };
}

async function stopUnder(
  lab: ReplayLab,
  after: number,
): Promise<{ note: string; targets: readonly Target[] }> {
  // Who was in the middle of an answer keeps its connection as well.
  const seen = await sweepStopped(lab, after, lab.nodes.length);
  const { judged, stopMs, connectionsThen, connectionsLater, openThen, leftOpen } = seen;
  const left = seen.filesAfter - seen.filesBefore;
  return {
    note:
      `stopped after ${after} verdicts: reading ended ${(stopMs ?? NaN).toFixed(0)} ms later with ${judged.length} verdicts, ` +
      `${connectionsThen} connections opened until then and ${openThen} kept warm`,
    targets: [
      atMost('stopped: connections opened afterwards', connectionsLater - connectionsThen, 0, 'connections'),
      atMost('stopped: connections and file descriptors left', leftOpen + left, 0, ''),
      atMost('stopped: verdicts that are wrong', wrongOnes(lab, judged).length, 0, 'verdicts'),
    ],
  };
}

/** Verdicts by the fault of their node. */
function byFault({ lab, judged }: Seen): ReadonlyMap<FaultKind | null, readonly Judged[]> {
  const faults = new Map(lab.nodes.map(({ name, fault }) => [name, fault]));
  const groups = new Map<FaultKind | null, Judged[]>();
  for (const one of judged) {
    const fault = faults.get(one.target) ?? null;
    groups.set(fault, [...(groups.get(fault) ?? []), one]);
  }
  return groups;
}

const lastOf = (judged: readonly Judged[]): number => Math.max(...judged.map(({ atMs }) => atMs));

function wholeRow(sweep: string, seen: Seen): Row {
  const { judged, wallMs, filesAfter, filesBefore } = seen;
  return {
    ...{ sweep, nodes: judged.length, fault: 'all together', verdict: '', reason: '' },
    ...{ 'judged by s': wallMs / 1_000, 'last healthy s': lastOf(byFault(seen).get(null) ?? []) / 1_000 },
    ...{ connections: seen.connections, 'left open': seen.leftOpen, 'left files': filesAfter - filesBefore },
  };
}

/** One row for each fault: how many nodes, what is said of them, and until when the last of them was judged. */
function faultRows(sweep: string, seen: Seen): readonly Row[] {
  return [...byFault(seen)].flatMap(([fault, judged]) => {
    if (fault === null) return [];
    const words = new Set(judged.map(({ verdict, findings }) => `${verdict}: ${findings.join(' ')}`));
    const names = judged.find(({ reason }) => reason !== '');
    return {
      ...{ sweep, nodes: judged.length, fault, verdict: [...words].join(', ') },
      ...{ reason: (names?.reason ?? '').slice(0, 90), 'judged by s': lastOf(judged) / 1_000 },
    };
  });
}

/** What must not be there, by name. */
function problemRows(sweep: string, seen: Seen): readonly Row[] {
  return wrongOnes(seen.lab, seen.judged)
    .slice(0, 5)
    .map(({ target, verdict, reason }) => ({ sweep, nodes: 1, fault: `WRONG: ${target}`, verdict, reason }));
}

function targetsOf(sweep: string, seen: Seen, calm: Seen): readonly Target[] {
  const wrong = wrongOnes(seen.lab, seen.judged).length + (seen.targets - seen.judged.length);
  const nameless = seen.judged.filter(({ verdict, reason }) => verdict !== 'ok' && reason === '').length;
  const left = seen.leftOpen + seen.filesAfter - seen.filesBefore;
  const healthyMs = lastOf(byFault(seen).get(null) ?? []);
  const calmMs = lastOf(byFault(calm).get(null) ?? []);
  return [
    atMost(`${sweep}: ends within what is promised`, seen.wallMs / 1_000, seen.promisedMs / 1_000, 's'),
    atMost(`${sweep}: verdicts wrong or missing`, wrong, 0, 'verdicts'),
    atMost(`${sweep}: bad nodes without a reason`, nameless, 0, 'nodes'),
    atMost(`${sweep}: connections and file descriptors left`, left, 0, ''),
    atMost(`${sweep}: last healthy node beside a sweep without faults`, healthyMs / calmMs, 2, 'times'),
  ];
}
