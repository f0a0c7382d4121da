/** The product as it is run: a process of its own, watched from outside. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnTied } from '../lab/tied-child.js';

export interface Product {
  /** Processor time that it has taken since it began; milliseconds. */
  cpuMs(): number;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/aixops.js', import.meta.url));
/** Linux counts processor time in these. Source: proc(5), sysconf(_SC_CLK_TCK), which is 100 wherever Linux runs today. */
const tickMs = 10;

/** Runs `aixops start` on a folder of settings; resolves when it says that it runs. */
export async function startProduct(
  role: 'bot' | 'worker',
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Product> {
  if (!existsSync(program)) throw new Error(`${program} is missing; type: npm run build`);
  const args = [program, 'start', '--role', role, '--config', folder];
  const child = await spawnTied(process.execPath, args, { env: { ...process.env, ...env } });
  const deadline = performance.now() + 60_000;
  while (!child.output().includes('aixops started')) {
    if (child.isOver() || performance.now() > deadline)
      throw new Error(`the ${role} did not start: ${child.output().slice(-600)}`);
    await sleep(20);
  }
  const pid = child.process.pid ?? 0;
  return { cpuMs: () => cpuOf(pid), stop: () => child.stop('SIGTERM', 30_000) };
}

/** User and system time of a process; NaN where the system does not tell. */
function cpuOf(pid: number): number {
  try {
    // The name in parentheses may hold anything: behind the last one the fields begin with the third.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return NaN;
  }
}
