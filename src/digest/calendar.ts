/** Calendar days and times of day in IANA zones. Dates are `2026-03-29`, times of day `07:30`; both compare as text. */

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** What clocks on the wall of a zone show. */
export interface LocalTime {
  readonly date: string;
  readonly time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The local date and time of day at `ms` (epoch milliseconds); throws RangeError for a zone that is none. */
export function localTime(ms: number, zone: string): LocalTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const at = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return { date: `${at('year')}-${at('month')}-${at('day')}`, time: `${at('hour')}:${at('minute')}` };
}

/** Making one takes a thousand times longer than using one. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    // ISO years: the digest knows no era.
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** Whether a word is the name of an IANA zone, such as Europe/Berlin or UTC; offsets such as +02:00 are none. */
export function isZone(word: string): boolean {
  if (!/^[A-Za-z]/.test(word)) return false;
  try {
    formatOf(word);
    return true;
  } catch {
    return false;
  }
}

/** The calendar day before. */
export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - dayMs).toISOString().slice(0, 10);
}

/** The day of the week of a calendar day. */
export function weekdayOf(date: string): Weekday {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekdays[(sundayFirst + 6) % 7] ?? 'mon';
}

/** One day of 24 hours, in milliseconds. */
export const dayMs = 86_400_000;

/** Whole days from `fromMs` to an ISO 8601 time, towards zero: 0 is within a day, negative is that long ago. */
export function daysUntil(iso: string, fromMs: number): number {
  return Math.trunc((Date.parse(iso) - fromMs) / dayMs);
}
