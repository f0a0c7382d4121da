/** A process that sweeps an estate several times over warm connections and says, in JSON, what each time cost. */
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openEngine } from './engine.js';
import { saidOf, type Said } from './singles.js';

/** One sweep. Milliseconds and bytes; `longestBlockMs`: the longest time in which nothing else had its turn. */
export interface Swept {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly longestBlockMs: number;
  readonly verdicts: Readonly<Record<string, number>>;
  /** Every target's verdict and finding ids, in order, and a digest of that. */
  readonly said: readonly Said[];
  readonly digest: string;
}

const [folder = '.', diagnostic = 'rsct-level', rounds = '3', how = 'deep', selector = 'all'] =
  process.argv.slice(2);

const engine = openEngine(folder);
const swept: Swept[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [begunAt, cpu] = [performance.now(), process.cpuUsage()];
  const verdicts = await engine.run(diagnostic, selector.split(','), { deep: how === 'deep' });
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - begunAt;
  delay.disable();
  const counts: Record<string, number> = {};
  for (const { verdict } of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const said = verdicts.map(saidOf);
  swept.push({
    wallMs,
    cpuMs: (user + system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    longestBlockMs: delay.max / 1e6,
    verdicts: counts,
    said,
    digest: createHash('sha256').update(JSON.stringify(said)).digest('hex'),
  });
}
await engine.close();
process.stdout.write(`${JSON.stringify(swept)}\n`);
