/**
 * Dates as GSKit 8 prints them: the form follows the locale, the zone is the host's.
 *
 *     November 15, 2025 11:16:40 AM GMT+01:00
 *     26 July 2025 16:29:37 GMT+01:00
 *     3 February 2026 12:41:52 GMT
 *     2025 6 26 10:52:34 GMT+00:00            year, month, day
 *
 * Source: public captures of GSKit in Storage Protect, MQ and Db2.
 */
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const time = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2}):(?<second>\d{2})(?: (?<half>[AP]M))?`;
const zone = String.raw`GMT(?:(?<sign>[+-])(?<zoneHour>\d{2}):(?<zoneMinute>\d{2}))?`;
const forms = [
  String.raw`(?<month>[A-Z][a-z]{2,8}) (?<day>\d{1,2}), (?<year>\d{4})`,
  String.raw`(?<day>\d{1,2}) (?<month>[A-Z][a-z]{2,8}) (?<year>\d{4})`,
  String.raw`(?<year>\d{4}) (?<month>\d{1,2}) (?<day>\d{1,2})`,
].map((date) => new RegExp(`^${date} ${time} ${zone}$`));

/** The date as ISO 8601 UTC to the second; null for any other form, another zone, or a day that does not exist. */
export function gskitDate(printed: string): string | null {
  const text = printed.replace(/[\s\u00a0\u202f]+/g, ' ').trim();
  const groups = forms.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  const hour = groups === undefined ? null : hourOf(Number(groups['hour']), groups['half']);
  if (groups === undefined || hour === null) return null;
  const [year, day, minute, second] = [groups['year'], groups['day'], groups['minute'], groups['second']].map(
    Number,
  ) as [number, number, number, number];
  const month = monthOf(groups['month'] ?? '');
  const local = new Date(Date.UTC(year, month, day, hour, minute, second));
  const isReal =
    local.getUTCMonth() === month && local.getUTCDate() === day && minute < 60 && second < 60 && year >= 1000;
  const zoneMinutes = Number(groups['zoneHour'] ?? 0) * 60 + Number(groups['zoneMinute'] ?? 0);
  if (!isReal || zoneMinutes > 15 * 60) return null;
  return new Date(local.getTime() - (groups['sign'] === '-' ? -1 : 1) * zoneMinutes * 60_000).toISOString();
}

/** From 0; -1 for what is no month. */
function monthOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) - 1 : months.indexOf(text);
}

/** From 0 to 23, or null for an hour that no clock shows. */
function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour <= 23 ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
}
