import { digestOf } from '../core/canonical.js';
import type { NodeCertificates } from '../core/certificate.js';
import { finished, type Steps } from '../core/steps.js';
import { bands, type Band } from './bands.js';
import type { Edition, RotationLine, TroubleLine, TurnLine } from './edition.js';
import { hushEnd, type Hush } from './hush.js';
import { itemSteps, type DigestCluster, type Item } from './item.js';
import { certificateLines, grouped, type Choosing, type Grouped } from './lines.js';
import { compare, groupBy, rememberClusters, type Compared, type Memory, type Turn } from './memory.js';
import { rotationsDue } from './rotation.js';
import { troubleSteps, type Trouble } from './trouble.js';
import { yearAhead } from './year-ahead.js';

/** Everything that an edition is made of. */
export interface EditionInput
  extends Pick<Edition, 'id' | 'channel' | 'date' | 'zone' | 'isLate' | 'isWeekly' | 'asked'> {
  readonly nowMs: number;
  readonly readings: readonly NodeCertificates[];
  /** The clusters that the targets belong to. */
  readonly clusters: readonly DigestCluster[];
  /** What the last edition of this channel left; null for the first one. */
  readonly memory: Memory | null;
  /** What people said, by item id. */
  readonly hushes: ReadonlyMap<string, Hush>;
  /** Owners that people assigned, by item id: they go before those of the inventory. */
  readonly owners: ReadonlyMap<string, string>;
}

export interface BuiltEdition {
  readonly edition: Edition;
  /** For the next one of the channel. */
  readonly memory: Memory;
  /** What is kept under the id of the place before must be kept under the new one: `[before, now]`. */
  readonly moves: readonly (readonly [string, string])[];
}

/** Makes one edition out of what was read and what was remembered. Pure: the same input gives the same edition. */
export function buildEdition(input: EditionInput): BuiltEdition {
  return finished(editionSteps(input));
}

/** The same in short steps, for an edition of thousands of certificates keeps everything else waiting. */
export function* editionSteps(input: EditionInput): Steps<BuiltEdition> {
  const { nowMs, readings, clusters, memory } = input;
  const at = new Date(nowMs).toISOString();
  const read = yield* compare(yield* itemSteps(readings, clusters), readings, memory);
  const compared = { ...read, items: read.items.map((item) => owned(item, read, input)) };
  const choosing: Choosing = {
    editionId: input.id,
    nowMs,
    isWeekly: input.isWeekly,
    withinDays: input.asked?.withinDays ?? null,
    lastAt: memory?.at ?? null,
    hushes: input.hushes,
  };
  yield;
  const groups = yield* grouped(compared, choosing);
  yield;
  const remembered = rememberClusters(clusters, memory, at);
  const rotations = rotationLines(input, compared, remembered);
  yield;
  const troubles = troubleLines(yield* troubleSteps(readings, compared.items), input);
  yield;
  const turns = turnLines(compared.turns);
  yield;
  const listed = certificateLines(groups, compared, choosing);
  yield;
  const nextExpiry = nextOf(groups, nowMs);
  yield;
  const endings = groups.map(({ items }) => ({ notAfter: items[0]?.notAfter ?? at, owner: ownerOf(items) }));
  yield;
  const year = yearAhead(endings, nowMs);
  yield;
  const { id, channel, date, zone, isLate, isWeekly, asked } = input;
  const edition: Edition = {
    ...{ id, channel, date, zone, isLate, isWeekly, asked, at },
    since: memory?.date ?? null,
    checked: {
      certificates: compared.items.filter(({ lastSeen }) => lastSeen === null).length,
      hosts: readings.filter(({ error }) => error === null).length,
    },
    notChecked: readings.flatMap(({ target, error }) =>
      error === null ? [] : [{ target, why: error.message }],
    ),
    counts: countsOf(groups),
    lines: [...listed, ...troubles.lines, ...rotations],
    turns,
    delta: deltaOf(turns),
    hushed: hushedOf(groups, troubles.hushed),
    nextExpiry,
    year,
  };
  yield;
  return { edition, memory: memoryOf(edition, groups, remembered, rotations), moves: movesOf(read) };
}

function owned(item: Item, { movedFrom }: Compared, { owners }: EditionInput): Item {
  const owner = owners.get(item.id) ?? owners.get(movedFrom.get(item.id) ?? '');
  return owner === undefined ? item : { ...item, owner };
}

