import { digestOf } from '../core/canonical.js';
import type { NodeCertificates, StoreReading } from '../core/certificate.js';
import { flatMapSteps, type Steps } from '../core/steps.js';
import type { TroubleKind } from './edition.js';
import { isDated, isPosition, itemId, type Item } from './item.js';
import { groupBy } from './memory.js';

/** Something besides an end of validity that needs a person, before it is known whether somebody knows of it. */
export interface Trouble {
  readonly trouble: TroubleKind;
  readonly owner: string | null;
  readonly target: string;
  readonly cluster: string | null;
  readonly path: string | null;
  readonly says: string;
  /** What an acknowledgement is kept under, and what ends it when it changes. */
  readonly item: string;
  readonly version: string;
}

/** A clock further off than this is told: such a node may refuse valid certificates, or take ended ones. */
const skewLimitMs = 60_000;

/** Everything but ends of validity that needs a person, in the order of nodes and stores. */
export function* troubleSteps(
  readings: readonly NodeCertificates[],
  items: readonly Item[],
): Steps<readonly Trouble[]> {
  const byTarget = groupBy(
    items.filter((item) => item.lastSeen === null),
    (item) => item.target,
  );
  yield;
  return yield* flatMapSteps(readings, (reading) => [
    ...skewOf(reading),
    ...reading.stores.flatMap((store) => storeTroubles(reading, store)),
    ...servedTroubles(byTarget.get(reading.target) ?? []),
  ]);
}

function skewOf({ target, cluster, clockSkewMs }: NodeCertificates): Trouble[] {
  if (clockSkewMs === null || Math.abs(clockSkewMs) <= skewLimitMs) return [];
  const direction = clockSkewMs > 0 ? 'ahead of' : 'behind';
  const says = `its clock is ${roughly(Math.abs(clockSkewMs))} ${direction} ours: it may refuse valid certificates or take ended ones. Days here count by our clock.`;
  // A drifting clock differs by a second every day: the hour is what counts as another case.
  const version = `${direction} ${Math.round(Math.abs(clockSkewMs) / 3_600_000)}`;
  return [{ ...about({ target, cluster, path: null, owner: null }, 'clock-skew', ''), says, version }];
}

/** `3 min`, `26 h`, `13 days`. */
function roughly(ms: number): string {
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 3 * 86_400_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

function storeTroubles({ target, cluster }: NodeCertificates, store: StoreReading): Trouble[] {
  const place = { target, cluster, path: store.path, owner: store.owner };
  if (store.status === 'missing')
    return [{ ...about(place, 'missing', ''), says: reasonOf(store, 'it is declared and not there') }];
  if (store.status !== 'read')
    return [{ ...about(place, 'unreadable', ''), says: reasonOf(store, 'it could not be read') }];
  return store.certificates.flatMap((stored) => {
    const isRead = stored.certificate !== null && isDated(stored.certificate);
    if (stored.problem === null && isRead) return [];
    const which = isPosition(stored.label) ? `certificate ${stored.label}` : `"${stored.label}"`;
    const problem = stored.problem ?? 'it could not be read';
    return !isRead
      ? [{ ...about(place, 'unreadable', stored.label), says: `${which}: ${problem}`, version: problem }]
      : [
          {
            ...about(place, 'doubt', stored.label),
            says: `${which}, read, but two readers disagree: ${problem}`,
            version: problem,
          },
        ];
  });
}

function reasonOf({ reason }: StoreReading, otherwise: string): string {
  return reason === null || reason.trim() === '' ? otherwise : reason;
}

type Where = Pick<Trouble, 'target' | 'cluster' | 'path' | 'owner'>;

function about(where: Where, trouble: TroubleKind, label: string): Omit<Trouble, 'says'> {
  const item = digestOf([trouble, itemId(where.target, where.path ?? '', label)]).slice(0, 20);
  return { ...where, trouble, item, version: trouble };
}

/**
 * Ports that serve another certificate than the file of that name on the same node: a renewed file whose daemon was not
 * restarted can be seen in no other way.
 */
function servedTroubles(items: readonly Item[]): Trouble[] {
  const isServed = (item: Item): boolean => item.path.startsWith('tls://');
  const files = items.filter((item) => !isServed(item) && item.kind !== 'ca');
  return items.flatMap((served) => {
    if (!isServed(served) || served.kind === 'ca') return [];
    const ofName = files.filter((file) => file.subject === served.subject && file.subject.trim() !== '');
    const [other] = ofName;
    if (other === undefined || ofName.some((file) => file.fingerprint === served.fingerprint)) return [];
    const newer = Date.parse(other.notAfter) > Date.parse(served.notAfter);
    const why = newer
      ? 'The daemon was probably not restarted after the renewal.'
      : 'The file is older than what is served.';
    const says = `serves the certificate that ends ${served.notAfter.slice(0, 10)}, while ${other.path} holds one of that name that ends ${other.notAfter.slice(0, 10)}. ${why}`;
    const { target, cluster, path, owner } = served;
    const version = `${served.fingerprint} ${other.fingerprint}`;
    return [
      {
        ...about({ target, cluster, path, owner: owner ?? other.owner }, 'served-differs', served.label),
        says,
        version,
      },
    ];
  });
}
