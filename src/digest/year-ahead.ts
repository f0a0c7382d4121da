import type { YearAhead } from './edition.js';
import { groupBy } from './memory.js';

/** What the year ahead needs of a certificate. */
export interface Ending {
  readonly notAfter: string;
  readonly owner: string | null;
}

/** More owners than this are not told apart by colour. */
const ownersAtMost = 6;
/** The name under which the owners with fewest certificates are put together. */
export const otherOwners = 'others';

/** How many certificates end in each of the twelve months from `nowMs` on (epoch milliseconds, UTC months). */
export function yearAhead(endings: readonly Ending[], nowMs: number): YearAhead {
  const months = monthsFrom(nowMs);
  const ahead = endings.filter(({ notAfter }) => Date.parse(notAfter) >= nowMs);
  const inMonths = new Set(months);
  const inYear = ahead.filter(({ notAfter }) => inMonths.has(monthOf(notAfter)));
  const byOwner = [...groupBy(inYear, ({ owner }) => owner ?? '')].map(([name, own]) => ({
    owner: name === '' ? null : name,
    counts: countsIn(months, own),
  }));
  byOwner.sort((a, b) => sum(b.counts) - sum(a.counts) || (a.owner ?? '').localeCompare(b.owner ?? ''));
  return {
    months,
    owners: withOthers(byOwner),
    expired: endings.length - ahead.length,
    later: ahead.length - inYear.length,
  };
}

function countsIn(months: readonly string[], endings: readonly Ending[]): readonly number[] {
  const counts = new Map(months.map((month) => [month, 0]));
  for (const { notAfter } of endings) {
    const month = monthOf(notAfter);
    counts.set(month, (counts.get(month) ?? 0) + 1);
  }
  return months.map((month) => counts.get(month) ?? 0);
}

type Owner = YearAhead['owners'][number];

function withOthers(owners: readonly Owner[]): readonly Owner[] {
  if (owners.length <= ownersAtMost) return owners;
  // Nobody's certificates are never hidden among others.
  const [kept, rest] = [owners.slice(0, ownersAtMost - 1), owners.slice(ownersAtMost - 1)];
  const nobody = rest.find(({ owner }) => owner === null);
  const shown = nobody === undefined ? kept : [...kept.slice(0, -1), nobody];
  const together = owners.filter((owner) => !shown.includes(owner));
  const counts = (together[0]?.counts ?? []).map((_, at) => sum(together.map((one) => one.counts[at] ?? 0)));
  return [...shown, { owner: otherOwners, counts }];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function monthOf(iso: string): string {
  return iso.slice(0, 7);
}

function monthsFrom(nowMs: number): readonly string[] {
  const now = new Date(nowMs);
  return Array.from({ length: 12 }, (_, n) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1)).toISOString().slice(0, 7),
  );
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mar 2026` for `2026-03`. */
export function monthName(month: string): string {
  const [year = '', number = ''] = month.split('-');
  return `${monthNames[Number(number) - 1] ?? number} ${year}`;
}

/** The same as one text, for who cannot see the picture. Plain text. */
export function yearInWords({ months, owners, expired, later }: YearAhead): string {
  const totals = months.map((_, at) => sum(owners.map(({ counts }) => counts[at] ?? 0)));
  const all = sum(totals);
  const filled = months.flatMap((month, at) =>
    (totals[at] ?? 0) > 0 ? [`${monthName(month)} ${totals[at] ?? 0}`] : [],
  );
  const who = owners.map(({ owner, counts }) => `${owner ?? 'no owner'} ${sum(counts)}`);
  const what = all === 0 ? 'none' : `${filled.join(', ')}. By owner: ${who.join(', ')}`;
  const rest = [
    ...(expired > 0 ? [`${expired} expired already`] : []),
    ...(later > 0 ? [`${later} later than that`] : []),
  ];
  const beside = rest.length === 0 ? '' : ` Not in it: ${rest.join(', ')}.`;
  return `Certificates that end in the next twelve months, ${all} in all: ${what}.${beside}`;
}
