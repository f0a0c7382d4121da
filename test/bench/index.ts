/**
 * `npm run bench [-- name… --quick --keep --list]`: runs benchmarks and prints their tables; `--keep` writes the figures to
 * test/bench/results and draws them for the manual. Ends with 1 where a benchmark failed, with 64 for a call that makes no
 * sense; a target that is missed is said, and is no failure.
 */
import { fileURLToPath } from 'node:url';
import { benches } from './registry.js';
import { runBenches } from './run-benches.js';

// Built or not, it is the sources beside which the figures are kept.
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/dist\/$/, '/');

process.exitCode = await runBenches(process.argv.slice(2), {
  benches,
  root,
  say: (text) => process.stdout.write(`${text}\n`),
});
