/** The certificates that the last daily digests read, as the metrics show them. */
import type { DigestStore } from './digest/store.js';
import { commonName, type Item } from './digest/item.js';
import type { DigestChannel } from './digest/schedule.js';
import type { CertificateStanding, State } from './metrics/state.js';

/** More than these are not shown one by one: each makes three series in every process. */
const mostShown = 2_000;
/** What a digest remembers is read again when there is a new one, or after this. */
const freshMs = 10 * 60_000;

type Certificates = State['certificates'];

/** Reads what the digests of these channels remember; each certificate counts once, however many channels list it. */
export function certificateStandings(
  digest: Pick<DigestStore, 'memory' | 'lastPosted'>,
  channels: readonly DigestChannel[],
): () => Promise<Certificates> {
  let last: { readonly mark: string; readonly at: number; readonly read: Certificates } | null = null;
  return async () => {
    const posted = await Promise.all(channels.map(({ channel }) => digest.lastPosted(channel)));
    const mark = JSON.stringify(posted);
    if (last?.mark === mark && performance.now() - last.at < freshMs) return last.read;
    const read = await readAll(digest, channels);
    last = { mark, at: performance.now(), read };
    return read;
  };
}

async function readAll(
  digest: Pick<DigestStore, 'memory'>,
  channels: readonly DigestChannel[],
): Promise<Certificates> {
  const memories = await Promise.all(channels.map(({ channel }) => digest.memory(channel)));
  const known = memories
    .filter((memory) => memory !== null)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  // The newest reading of a place counts.
  const items = new Map(known.flatMap(({ items: all }) => all.map(({ item }) => [item.id, item] as const)));
  const all = [...items.values()].map(standingOf).sort((a, b) => a.notAfterMs - b.notAfterMs);
  const newest = known.at(-1);
  return {
    readMs: newest === undefined ? null : Date.parse(newest.at),
    all: all.slice(0, mostShown),
    leftOut: Math.max(0, all.length - mostShown),
  };
}

function standingOf(item: Item): CertificateStanding {
  return {
    node: item.target,
    filepath: item.path,
    label: item.label,
    subjectCn: commonName(item.subject),
    issuerCn: item.issuer,
    owner: item.owner,
    notBeforeMs: Date.parse(item.notBefore),
    notAfterMs: Date.parse(item.notAfter),
  };
}
