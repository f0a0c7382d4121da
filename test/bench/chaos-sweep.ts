/** Runs the sweeping process on an estate, and counts what it leaves open there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ReplayLab } from '../lab/replay/replay-lab.js';
import type { Chaos, Judged } from './chaos-process.js';

/** What a sweep said of an estate, and what it left open there. */
export interface Seen extends Chaos {
  readonly lab: ReplayLab;
  readonly connections: number;
  readonly leftOpen: number;
}

/** Sweeps an estate once, to the end. */
export async function sweepUnder(lab: ReplayLab): Promise<Seen> {
  const child = startSweep(lab, []);
  const line = await child.line();
  return { ...(JSON.parse(line) as Chaos), lab, ...(await leftIn(lab, 0)) };
}

/** What was seen of a sweep that was stopped. */
export interface SeenStopped extends Chaos {
  /** Connections taken by the estate until reading had ended, and some time later. */
  readonly connectionsThen: number;
  readonly connectionsLater: number;
  /** Open before the process closed what it keeps warm. */
  readonly openThen: number;
  readonly leftOpen: number;
}

const laterMs = 1_500;

/** Sweeps an estate and stops after so many verdicts; `openAtMost`: as many connections may be kept warm. */
export async function sweepStopped(lab: ReplayLab, after: number, openAtMost = after): Promise<SeenStopped> {
  const child = startSweep(lab, [String(after)]);
  if ((await child.line()) !== 'stopped') throw new Error('the sweep did not stop');
  const { leftOpen: openThen, connections: connectionsThen } = await leftIn(lab, openAtMost);
  await sleep(laterMs);
  const connectionsLater = (await lab.cost()).counts.connections;
  child.goOn();
  const said = JSON.parse(await child.line()) as Chaos;
  const { leftOpen } = await leftIn(lab, 0);
  return { ...said, connectionsThen, connectionsLater, openThen, leftOpen };
}

/** What an estate has open as soon as that is at most so many, or after some seconds. */
async function leftIn(lab: ReplayLab, most: number): Promise<{ connections: number; leftOpen: number }> {
  for (let tries = 0; ; tries += 1) {
    const { connections, open } = (await lab.cost()).counts;
    if (open <= most || tries === 50) return { connections, leftOpen: open };
    await sleep(100);
  }
}

// Tests run from the sources, and a process of its own from what was built of them.
const beside = fileURLToPath(new URL('./chaos-process.js', import.meta.url));
const program = existsSync(beside)
  ? beside
  : fileURLToPath(new URL('../../dist/test/bench/chaos-process.js', import.meta.url));

interface Sweeping {
  /** The next line that it says. */
  line(): Promise<string>;
  goOn(): void;
}

function startSweep({ config }: ReplayLab, more: readonly string[]): Sweeping {
  const child = spawn(process.execPath, [program, config, 'rsct-level', ...more], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const waiting: string[] = [];
  lines.on('line', (line) => waiting.push(line));
  const ended = once(lines, 'close');
  return {
    line: async () => {
      if (waiting.length === 0) await Promise.race([once(lines, 'line'), ended]);
      const line = waiting.shift();
      if (line === undefined)
        throw new Error(`the sweep ended without a word, with ${String(child.exitCode)}`);
      return line;
    },
    goOn: () => child.stdin.end('close\n'),
  };
}

/** Verdicts that are not what is true of their node: healthy ones that are not called so, and all that were called healthy. */
export function wrongOnes(lab: ReplayLab, judged: readonly Judged[]): readonly Judged[] {
  const faults = new Map(lab.nodes.map(({ name, fault }) => [name, fault]));
  return judged.filter(({ target, verdict }) => {
    const fault = faults.get(target) ?? null;
    return verdict !== (fault === null || fault === 'slow' ? 'ok' : 'unknown');
  });
}
