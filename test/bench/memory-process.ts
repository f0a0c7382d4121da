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

function held(): Held {
  const rssBytes = process.memoryUsage.rss();
  globalThis.gc?.();
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

process.on('message', (order: MemoryOrder) => {
  if (order === 'look') say({ kind: 'held', held: held() });
  else if (order === 'let-go') void tools.ssh.close().then(() => say({ kind: 'held', held: held() }));
  else void end();
});
process.on('disconnect', () => process.exit(0));
say({ kind: 'ready' });
