import type { NodeCertificates } from '../core/certificate.js';
import type { Steps } from '../core/steps.js';
import { isDated, isPosition, itemId, type DigestCluster, type Item } from './item.js';

/** What one edition leaves for the next one of its channel. */
export interface Memory {
  /** The local date of the edition that left it, and when it was made (ISO 8601 UTC). */
  readonly date: string;
  readonly at: string;
  readonly items: readonly Remembered[];
  readonly clusters: readonly RememberedCluster[];
}

/** One item as the last edition knew it. */
export interface Remembered {
  readonly item: Item;
  /** The band that the last edition put it in. */
  readonly band: string;
}

/** When the communication certificates of a cluster were last made anew, as far as is known. */
export interface RememberedCluster {
  readonly name: string;
  /** ISO 8601 UTC: when aixops first saw the cluster. */
  readonly firstSeen: string;
  /** The rotation that people were last reminded of, by its version; null for none. */
  readonly reminded: string | null;
}

/** What happened to the certificate of one place since the last edition. */
export type Turn =
  | { readonly kind: 'new'; readonly item: Item }
  /** `replaced`: another certificate that does not live longer. */
  | { readonly kind: 'renewed' | 'replaced'; readonly item: Item; readonly before: Item }
  | { readonly kind: 'gone'; readonly item: Item };

export interface Compared {
  /** What was read now, and what could not be read now and is remembered. */
  readonly items: readonly Item[];
  readonly turns: readonly Turn[];
  /** The band of the last edition for each item that had one, by item id: a certificate that moved keeps its own. */
  readonly bandBefore: ReadonlyMap<string, string>;
  /** For a certificate that moved within its store: the id that its place had before, by its id now. */
  readonly movedFrom: ReadonlyMap<string, string>;
}

/**
 * Puts what was read now beside what was remembered. A node or a store that could not be read proves nothing: its items
 * stay as they were remembered. Without memory nothing is new: there was no edition that could have lacked it.
 */
export function* compare(
  items: readonly Item[],
  readings: readonly NodeCertificates[],
  memory: Memory | null,
): Steps<Compared> {
  if (memory === null) return { items, turns: [], bandBefore: new Map(), movedFrom: new Map() };
  const readStores = new Set(
    readings.flatMap((one) =>
      one.stores.flatMap((store) => (isAnswered(store.status) ? [storeKey(one.target, store.path)] : [])),
    ),
  );
  const answered = new Map(readings.map((one) => [one.target, one.error === null]));
  const named = new Set(
    readings.flatMap((one) => one.stores.map((store) => storeKey(one.target, store.path))),
  );
  yield;
  const before = groupBy(memory.items, ({ item }) => storeKey(item.target, item.path));
  yield;
  const now = groupBy(items, (item) => storeKey(item.target, item.path));
  yield;
  const result: Mutable = { items: [], turns: [], bandBefore: new Map(), movedFrom: new Map() };
  const unreadable = unreadablePlaces(readings);
  const rescue = (one: Remembered): boolean => {
    const isThere = unreadable.has(one.item.id);
    if (isThere) keep(one.item, one.band, memory.date, result);
    return isThere;
  };
  for (const [key, own] of now) {
    const known = before.get(key) ?? [];
    match(
      own,
      known.filter((one) => !rescue(one)),
      result,
    );
    yield;
  }
  for (const [key, own] of before) {
    if (now.has(key)) continue;
    const target = own[0]?.item.target ?? '';
    const wasAsked = answered.has(target);
    const proves = answered.get(target) === true && (readStores.has(key) || !named.has(key));
    if (!wasAsked) continue;
    for (const one of own) {
      if (!proves) keep(one.item, one.band, memory.date, result);
      else if (!rescue(one)) result.turns.push({ kind: 'gone', item: one.item });
    }
    yield;
  }
  return result;
}

/** Places where something is that could not be read: what was there before is not proved to be gone. */
function unreadablePlaces(readings: readonly NodeCertificates[]): ReadonlySet<string> {
  const ids = readings.flatMap(({ target, stores }) =>
    stores.flatMap(({ path, certificates }) =>
      certificates.flatMap((one) =>
        one.certificate === null || !isDated(one.certificate) ? [itemId(target, path, one.label)] : [],
      ),
    ),
  );
  return new Set(ids);
}

interface Mutable {
  readonly items: Item[];
  readonly turns: Turn[];
  readonly bandBefore: Map<string, string>;
  readonly movedFrom: Map<string, string>;
}

function keep(item: Item, band: string, date: string, result: Mutable): void {
  result.items.push({ ...item, lastSeen: item.lastSeen ?? date });
  result.bandBefore.set(item.id, band);
}

/** The certificates of one store, before and now: the same ones first, wherever in the store they stand. */
function match(now: readonly Item[], before: readonly Remembered[], result: Mutable): void {
  const left = new Set(before);
  const open: Item[] = [];
  const take = (fits: (one: Remembered) => boolean): Remembered | undefined => {
    const found = [...left].find(fits);
    if (found !== undefined) left.delete(found);
    return found;
  };
  const same = now.map(
    (item) => take((one) => one.item.id === item.id && one.item.fingerprint === item.fingerprint) ?? null,
  );
  now.forEach((item, index) => {
    result.items.push(item);
    const found = same[index] ?? take((one) => one.item.fingerprint === item.fingerprint) ?? null;
    if (found === null) {
      open.push(item);
      return;
    }
    result.bandBefore.set(item.id, found.band);
    if (found.item.id !== item.id) result.movedFrom.set(item.id, found.item.id);
  });
  for (const item of open) {
    const found = take((one) => one.item.id === item.id) ?? take((one) => isSuccessor(item, one.item));
    if (found === undefined) result.turns.push({ kind: 'new', item });
    else {
      const kind = Date.parse(item.notAfter) > Date.parse(found.item.notAfter) ? 'renewed' : 'replaced';
      result.turns.push({ kind, item, before: found.item });
    }
  }
  for (const { item } of left) result.turns.push({ kind: 'gone', item });
}

/** In a file without names, a certificate of the same subject in another place is the old one's successor. */
function isSuccessor(item: Item, before: Item): boolean {
  return isPosition(item.label) && isPosition(before.label) && item.subject === before.subject;
}

/** A store that was read, or is not there: both prove that what was in it is there no more. */
function isAnswered(status: string): boolean {
  return status === 'read' || status === 'missing';
}

function storeKey(target: string, path: string): string {
  return `${target}\n${path}`;
}

/** Groups by a key, in the order in which keys first come. */
export function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** The clusters, each with when it was first seen. */
export function rememberClusters(
  clusters: readonly DigestCluster[],
  memory: Memory | null,
  nowIso: string,
): readonly RememberedCluster[] {
  const known = new Map((memory?.clusters ?? []).map((one) => [one.name, one]));
  return clusters.map(({ name }) => known.get(name) ?? { name, firstSeen: nowIso, reminded: null });
}
