/** Draws in a thread of its own: loading what draws, laying out and packing the picture take half a second of a processor. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { YearAhead } from '../digest/edition.js';
import { yearPng } from './year-png.js';

export { yearSvg } from './year-svg.js';

const thread = new URL('./year-thread.js', import.meta.url);

/** The year ahead as a PNG; the same bytes wherever it is drawn. Rejects where it cannot be drawn. */
export function drawYear(year: YearAhead): Promise<Buffer> {
  // Run from the sources, as tests are, there is nothing that a thread could load.
  if (!existsSync(fileURLToPath(thread))) return yearPng(year);
  return new Promise((resolve, reject) => {
    const worker = new Worker(thread, { workerData: year, env: {}, argv: [], execArgv: [] });
    worker.once('message', (png: Uint8Array) => resolve(Buffer.from(png)));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread of the picture ended with ${code}`)));
  });
}
