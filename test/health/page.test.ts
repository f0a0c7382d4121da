import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/health/readiness.js';
import { isOnPage, saying } from './page.js';

describe('the page on health', () => {
  it('has every check, and no other', () => {
    expect([...saying.keys()].sort()).toEqual(Object.keys(checks).sort());
    for (const [name, rows] of saying) expect(rows.length, name).toBeGreaterThan(0);
  });

  it('has every refusal of Redis that the check knows', () => {
    const source = readFileSync(new URL('../../src/health/redis-checks.ts', import.meta.url), 'utf8');
    const table = /const refusals[^=]*= \{(?<rows>.*?)\n\};/s.exec(source)?.groups?.['rows'] ?? '';
    const known = [...table.matchAll(/^ {2}(?<code>[A-Z]+):\s*'(?<words>[^']+)'/gm)];
    expect(known.length).toBeGreaterThan(5);
    for (const { groups } of known) {
      const sentence = `Redis at redis://10.0.0.1 ${groups?.['words'] ?? ''} (${groups?.['code'] ?? ''})`;
      expect(isOnPage('redis-writable', 'failing', sentence), sentence).toBe(true);
    }
  });

  it('does not take any sentence for its own', () => {
    expect(isOnPage('redis-reached', 'failing', 'Something else entirely.')).toBe(false);
    expect(isOnPage('clock', 'failing', 'The clock could not be compared with that of Redis (x).')).toBe(
      false,
    );
  });
});
