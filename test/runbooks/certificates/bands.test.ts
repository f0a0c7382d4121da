import { describe, expect, it } from 'vitest';
import { bandOf, bands, daysLeft } from '../../../src/runbooks/certificates/bands.js';

const dayMs = 86_400_000;
const now = Date.parse('2027-03-10T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** A certificate of a year's life or more that ends so many milliseconds from now. */
const ending = (ms: number) => ({ notBefore: iso(now + ms - 400 * dayMs), notAfter: iso(now + ms) });
/** One of so many days' life of which so many are left. */
const shortLived = (life: number, left: number) => ({
  notBefore: iso(now + (left - life) * dayMs),
  notAfter: iso(now + left * dayMs),
});

describe('bandOf', () => {
  it.each([
    [-1_000, 'expired'],
    [0, '1d'],
    [dayMs, '1d'],
    [dayMs + 1_000, '7d'],
    [7 * dayMs, '7d'],
    [7 * dayMs + 1_000, '14d'],
    [14 * dayMs, '14d'],
    [14 * dayMs + 1_000, '30d'],
    [30 * dayMs, '30d'],
    [30 * dayMs + 1_000, '90d'],
    [90 * dayMs, '90d'],
    [90 * dayMs + 1_000, 'later'],
  ])('puts an end %i ms away into %s', (ms, band) => {
    expect(bandOf(ending(ms), now)).toBe(band);
  });

  it('keeps a program-renewed certificate quiet until its renewal is late', () => {
    expect(bandOf(shortLived(90, 31), now)).toBe('later');
    expect(bandOf(shortLived(90, 29), now)).toBe('30d');
    expect(bandOf(shortLived(90, 14), now)).toBe('7d');
    expect(bandOf(shortLived(90, 0.5), now)).toBe('1d');
    expect(bandOf(shortLived(1, 0.5), now)).toBe('later');
    expect(bandOf(shortLived(1, 0.25), now)).toBe('30d');
    expect(bandOf(shortLived(1, 0.1), now)).toBe('1d');
    expect(bandOf(shortLived(90, -0.001), now)).toBe('expired');
    expect(bandOf(shortLived(101, 80), now)).toBe('90d');
  });

  it('tells one whose time has not begun, and calls one that can never be valid expired once it has ended', () => {
    const future = { notBefore: iso(now + dayMs), notAfter: iso(now + 400 * dayMs) };
    expect(bandOf(future, now)).toBe('not-yet-valid');
    expect(bandOf({ notBefore: future.notAfter, notAfter: iso(now - dayMs) }, now)).toBe('expired');
    expect(bandOf({ notBefore: future.notAfter, notAfter: future.notBefore }, now)).toBe('not-yet-valid');
  });

  it('knows years beyond 2049 and refuses what is no date', () => {
    expect(bandOf({ notBefore: '2025-01-01T00:00:00Z', notAfter: '2055-01-01T00:00:00Z' }, now)).toBe(
      'later',
    );
    expect(bandOf({ notBefore: '2025-01-01T00:00:00Z', notAfter: '9999-12-31T23:59:59Z' }, now)).toBe(
      'later',
    );
    expect(() => bandOf({ notBefore: '2025-01-01T00:00:00Z', notAfter: 'soon' }, now)).toThrow(TypeError);
  });

  it('lists every band once, the worst first', () => {
    expect(new Set(bands).size).toBe(8);
    expect(bands[0]).toBe('expired');
  });
});

describe('daysLeft', () => {
  it('rounds down, so that nothing looks longer than it is', () => {
    expect(daysLeft(ending(1.9 * dayMs), now)).toBe(1);
    expect(daysLeft(ending(dayMs - 1), now)).toBe(0);
    expect(daysLeft(ending(-1_000), now)).toBe(-1);
    expect(daysLeft(ending(-400 * dayMs), now)).toBe(-400);
  });
});
