import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReplay } from '../lab/replay/replay-lab.js';
import { openEngine } from './engine.js';
import { record } from './record.js';
import { existsSync } from 'node:fs';

const [lpars = '20', systems = '5', rtt = '50', mode = 'deep', atOnce = '32'] = process.argv.slice(2);
const tape = `/tmp/tape-${lpars}.json`;
if (!existsSync(tape)) {
  const t = performance.now();
  await record(tape, { lpars: Number(lpars), diagnostics: ['rmc', 'rsct-level'] });
  console.log('recorded', Math.round(performance.now() - t));
}
const lab = await startReplay({
  tapeFile: tape,
  folder: mkdtempSync(join(tmpdir(), 'aixops-replay-')),
  hmcs: Math.min(20, Number(systems)),
  systems: Number(systems),
  lparsPerSystem: Number(lpars),
  roundTripMs: Number(rtt),
  remoteMs: 20,
  settings: `ssh: { nodesAtOnce: ${atOnce} }\n`,
});
const engine = openEngine(lab.config);
for (const round of ['cold', 'warm', 'warm']) {
  const before = process.cpuUsage();
  const t = performance.now();
  const verdicts = await engine.run(mode === 'level' ? 'rsct-level' : 'rmc', ['all'], {
    deep: mode === 'deep',
  });
  const used = process.cpuUsage(before);
  const counts: Record<string, number> = {};
  for (const v of verdicts) counts[v.verdict] = (counts[v.verdict] ?? 0) + 1;
  console.log(
    round,
    verdicts.length,
    counts,
    Math.round(performance.now() - t),
    'ms; cpu',
    Math.round((used.user + used.system) / 1000),
    'rss',
    Math.round(process.memoryUsage.rss() / 1e6),
  );
  const odd = verdicts.find((v) => v.verdict !== 'ok');
  if (odd) console.log(JSON.stringify(odd).slice(0, 1500));
}
console.log(JSON.stringify(await lab.cost()));
await engine.close();
await lab.stop();
