import { readFile, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';

interface Kept<T> {
  readonly signature: string;
  readonly value: T;
}

/** So long after its last change a file may change once more within the same tick of the file system's clock. */
const settledNs = 2_000_000_000n;

/**
 * Makes something of files, once for each state of a file: it is looked at each time (stat), and read only when it has changed.
 * With a thousand hosts to connect to, reading and parsing their one known_hosts file was most of the work. `make` gets the
 * file's bytes; rejects as stat, readFile or `make` do.
 */
export function whileUnchanged<T>(
  make: (bytes: Buffer, file: { readonly path: string; readonly stats: BigIntStats }) => T,
): (path: string, allow?: (stats: BigIntStats) => void) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return async (path, allow) => {
    const stats = await stat(path, { bigint: true });
    allow?.(stats);
    const { ino, size, mtimeNs, ctimeNs } = stats;
    const signature = [ino, size, mtimeNs, ctimeNs].join(' ');
    const known = kept.get(path);
    if (known?.signature === signature) return known.value;
    const value = make(await readFile(path), { path, stats });
    const isSettled = BigInt(Date.now()) * 1_000_000n - ctimeNs > settledNs;
    if (isSettled) kept.set(path, { signature, value });
    else kept.delete(path);
    return value;
  };
}
