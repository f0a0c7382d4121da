import { digestOf } from '../core/canonical.js';
import { flatMapSteps, type Steps } from '../core/steps.js';
import { bandOf } from '../runbooks/certificates/bands.js';
import { appears, bands, isBand, isWithin, type Band } from './bands.js';
import type { CertificateLine, LinePlace } from './edition.js';
import { hushEnd, type Hush } from './hush.js';
import type { Item } from './item.js';
import { groupBy, type Compared } from './memory.js';

/** What decides which certificates an edition lists. */
export interface Choosing {
  readonly editionId: string;
  readonly nowMs: number;
  readonly isWeekly: boolean;
  /** null for the daily rules. */
  readonly withinDays: number | null;
  /** When the edition before was made (ISO 8601 UTC); null for none. */
  readonly lastAt: string | null;
  /** By item id. */
  readonly hushes: ReadonlyMap<string, Hush>;
}

/** A certificate with all its places, whether it is listed or not. */
export interface Grouped {
  readonly band: Band;
  readonly items: readonly Item[];
  /** Places of which nobody has said that they know. */
  readonly loud: readonly Item[];
  /** The hush of the first place of which somebody knows; null for none. */
  readonly hush: Hush | null;
  readonly ended: CertificateLine['ended'];
}

/** All certificates, each once, with what people said of its places. */
export function* grouped(compared: Compared, choosing: Choosing): Steps<readonly Grouped[]> {
  const groups = groupBy(compared.items, (item) => item.fingerprint);
  yield;
  return yield* flatMapSteps([...groups.values()], (items) => {
    const [first] = items;
    const band = first === undefined ? 'later' : bandOf(first, choosing.nowMs);
    const said = items.map((item) => hushOf(item, band, compared, choosing));
    const quiet = said.flatMap((one) => (one?.end === null ? [one.hush] : []));
    const ended = said.flatMap((one) => (one?.end == null ? [] : [{ hush: one.hush, why: one.end }]));
    return [
      {
        band,
        items,
        loud: items.filter((_, at) => said[at]?.end !== null),
        hush: quiet[0] ?? null,
        ended: ended.find((one) => isFresh(one, choosing.lastAt)) ?? null,
      },
    ];
  });
}

type Said = { readonly hush: Hush; readonly end: ReturnType<typeof hushEnd> } | null;

function hushOf(item: Item, band: Band, { movedFrom }: Compared, { hushes, nowMs }: Choosing): Said {
  const hush = hushes.get(item.id) ?? hushes.get(movedFrom.get(item.id) ?? '');
  if (hush === undefined) return null;
  return { hush, end: hushEnd(hush, { band, version: item.fingerprint }, nowMs) };
}

/** An end by date is told in the first edition after it; a worse band is told by the band itself, a renewal as one. */
function isFresh({ hush, why }: NonNullable<CertificateLine['ended']>, lastAt: string | null): boolean {
  if (why !== 'date') return why === 'worse-band';
  return lastAt === null || Date.parse(hush.until ?? hush.at) >= Date.parse(lastAt);
}

/** The certificates that this edition lists, worst first: what has ended longest comes first. */
export function certificateLines(
  groups: readonly Grouped[],
  compared: Compared,
  choosing: Choosing,
): readonly CertificateLine[] {
  return groups
    .filter((group) => isListed(group, compared, choosing))
    .map((group) => lineOf(group, choosing))
    .map((line) => ({ line, rank: bands.indexOf(line.band), endMs: Date.parse(line.notAfter) }))
    .sort(worstFirst)
    .map(({ line }) => line);
}

function isListed({ band, loud, ended }: Grouped, { bandBefore }: Compared, choosing: Choosing): boolean {
  const [first] = loud;
  if (first === undefined) return false;
  const { withinDays, isWeekly, nowMs } = choosing;
  if (withinDays !== null) return isWithin(band, first.notAfter, withinDays, nowMs);
  if (ended?.why === 'date' && band !== 'later') return true;
  return loud.some((item) => {
    const before = bandBefore.get(item.id);
    return appears(band, before !== undefined && isBand(before) ? before : undefined, isWeekly);
  });
}

function lineOf({ band, items, loud, ended }: Grouped, { editionId }: Choosing): CertificateLine {
  // A group has one item at least, and a line one that is loud.
  const [first] = loud as readonly [Item, ...Item[]];
  const owners = [...new Set(loud.flatMap(({ owner }) => (owner === null ? [] : [owner])))].sort();
  return {
    kind: 'certificate',
    id: digestOf([editionId, 'certificate', first.fingerprint]).slice(0, 20),
    band,
    owner: owners.length === 0 ? null : owners.join(', '),
    name: first.name,
    subject: first.subject,
    issuer: first.issuer,
    serialEnd: first.serialEnd,
    fingerprint: first.fingerprint,
    type: first.kind,
    notBefore: first.notBefore,
    notAfter: first.notAfter,
    isClusterSecurity: loud.some((item) => item.isClusterSecurity),
    places: loud.map(placeOf),
    quietPlaces: items.length - loud.length,
    ended,
  };
}

function placeOf({ id, target, cluster, path, label, lastSeen }: Item): LinePlace {
  return { item: id, target, cluster, path, label, lastSeen };
}

interface Ranked {
  readonly line: CertificateLine;
  readonly rank: number;
  readonly endMs: number;
}

function worstFirst(a: Ranked, b: Ranked): number {
  const [one, other] = [a.line.fingerprint, b.line.fingerprint];
  return a.rank - b.rank || a.endMs - b.endMs || (one < other ? -1 : Number(one > other));
}
