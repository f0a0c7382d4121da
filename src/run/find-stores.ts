import type { StoreReading } from '../core/certificate.js';
import type { Evidence, Reading } from '../core/fact.js';
import type { CertificateRule } from '../core/target.js';
import { matchesOf, mostMatches, nextStep } from '../runbooks/certificates/globs.js';
import { storesNamedIn, type NamedStore } from '../runbooks/certificates/named-stores.js';
import {
  emptyStore,
  endedStore,
  foundAt,
  isNothing,
  listedAt,
  type Found,
  type Place,
} from '../runbooks/certificates/places.js';
import type { NodeSession } from './node-session.js';

type PlaceOrStore = { readonly place: Place } | { readonly store: StoreReading };

/**
 * What is at the places that rules declare: globs are expanded one folder at a time, configuration files give way to the
 * stores that they name, and what is missing or no ordinary file ends here. Each path once, in the order of the rules.
 */
export async function findStores(
  session: NodeSession,
  rules: readonly CertificateRule[],
): Promise<readonly Found[]> {
  const places: PlaceOrStore[] = [];
  for (const rule of rules) {
    if (nextStep(rule.path) === null) places.push({ place: placeOf(rule, rule.path) });
    else places.push(...(await expand(session, rule, [rule.path])));
  }
  return followConfigurations(session, await listed(session, once(places)));
}

/** One `find` in each folder that the names before the glob lead to, as often as the path has names with a glob. */
async function expand(
  session: NodeSession,
  rule: CertificateRule,
  paths: readonly string[],
): Promise<readonly PlaceOrStore[]> {
  const steps = paths.flatMap((path) => nextStep(path) ?? []);
  if (steps.length === 0) return existing(session, rule, paths);
  const readings = await session.ask(steps.map(matchesOf));
  const broken: PlaceOrStore[] = [];
  const matches: string[] = [];
  for (const [at, reading] of readings.entries()) {
    const { folder, rest } = steps[at]!; // one reading for each step
    if (reading.kind === 'value') matches.push(...reading.value.map((path) => path + rest));
    else if (!(await isMissing(session, folder)))
      broken.push(unexpanded(rule, 'unreadable', reasonOf(reading), reading.evidence));
  }
  const evidence = readings[0]!.evidence; // there is at least one step
  if (matches.length > mostMatches) {
    const reason = `It fits ${matches.length} paths, and at most ${mostMatches} are read. Declare a narrower one.`;
    return [unexpanded(rule, 'refused', reason, evidence)];
  }
  if (matches.length > 0) {
    const isLast = steps.every(({ rest }) => rest === '');
    const found = isLast ? matches.map((path) => ({ place: placeOf(rule, path) })) : null;
    return [...(found ?? (await expand(session, rule, matches))), ...broken];
  }
  if (broken.length > 0) return broken;
  return [unexpanded(rule, 'missing', 'Nothing on the node fits this path.', evidence)];
}

/** Of the paths that end in plain names behind a glob, those that exist: the others were never promised. */
async function existing(
  session: NodeSession,
  rule: CertificateRule,
  paths: readonly string[],
): Promise<readonly PlaceOrStore[]> {
  const listings = await session.ask(paths.map(listedAt));
  const there = paths.filter((_, at) => !isNothing(listings[at]));
  if (there.length > 0) return there.map((path) => ({ place: placeOf(rule, path) }));
  const evidence = listings[0]!.evidence; // who comes here has at least one path
  return [unexpanded(rule, 'missing', 'Nothing on the node fits this path.', evidence)];
}

/** Whether `find` failed only because there is no such folder, or something else than a folder. */
async function isMissing(session: NodeSession, folder: string): Promise<boolean> {
  const [listing] = await session.ask([listedAt(folder)]);
  return isNothing(listing) || (listing?.kind === 'value' && !listing.value.mode.startsWith('d'));
}

async function listed(session: NodeSession, places: readonly PlaceOrStore[]): Promise<readonly Found[]> {
  const asked = places.flatMap((one) => ('place' in one ? [one.place] : []));
  const readings = await session.ask(asked.map(({ path }) => listedAt(path)));
  const found = new Map(asked.map((place, at) => [place, foundAt(place, readings[at]!)])); // one reading each
  return places.map((one) => ('place' in one ? found.get(one.place)! : { kind: 'ended', store: one.store }));
}

/** Configuration files are asked for the directives that name a store; what they name takes their place, at the end. */
async function followConfigurations(
  session: NodeSession,
  found: readonly Found[],
): Promise<readonly Found[]> {
  const configurations = found.flatMap((one) => {
    const fact = one.kind === 'file' ? storesNamedIn(one.place.path) : null;
    return one.kind === 'file' && fact !== null ? [{ one, fact }] : [];
  });
  if (configurations.length === 0) return found;
  const readings = await session.ask(configurations.map(({ fact }) => fact));
  const named = configurations.flatMap(({ one }, at) => namedBy(one.place, readings[at]!)); // one reading each
  const isConfiguration = new Set<Found>(configurations.map(({ one }) => one));
  const kept = found.filter((one) => !isConfiguration.has(one));
  const known = new Set(kept.map((one) => (one.kind === 'file' ? one.place.path : one.store.path)));
  const others = once(named).filter((one) => !('place' in one) || !known.has(one.place.path));
  return [...kept, ...(await listed(session, others))];
}

function namedBy(place: Place, reading: Reading<readonly NamedStore[]>): readonly PlaceOrStore[] {
  const { evidence } = reading;
  const unreadable = (reason: string): PlaceOrStore => ({
    store: endedStore(place, { status: 'unreadable', reason, evidence }),
  });
  if (reading.kind !== 'value') return [unreadable(reasonOf(reading))];
  // A file that names no store is read: nothing of it can expire.
  if (reading.value.length === 0) return [{ store: emptyStore(place, evidence) }];
  return reading.value.map((named) =>
    named.kind === 'problem'
      ? unreadable(`It ${named.problem}`)
      : { place: { ...place, path: named.path, isKdb: named.isKdb } },
  );
}

function placeOf({ owner, passwordFile }: CertificateRule, path: string): Place {
  return { path, owner, passwordFile: passwordFile ?? null, isKdb: false };
}

function unexpanded(
  { path, owner }: CertificateRule,
  status: 'missing' | 'refused' | 'unreadable',
  reason: string,
  evidence: Evidence,
): PlaceOrStore {
  return { store: endedStore({ path, owner }, { status, reason, evidence }) };
}

function reasonOf(reading: Exclude<Reading<unknown>, { kind: 'value' }>): string {
  return reading.kind === 'failure' ? reading.failure.message : reading.error.message;
}

/** The first rule that names a path counts. */
function once(all: readonly PlaceOrStore[]): readonly PlaceOrStore[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const path = 'place' in one ? one.place.path : `${one.store.path} ${one.store.status}`;
    return !seen.has(path) && seen.add(path);
  });
}
