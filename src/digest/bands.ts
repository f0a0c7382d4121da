import { bands, type Band } from '../runbooks/certificates/bands.js';

export { bands, type Band };

/** Whether a band is nearer to the end, or past it, than another. */
export function isWorse(band: Band, than: Band): boolean {
  return bands.indexOf(band) < bands.indexOf(than);
}

/** Whether a word is one of the bands: what was remembered may come from another version. */
export function isBand(word: string): word is Band {
  return (bands as readonly string[]).includes(word);
}

/**
 * Whether an edition lists a certificate of this band: every day from 7 days on and past the end; between 8 and 30 days on
 * entering a band, and weekly; between 31 and 90 days weekly. `before` is the band of the last edition.
 */
export function appears(band: Band, before: Band | undefined, isWeekly: boolean): boolean {
  switch (band) {
    case 'expired':
    case '1d':
    case '7d':
    case 'not-yet-valid':
      return true;
    case '14d':
    case '30d':
      return isWeekly || before === undefined || isWorse(band, before);
    case '90d':
      return isWeekly;
    case 'later':
      return false;
  }
}

/** A band for one that asks for all that ends within so many days; what has ended and what has not begun is always in. */
export function isWithin(band: Band, notAfter: string, withinDays: number, nowMs: number): boolean {
  if (band === 'expired' || band === 'not-yet-valid') return true;
  return Date.parse(notAfter) - nowMs <= withinDays * 86_400_000;
}
