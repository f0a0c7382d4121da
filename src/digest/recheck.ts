import type { NodeCertificates } from '../core/certificate.js';
import { finished } from '../core/steps.js';
import type { CertificateLine, Line, TroubleLine } from './edition.js';
import { itemsOf, type DigestCluster } from './item.js';
import { troubleSteps } from './trouble.js';

/** What reading the nodes of a line again has shown. Plain text, partly from nodes. */
export interface Rechecked {
  readonly says: string;
  /** Nobody needs to do anything about this line any more. */
  readonly isDone: boolean;
}

/** Compares a line with what its nodes hold now. What was not reached proves nothing. */
export function recheck(
  line: Line,
  readings: readonly NodeCertificates[],
  clusters: readonly DigestCluster[],
): Rechecked {
  const failed = readings.flatMap(({ target, error }) =>
    error === null ? [] : [`${target}: ${error.message}`],
  );
  const unread =
    failed.length === 0
      ? ''
      : ` Not read: ${failed.slice(0, 5).join('; ')}${failed.length > 5 ? ` and ${failed.length - 5} more` : ''}.`;
  if (readings.length === failed.length) return { says: `nothing could be read.${unread}`, isDone: false };
  switch (line.kind) {
    case 'certificate':
      return certificate(line, readings, clusters, unread);
    case 'trouble':
      return trouble(line, readings, clusters, unread);
    case 'rotation':
      return { says: `nothing is read for this.${unread}`, isDone: false };
  }
}

function certificate(
  line: CertificateLine,
  readings: readonly NodeCertificates[],
  clusters: readonly DigestCluster[],
  unread: string,
): Rechecked {
  const items = itemsOf(readings, clusters);
  const reached = new Set(readings.flatMap(({ target, error }) => (error === null ? [target] : [])));
  const places = line.places.filter(({ target }) => reached.has(target));
  const now = places.map(({ item, target, path }) => {
    const inStore = items.filter((one) => one.target === target && one.path === path);
    if (inStore.some((one) => one.fingerprint === line.fingerprint)) return { kind: 'same' as const };
    const store = readings.find((one) => one.target === target)?.stores.find((one) => one.path === path);
    if (store !== undefined && store.status !== 'read' && store.status !== 'missing')
      return { kind: 'unread' as const };
    const found =
      inStore.find(({ id }) => id === item) ?? inStore.find(({ subject }) => subject === line.subject);
    if (found === undefined) return { kind: 'gone' as const };
    const isLater = Date.parse(found.notAfter) > Date.parse(line.notAfter);
    return { kind: isLater ? ('renewed' as const) : ('other' as const), end: found.notAfter };
  });
  const of = (kind: string): number => now.filter((one) => one.kind === kind).length;
  const ends = now.flatMap((one) => (one.kind === 'renewed' ? [one.end] : [])).sort();
  const parts = [
    ...(of('same') > 0 ? [`unchanged in ${inPlaces(of('same'), now.length)}`] : []),
    ...(ends[0] !== undefined
      ? [`renewed in ${inPlaces(ends.length, now.length)}, now ends ${ends[0].slice(0, 10)} UTC`]
      : []),
    ...(of('other') > 0 ? [`another one that ends no later in ${inPlaces(of('other'), now.length)}`] : []),
    ...(of('gone') > 0 ? [`gone from ${inPlaces(of('gone'), now.length)}`] : []),
    ...(of('unread') > 0 ? [`not readable in ${inPlaces(of('unread'), now.length)}`] : []),
  ];
  const isDone = unread === '' && of('renewed') + of('gone') === line.places.length;
  return { says: `${parts.join('; ')}.${unread}`, isDone };
}

function inPlaces(n: number, all: number): string {
  if (all === 1) return 'its place';
  return n === all ? `all ${all} places` : `${n} of ${all} places`;
}

function trouble(
  line: TroubleLine,
  readings: readonly NodeCertificates[],
  clusters: readonly DigestCluster[],
  unread: string,
): Rechecked {
  const found = finished(troubleSteps(readings, itemsOf(readings, clusters))).find(
    ({ item }) => item === line.item,
  );
  if (found !== undefined) return { says: `still so: ${found.says}${unread}`, isDone: false };
  return { says: `not so any more.${unread}`, isDone: unread === '' };
}