function ownerOf(items: readonly Item[]): string | null {
  return items.find(({ owner }) => owner !== null)?.owner ?? null;
}

function rotationLines(
  { id, clusters, nowMs, isWeekly, asked, hushes }: EditionInput,
  { items }: Compared,
  remembered: Memory['clusters'],
): readonly RotationLine[] {
  return rotationsDue(clusters, items, remembered, nowMs).flatMap((due): RotationLine[] => {
    const hush = hushes.get(due.item);
    const isQuiet =
      hush !== undefined && hushEnd(hush, { band: 'later', version: due.version }, nowMs) === null;
    const isTold = remembered.find(({ name }) => name === due.cluster)?.reminded === due.version;
    if (isQuiet || (isTold && !isWeekly && asked === null)) return [];
    return [{ kind: 'rotation', id: lineId(id, due.item), ...due }];
  });
}

function troubleLines(
  troubles: readonly Trouble[],
  { id, hushes, nowMs }: EditionInput,
): { readonly lines: readonly TroubleLine[]; readonly hushed: readonly Hush[] } {
  const said = troubles.map((trouble) => {
    const hush = hushes.get(trouble.item);
    const isQuiet =
      hush !== undefined && hushEnd(hush, { band: 'later', version: trouble.version }, nowMs) === null;
    const line: TroubleLine = { kind: 'trouble', id: lineId(id, trouble.item), ...trouble };
    return { line, hush: isQuiet ? hush : null };
  });
  return {
    lines: said.flatMap(({ line, hush }) => (hush === null ? [line] : [])),
    hushed: said.flatMap(({ hush }) => (hush === null ? [] : [hush])),
  };
}

function lineId(edition: string, item: string): string {
  return digestOf([edition, item]).slice(0, 20);
}

function turnLines(turns: readonly Turn[]): readonly TurnLine[] {
  const groups = groupBy(turns, (turn) => `${turn.kind} ${turn.item.fingerprint}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { kind, item } = first;
    const { name, target, path, label, notAfter } = item;
    const notAfterBefore = 'before' in first ? first.before.notAfter : null;
    return [{ kind, name, target, path, label, places: group.length, notAfter, notAfterBefore }];
  });
}

function deltaOf(turns: readonly TurnLine[]): Edition['delta'] {
  const count = (kind: TurnLine['kind']): number => turns.filter((turn) => turn.kind === kind).length;
  return { new: count('new'), renewed: count('renewed'), gone: count('gone') };
}

function countsOf(groups: readonly Grouped[]): Record<Band, number> {
  const counts = Object.fromEntries(bands.map((band) => [band, 0])) as Record<Band, number>;
  for (const { band, loud } of groups) if (loud.length > 0) counts[band] += 1;
  return counts;
}

function hushedOf(groups: readonly Grouped[], troubles: readonly Hush[]): Edition['hushed'] {
  // One that is quiet in some places only is listed for the others.
  const quiet = groups.flatMap(({ loud, hush }) => (loud.length === 0 && hush !== null ? [hush] : []));
  const count = (kind: Hush['kind']): number =>
    [...quiet, ...troubles].filter((hush) => hush.kind === kind).length;
  return { acknowledged: count('acknowledged'), snoozed: count('snoozed') };
}

function nextOf(groups: readonly Grouped[], nowMs: number): string | null {
  let next: { readonly end: string; readonly ms: number } | null = null;
  for (const { items } of groups) {
    const end = items[0]?.notAfter;
    const ms = Date.parse(end ?? '');
    if (end !== undefined && ms >= nowMs && (next === null || ms < next.ms)) next = { end, ms };
  }
  return next?.end ?? null;
}

function memoryOf(
  { date, at }: Edition,
  groups: readonly Grouped[],
  clusters: Memory['clusters'],
  rotations: readonly RotationLine[],
): Memory {
  const reminded = new Map(rotations.map(({ cluster, version }) => [cluster, version]));
  return {
    date,
    at,
    items: groups.flatMap(({ items, band }) => items.map((item) => ({ item, band }))),
    clusters: clusters.map((one) => ({ ...one, reminded: reminded.get(one.name) ?? one.reminded })),
  };
}

function movesOf({ movedFrom }: Compared): BuiltEdition['moves'] {
  return [...movedFrom].map(([now, before]) => [before, now] as const);
}
