import { readFile, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';

interface Kept<T> {
  readonly signature: string;
  readonly value: T;
}

/** So long after its last change a file may change once more within the same tick of the file system's clock. */
const settledNs = 2_000_000_000n;

interface Look<T> {
  readonly stats: BigIntStats;
  /** What was made of the bytes; begun when it is first asked for. */
  readonly value: () => Promise<T>;
}

/**
 * Makes something of files, once for each state of a file: it is looked at each time (stat), and read only when it has changed.
 * Who comes while somebody looks takes part in that look. With a thousand hosts to connect to, looking at their one known_hosts
 * file, reading and parsing it was most of the work. `make` gets the file's bytes; rejects as stat, readFile or `make` do.
 */
export function whileUnchanged<T>(
  make: (bytes: Buffer, file: { readonly path: string; readonly stats: BigIntStats }) => T,
): (path: string, allow?: (stats: BigIntStats) => void) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  const looking = new Map<string, Promise<Look<T>>>();
  const madeOf = async (path: string, stats: BigIntStats): Promise<T> => {
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
  const look = async (path: string): Promise<Look<T>> => {
    const stats = await stat(path, { bigint: true });
    let made: Promise<T> | null = null;
    return { stats, value: () => (made ??= madeOf(path, stats)) };
  };
  return async (path, allow) => {
    const begun = looking.get(path) ?? look(path).finally(() => looking.delete(path));
    looking.set(path, begun);
    const { stats, value } = await begun;
    allow?.(stats);
    return value();
  };
}
