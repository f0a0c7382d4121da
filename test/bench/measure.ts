/** What a program costs: wall time, processor time of it and all its children, the most memory that they held together. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Proportional set size: what is shared counts once. Null where the system does not tell. */
  readonly peakBytes: number | null;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shell adds up the time of all children that were waited for (POSIX `times`), which is how `time` knows it. */
const timed = 'TIMEFORMAT="%R %U %S"; { time "$@" >"$OUT" 2>"$ERR"; } 2>"$TIME"';

/** How often memory is looked at: reading it costs the system something, too. */
const lookEveryMs = 400;

/** Runs a program to its end, at the most `limitMs`. Rejects where it cannot be started. */
export async function measure(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly limitMs?: number } = {},
): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-measure-'));
  const file = (name: string): string => join(folder, name);
  const env = { ...process.env, ...options.env, OUT: file('out'), ERR: file('err'), TIME: file('time') };
  const child = spawn('/bin/bash', ['-c', timed, 'bash', program, ...args], {
    env,
    detached: true,
    stdio: 'ignore',
  });
  const memory = watchMemory(child.pid ?? 0);
  const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), options.limitMs ?? 900_000);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 137));
    });
    const [wall = NaN, user = NaN, system = NaN] = readFileSync(file('time'), 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    return {
      wallMs: wall * 1000,
      cpuMs: (user + system) * 1000,
      peakBytes: memory.stop(),
      exitCode,
      stdout: readFileSync(file('out'), 'utf8'),
      stderr: readFileSync(file('err'), 'utf8'),
    };
  } finally {
    clearTimeout(limit);
    memory.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function watchMemory(group: number): { stop(): number | null } {
  let peak: number | null = null;
  const look = (): void => {
    const now = memoryOf(group);
    if (now !== null) peak = Math.max(peak ?? 0, now);
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

/** The memory of a process group, from /proc; null where there is none. */
function memoryOf(group: number): number | null {
  let sum = 0;
  for (const pid of processes()) {
    try {
      // The name in parentheses may hold anything: the fields behind the last one are state, parent, group.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== group) continue;
      sum +=
        Number(
          /^Pss:\s+(?<kb>\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.groups?.['kb'],
        ) || 0;
    } catch {
      // Gone in the meantime.
    }
  }
  return sum === 0 ? null : sum * 1024;
}

function processes(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** The one in the middle; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? NaN;
}

/** The highest against the lowest, as a share of the median: 0.1 is ten percent. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
