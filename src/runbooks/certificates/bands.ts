import type { Certificate } from '../../core/certificate.js';

/** How near a certificate's end is, from bad to good; `not-yet-valid` is apart: its time has not begun. */
export type Band = 'expired' | '1d' | '7d' | '14d' | '30d' | '90d' | 'later' | 'not-yet-valid';

/** Worst first: what a list of certificates is sorted by before their dates. */
export const bands = [
  'expired',
  '1d',
  '7d',
  '14d',
  '30d',
  'not-yet-valid',
  '90d',
  'later',
] as const satisfies readonly Band[];

const dayMs = 86_400_000;
/** A certificate that lives no longer is renewed by a program, so its time is counted in parts of its life. */
const shortLifeMs = 100 * dayMs;

type Validity = Pick<Certificate, 'notBefore' | 'notAfter'>;

/**
 * The band of a certificate at `nowMs` (epoch milliseconds, by our own clock and never the node's). An end exactly 7 days
 * away is in `7d`, and the last second of validity is still valid (RFC 5280 §4.1.2.5: both ends are included).
 *
 * With a life of 100 days or less, `30d` stands for "less than a third is left" and `7d` for "less than a sixth" (`1d` where
 * that is less than a day besides): the renewal is late. Before that it is `later`, however few days it is.
 * Throws TypeError for what is not a date: no certificate may look fine by it.
 */
export function bandOf({ notBefore, notAfter }: Validity, nowMs: number): Band {
  const [begins, ends] = [epochMs(notBefore), epochMs(notAfter)];
  const left = ends - nowMs;
  if (left < 0) return 'expired';
  if (nowMs < begins) return 'not-yet-valid';
  const life = ends - begins;
  if (life > shortLifeMs) return byDays(left);
  if (left >= life / 3) return 'later';
  if (left >= life / 6) return '30d';
  return left <= dayMs ? '1d' : '7d';
}

function byDays(left: number): Band {
  const days = left / dayMs;
  if (days <= 1) return '1d';
  if (days <= 7) return '7d';
  if (days <= 14) return '14d';
  if (days <= 30) return '30d';
  return days <= 90 ? '90d' : 'later';
}

/** Whole days from `nowMs` to the end of validity, rounded down; below zero it has ended (-1: within the last day). */
export function daysLeft({ notAfter }: Pick<Certificate, 'notAfter'>, nowMs: number): number {
  return Math.floor((epochMs(notAfter) - nowMs) / dayMs);
}

function epochMs(date: string): number {
  const ms = Date.parse(date);
  if (Number.isNaN(ms)) throw new TypeError(`not a date: ${date}`);
  return ms;
}
