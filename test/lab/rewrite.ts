import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/**
 * A simulated node is a folder, its root. What a client sends speaks of `/usr/bin/ksh` and `/var/adm`; here these
 * paths are moved below the root, and taken out again from what the shell prints. Nothing else is touched.
 * Text is handled as Latin-1, so that every byte comes out as it went in.
 */

/** Top folders of AIX that exist below a root. `/dev` is not among them: `/dev/null` stays the host's. */
const topFolders = 'usr|etc|var|opt|tmp|home|bin|sbin|lpp';

/** What a root may look like: it must stand unquoted in a script. */
export const plainPath = /^\/[A-Za-z0-9_./@%+=,-]+$/;

/**
 * Moves absolute AIX paths in shell text below `root`; a path that is already there stays. A slash is the start of
 * an absolute path unless a word, a variable, a glob or a closing quote stands before it.
 */
export function intoRoot(text: string, root: string): string {
  const start = String.raw`(?<![\w.)}$*?~%+/\]-])(?<![\w}]["'])`;
  const path = new RegExp(`${escape(root)}(?![\\w-])|${start}/(?:${topFolders})(?![\\w-])`, 'g');
  return text.replace(path, (found) => (found === root ? found : root + found));
}

/** Rewrites what streams to a shell, line by line; an unfinished last line follows at the end of the stream. */
export class IntoRoot extends Transform {
  private rest = '';

  constructor(private readonly root: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const text = this.rest + chunk.toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    this.rest = text.slice(end);
    if (end > 0) this.push(Buffer.from(intoRoot(text.slice(0, end), this.root), 'latin1'));
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.rest !== '') this.push(Buffer.from(intoRoot(this.rest, this.root), 'latin1'));
    done();
  }
}

/** Takes the root out of what a shell prints; holds back only what may be the beginning of the root. */
export class OutOfRoot extends Transform {
  private rest: Buffer = Buffer.alloc(0);
  private readonly needle: Buffer;
  private readonly pattern: RegExp;

  constructor(root: string) {
    super();
    this.needle = Buffer.from(`${root}/`, 'latin1');
    this.pattern = new RegExp(`${escape(root)}/?`, 'g');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const keep = this.heldBack(all);
    this.rest = Buffer.from(all.subarray(all.length - keep));
    this.emitClean(all.subarray(0, all.length - keep));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.emitClean(this.rest);
    done();
  }

  private emitClean(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const found = bytes.includes(this.needle.subarray(0, -1));
    this.push(found ? Buffer.from(bytes.toString('latin1').replace(this.pattern, '/'), 'latin1') : bytes);
  }

  /** Length of the longest end of `bytes` that the root could begin with. */
  private heldBack(bytes: Buffer): number {
    for (let n = Math.min(bytes.length, this.needle.length - 1); n > 0; n -= 1) {
      if (bytes.subarray(bytes.length - n).equals(this.needle.subarray(0, n))) return n;
    }
    return 0;
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
