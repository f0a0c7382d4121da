import { isWorse, type Band } from './bands.js';

/** Somebody knows of it, or wants to hear of it later. It ends by itself: by date, by a worse band, by another certificate. */
export interface Hush {
  readonly kind: 'acknowledged' | 'snoozed';
  /** Slack user id. */
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Its last moment, ISO 8601 UTC; null for "until the band changes". */
  readonly until: string | null;
  /** What the person wrote; '' for nothing. */
  readonly reason: string;
  /** The band and the fingerprint that it was said of. */
  readonly band: Band;
  readonly version: string;
}

/** What a hush is about, as it is now. */
export interface Hushed {
  readonly band: Band;
  readonly version: string;
}

export type HushEnd = 'date' | 'worse-band' | 'other-certificate';

/** Why a hush does not hold any more; null while it holds. */
export function hushEnd(hush: Hush, now: Hushed, nowMs: number): HushEnd | null {
  if (hush.version !== now.version) return 'other-certificate';
  if (isWorse(now.band, hush.band)) return 'worse-band';
  if (hush.until !== null && nowMs > Date.parse(hush.until)) return 'date';
  return null;
}
