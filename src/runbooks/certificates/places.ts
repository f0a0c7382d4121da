import type { StoreReading } from '../../core/certificate.js';
import type { Evidence, Reading } from '../../core/fact.js';
import { listedAt, saysNoSuchFile, type ListedFile } from '../../aix/ls.js';
import { mostBytes } from './commands.js';

/** One place to be read, with what its rule says of it. */
export interface Place {
  readonly path: string;
  readonly owner: string | null;
  readonly passwordFile: string | null;
  /** Told by the configuration file that names it. */
  readonly isKdb: boolean;
}

export { listedAt };

/** What a place turned out to be: a file of so many bytes, or a store that ends here. */
export type Found =
  | { readonly kind: 'file'; readonly place: Place; readonly size: number; readonly evidence: Evidence }
  | { readonly kind: 'ended'; readonly store: StoreReading };

/** Whether there is nothing at a path that was listed. */
export function isNothing(listing: Reading<ListedFile> | undefined): boolean {
  return listing?.kind === 'failure' && saysNoSuchFile(listing.failure);
}

/** Only an ordinary file that is not too large is read: a device or a FIFO would never come to its end. */
export function foundAt(place: Place, listing: Reading<ListedFile>): Found {
  const { evidence } = listing;
  const ended = (status: 'missing' | 'refused' | 'unreadable', reason: string): Found => ({
    kind: 'ended',
    store: endedStore(place, { status, reason, evidence }),
  });
  if (listing.kind === 'unread') return ended('unreadable', listing.error.message);
  if (listing.kind === 'failure') {
    return isNothing(listing)
      ? ended('missing', 'There is nothing at this path.')
      : ended('unreadable', listing.failure.message);
  }
  const { mode, size } = listing.value;
  const other = notAFile[mode.charAt(0)];
  if (mode.startsWith('l')) return ended('missing', 'It is a link, and there is nothing where it leads.');
  if (other !== undefined || size === null)
    return ended('refused', `It is ${other ?? 'no ordinary file'} and was not read.`);
  if (size > mostBytes)
    return ended(
      'refused',
      `It has ${size} bytes, and at most ${mostBytes} (1 MiB) are read: no certificate store is so large.`,
    );
  return { kind: 'file', place, size, evidence };
}

const notAFile: Readonly<Record<string, string>> = {
  d: 'a directory',
  b: 'a block device',
  c: 'a character device',
  p: 'a FIFO',
  s: 'a socket',
};

/** A store of which nothing was read, and why. */
export function endedStore(
  place: Pick<Place, 'path' | 'owner'> & Partial<Pick<Place, 'isKdb'>>,
  why: {
    readonly status: 'missing' | 'refused' | 'unreadable';
    readonly reason: string;
    readonly evidence: Evidence;
  },
): StoreReading {
  const { path, owner } = place;
  const isFile = path.startsWith('/');
  const format = isFile ? formatOf({ path, isKdb: place.isKdb === true }) : 'tls';
  const known = format === 'ssh' || format === 'text' ? 'unknown' : format;
  return { path, owner, format: known, certificates: [], ...why };
}

/** What was read and holds no certificate, as a configuration file that names no store. */
export function emptyStore({ path, owner }: Pick<Place, 'path' | 'owner'>, evidence: Evidence): StoreReading {
  return { path, owner, format: 'unknown', status: 'read', reason: null, certificates: [], evidence };
}

/** How a file is read, by its name: what is not told by it is text, with or without CERTIFICATE blocks. */
export function formatOf({ path, isKdb }: Pick<Place, 'path' | 'isKdb'>): 'kdb' | 'pkcs12' | 'ssh' | 'text' {
  const name = path.toLowerCase();
  if (isKdb || name.endsWith('.kdb')) return 'kdb';
  if (name.endsWith('.p12') || name.endsWith('.pfx')) return 'pkcs12';
  return name.endsWith('-cert.pub') ? 'ssh' : 'text';
}

/** Whether a file without CERTIFICATE blocks may be one in DER: not where its name says that it is PEM, or a key. */
export function mayBeDer(path: string): boolean {
  return !/\.(?:pem|key)$/i.test(path);
}
