import type { Duplex, Readable } from 'node:stream';
import type { Ended } from '../core/outcome.js';
import type { ExecRequest, ExecResult } from './connection.js';

/** An open channel on which a command was started. */
export interface ExecStream extends Duplex {
  readonly stderr: Readable;
  close(): void;
}

/**
 * Collects what a started command prints until its channel closes, its limit passes or it prints too much. Both streams
 * are always read: unread stderr stalls the channel. `isDropped` tells whether the whole connection went away.
 */
export function collect(
  stream: ExecStream,
  request: ExecRequest,
  isDropped: () => boolean,
): Promise<ExecResult> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const sinceStart = () => Math.round(performance.now() - startedAt);
    const out = new Kept(request.keepBytes);
    const err = new Kept(request.keepBytes);
    const arrivals: { bytes: number; atMs: number }[] = [];
    let exit: { readonly code: number | null; readonly signal: string | null } | null = null;

    const finish = (ended: Ended) => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
      const { code: exitCode, signal } = exit ?? { code: null, signal: null };
      const said = { exitCode, signal, stdout: out.bytes(), stderr: err.bytes(), arrivals };
      resolve({ ended, ...said, durationMs: sinceStart() });
    };
    const stop = (ended: Ended) => {
      // Closing does not end a command on a node; it does end our waiting, and the far side's output has nowhere to go.
      stream.close();
      finish(ended);
    };
    const onAbort = () => {
      stop('lost');
    };
    const timer = setTimeout(() => {
      stop(request.whenLate);
    }, request.limitMs);
    request.signal?.addEventListener('abort', onAbort, { once: true });

    const onData = (kept: Kept) => (chunk: Buffer) => {
      kept.add(chunk);
      if (kept === out) arrivals.push({ bytes: out.seen, atMs: sinceStart() });
      if (kept.isOver && request.whenFull === 'stop') stop('too-long');
    };
    stream.on('data', onData(out));
    stream.stderr.on('data', onData(err));
    stream.on('error', () => undefined);
    stream.on('exit', (code: number | null, signal?: string) => {
      exit = { code, signal: signal ?? null };
    });
    // A drop closes the channel without a word: no code, no error. Output may be cut even after an exit status came.
    stream.on('close', () => {
      if (exit === null || isDropped()) finish('lost');
      else if (out.isOver || err.isOver) finish('too-long');
      else finish(exit.code === null ? 'killed' : 'exited');
    });
    if (request.signal?.aborted === true) stop('lost');
    else stream.end(request.stdin ?? undefined);
  });
}

/** The head of a stream: at most `limit` bytes, and how many there were. */
class Kept {
  seen = 0;
  private readonly chunks: Buffer[] = [];
  private room: number;

  constructor(private readonly limit: number) {
    this.room = limit;
  }

  get isOver(): boolean {
    return this.seen > this.limit;
  }

  add(chunk: Buffer): void {
    this.seen += chunk.length;
    if (this.room === 0) return;
    const head = chunk.subarray(0, this.room);
    this.chunks.push(head);
    this.room -= head.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}
