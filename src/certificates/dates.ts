/**
 * Dates as OpenSSL prints them, in UTC always.
 *
 *     Dec  5 01:02:03 2026 GMT
 *     Jan  2 03:04:05 2055 GMT
 *     Dec 31 23:59:59.5 2049 GMT       a fraction, which RFC 5280 forbids and OpenSSL prints
 *
 * What OpenSSL itself could not read is `Bad time value`; a date that lacks `GMT` lost the zone it was written with.
 * Source: OpenSSL 3.0, ASN1_TIME_print.
 */
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pattern =
  /^(?<month>[A-Z][a-z]{2}) (?<day>[ 123]\d) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?:\.\d+)? (?<year>\d{1,4}) GMT$/;

/** The date as ISO 8601 UTC to the second, or null for anything but a real date in OpenSSL's form. */
export function isoDate(printed: string): string | null {
  const groups = pattern.exec(printed)?.groups;
  const month = months.indexOf(groups?.['month'] ?? '');
  if (groups === undefined || month === -1) return null;
  const [year, day, hour, minute, second] = ['year', 'day', 'hour', 'minute', 'second'].map((name) =>
    Number(groups[name]),
  ) as [number, number, number, number, number];
  // Date.UTC takes the years 0 to 99 for those of the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  const real =
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return real ? date.toISOString() : null;
}
