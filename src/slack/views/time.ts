/** Times as every reader sees them in the own zone, with UTC for clients and readers that draw no date tokens. */

/** A Slack date token for an ISO 8601 time; text that is no time is shown as it is. */
export function when(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return iso.replace(/[<>&]/g, '?');
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${utc(iso)}>`;
}

/** The time of day alone, for what happens within the hour; text that is no time is shown as it is. */
export function timeOfDay(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return iso.replace(/[<>&]/g, '?');
  return `<!date^${Math.floor(ms / 1000)}^{time}|${new Date(ms).toISOString().slice(11, 16)} UTC>`;
}

/** `2026-11-21 03:05 UTC`, for files and plain text; text that is no time is shown as it is. */
export function utc(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return iso.replace(/[<>&]/g, '?');
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `850 ms`, `12 s`, `2 min`, `1 min 30 s`: milliseconds in words. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}
