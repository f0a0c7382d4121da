/** A worker as `aixops start --role worker` runs it, and one that tells what it holds when it is asked. */
import { readdirSync, readlinkSync } from 'node:fs';
import pino from 'pino';
import { readSettings } from '../../src/cli/context.js';
import { share, workerTools } from '../../src/compose.js';
import { startWorkerProcess } from '../../src/worker.js';

/** `look` tells; `let-go` closes what leads to nodes and HMCs; `end` stops all of it. */
export type MemoryOrder = 'look' | 'let-go' | 'end';

/** What the process holds: bytes, after a collection, and numbers of open files and sockets. */
export interface Held {
  /** What the system counts for it, before the collection. */
  readonly rssBytes: number;
  /** What is alive: on the heap, and beside it. */
  readonly liveBytes: number;
  readonly files: number;
  readonly sockets: number;
}

export type MemoryWord = { readonly kind: 'ready' } | { readonly kind: 'held'; readonly held: Held };

const settings = readSettings(process.argv[2], false);
if (!('config' in settings)) throw new Error(JSON.stringify(settings));
const log = pino({ level: 'silent' });
const shared = await share(settings, log, 'worker');
const stopping = new AbortController();
const tools = workerTools(settings, shared, () => stopping.signal.aborted, log);
const worker = await startWorkerProcess(tools, shared.queues, { connection: shared.workerLink(), log });

function say(word: MemoryWord): void {
  process.send?.(word);
}

async function held(): Promise<Held> {
  const rssBytes = process.memoryUsage.rss();
  // What ends in the first one lets go of something that only the second one finds.
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  const sockets = open.filter((what) => what.startsWith('socket:')).length;
  return { rssBytes, liveBytes: heapUsed + external, files: open.length, sockets };
}

async function end(): Promise<void> {
  stopping.abort();
  await worker.stop();
  await Promise.all([tools.ssh.close(), tools.certificates.close()]);
  await shared.close();
  process.disconnect();
}

async function carryOut(order: MemoryOrder): Promise<void> {
  if (order === 'end') return end();
  if (order === 'let-go') await tools.ssh.close();
  say({ kind: 'held', held: await held() });
}

process.on('message', (order: MemoryOrder) => {
  void carryOut(order);
});
process.on('disconnect', () => process.exit(0));
say({ kind: 'ready' });
