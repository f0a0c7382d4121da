import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { yearAhead, yearInWords } from '../../src/digest/year-ahead.js';
import { drawYear, yearSvg } from '../../src/picture/year.js';

const now = Date.parse('2026-11-21T07:30:00Z');
const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();

/** For a person to look at, where AIXOPS_SCREENSHOTS names a folder. */
function keep(name: string, png: Buffer): void {
  const folder = process.env['AIXOPS_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), png);
}

function pngSize(png: Buffer): { width: number; height: number } {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

const owners = ['@unix-oncall', '@nim-team', '@erp-basis', '@db2-dba', '@backup', null, '@web', '@mq-team'];
const examples = {
  none: [],
  one: [{ notAfter: inDays(45), owner: '@unix-oncall' }],
  busy: Array.from({ length: 90 }, (_, n) => ({
    notAfter: inDays((n * n * 7) % 400),
    owner: owners[(n * 5) % 4] ?? null,
  })),
  five_hundred: Array.from({ length: 500 }, (_, n) => ({
    notAfter: inDays(((n * 37) % 500) - 20),
    owner: owners[n % 8] ?? null,
  })),
  long_names: Array.from({ length: 24 }, (_, n) => ({
    notAfter: inDays(n * 16),
    owner: `The department <b>&" that looks after the middleware of subsidiary number ${n % 7}`,
  })),
};

describe('the picture of the year ahead', () => {
  it.each(Object.entries(examples))('is a sharp PNG with %s', async (name, endings) => {
    const png = await drawYear(yearAhead(endings, now));
    expect(pngSize(png)).toEqual({ width: 2000, height: 1040 });
    expect(png.length).toBeLessThan(400_000);
    keep(`year-${name}`, png);
  });

  it('holds the total of each month, and no text of an owner as markup', async () => {
    const svg = await yearSvg(yearAhead(examples.long_names, now));
    expect(svg).not.toContain('<b>');
    expect(svg).toContain('The department &lt;… number 3 (');
    const month = yearAhead(examples.five_hundred, now).owners.reduce(
      (n, { counts }) => n + (counts[0] ?? 0),
      0,
    );
    expect(await yearSvg(yearAhead(examples.five_hundred, now))).toContain(`>${month}</text>`);
  });

  it('is the same picture where a thread draws it, as in what is built', async () => {
    const built = new URL('../../dist/src/picture/year.js', import.meta.url).href;
    const { drawYear: drawInThread } = (await import(built)) as { drawYear: typeof drawYear };
    const year = yearAhead(examples.busy, now);
    expect((await drawInThread(year)).equals(await drawYear(year))).toBe(true);
  });

  it('is the same picture for the same certificates', async () => {
    const year = yearAhead(examples.busy, now);
    expect((await drawYear(year)).equals(await drawYear(year))).toBe(true);
  });
});

describe('the year ahead', () => {
  it('counts months in UTC, what has expired and what is later apart, and nobody’s for themselves', () => {
    const year = yearAhead(
      [
        { notAfter: '2026-11-30T23:59:59Z', owner: 'a' },
        { notAfter: '2026-12-01T00:00:00Z', owner: null },
        { notAfter: '2026-11-21T07:29:59Z', owner: 'a' },
        { notAfter: '2027-10-31T23:59:59Z', owner: 'a' },
        { notAfter: '2027-11-01T00:00:00Z', owner: 'a' },
        { notAfter: '2055-01-01T00:00:00Z', owner: 'a' },
      ],
      now,
    );
    expect(year.months).toHaveLength(12);
    expect([year.months[0], year.months[11]]).toEqual(['2026-11', '2027-10']);
    expect(year.owners).toEqual([
      { owner: 'a', counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] },
      { owner: null, counts: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
    ]);
    expect([year.expired, year.later]).toEqual([1, 2]);
  });

  it('tells six owners apart and puts the rest together, but never those of nobody', () => {
    const year = yearAhead(
      Array.from({ length: 60 }, (_, n) => ({
        notAfter: inDays(20),
        owner: n === 59 ? null : `team-${n % 9}`,
      })),
      now,
    );
    expect(year.owners.map(({ owner }) => owner)).toHaveLength(6);
    expect(year.owners.at(-2)?.owner).toBeNull();
    expect(year.owners.at(-1)?.owner).toBe('others');
    expect(year.owners.flatMap(({ counts }) => counts).reduce((a, b) => a + b, 0)).toBe(60);
  });

  it('says in words what the picture shows', () => {
    expect(yearInWords(yearAhead(examples.one, now))).toBe(
      'Certificates that end in the next twelve months, 1 in all: Jan 2027 1. By owner: @unix-oncall 1.',
    );
    expect(yearInWords(yearAhead([], now))).toBe(
      'Certificates that end in the next twelve months, 0 in all: none.',
    );
  });
});
