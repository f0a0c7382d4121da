/** `npm run bench [-- name…]`: runs benchmarks, prints their tables, and writes the figures as JSON where `--keep` is given. */
import { sweepLogin } from './sweep-login.js';
import { resultText, type Result } from './table.js';

const benches: Readonly<Record<string, () => Promise<Result>>> = {
  'sweep-login': () => sweepLogin(),
  'sweep-login-1000': () =>
    sweepLogin({ sizes: [1000], delaysMs: [50], beside: { nodes: 1000, delayMs: 50 }, runs: 1 }),
  'sweep-login-small': () =>
    sweepLogin({ sizes: [100], delaysMs: [50], beside: { nodes: 100, delayMs: 50 }, runs: 1 }),
};

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
for (const name of names.length === 0 ? Object.keys(benches) : names) {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`no such benchmark: ${name}; there are ${Object.keys(benches).join(', ')}`);
  process.stdout.write(`${resultText(await bench())}\n`);
}
