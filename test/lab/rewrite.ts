import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/**
 * A simulated node is a folder, its root. What a client sends speaks of `/usr/bin/ksh` and `/var/adm`; here these
 * paths are moved below the root, and taken out again from what the shell prints. Nothing else is touched.
 * Text is handled as Latin-1, so that every byte comes out as it went in.
 */

/** Top folders of AIX that exist below a root. `/dev` is not among them: `/dev/null` stays the host's. */
const topFolders = 'usr|etc|var|opt|tmp|home|bin|sbin|lpp|ssl_nimsh';

/** What a root may look like: it must stand unquoted in a script. */
export const plainPath = /^\/[A-Za-z0-9_./@%+=,-]+$/;

/**
 * Moves absolute AIX paths in shell text below `root`; a path that is already there stays. A slash is the start of
 * an absolute path unless a word, a variable, a glob or a closing quote stands before it. `cd /` goes to the root.
 */
export function intoRoot(text: string, root: string): string {
  const start = String.raw`(?<![\w.)}$*?~%+/\]-])(?<![\w}]["'])`;
  const path = new RegExp(
    `${escape(root)}(?![\\w-])|${start}/(?:${topFolders})(?![\\w-])|(?<=\\bcd )/(?=[\\s;&|)]|$)`,
    'g',
  );
  return text.replace(path, (found) => (found === root ? found : found === '/' ? root : root + found));
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
  private rest = '';

  constructor(private readonly root: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let text = this.rest + chunk.toString('latin1');
    let clean = '';
    for (let at = text.indexOf(this.root); at >= 0; at = text.indexOf(this.root)) {
      const end = at + this.root.length;
      // What follows decides: another node's root may begin with the same letters.
      if (end === text.length) break;
      const next = text.charAt(end);
      clean += text.slice(0, at) + (/[\w-]/.test(next) ? this.root : '/');
      text = text.slice(next === '/' ? end + 1 : end);
    }
    const keep = this.heldBack(text);
    this.rest = text.slice(text.length - keep);
    this.push(Buffer.from(clean + text.slice(0, text.length - keep), 'latin1'));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.push(Buffer.from(this.rest === this.root ? '/' : this.rest, 'latin1'));
    done();
  }

  /** Length of the longest end of `text` that the root begins with. */
  private heldBack(text: string): number {
    for (let n = Math.min(text.length, this.root.length); n > 0; n -= 1) {
      if (this.root.startsWith(text.slice(text.length - n))) return n;
    }
    return 0;
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
