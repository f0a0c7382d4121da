/** The figures of docs/capacity.md and its pictures are those of the kept results. `npm run manual` writes them anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picturesFolder, picturesOf, readKept, type Kept } from '../bench/keep.js';
import { benches } from '../bench/registry.js';
import { filledPage, placesOf } from './reference/capacity.js';
import { hmcSweepS, loginSweepS, needOf, type Measured } from './reference/capacity-model.js';
import { root } from './pages.js';

const file = join(root, 'docs/capacity.md');
const kept = readKept(root);

describe('docs/capacity.md', () => {
  it('has the figures that are kept (if not: npm run manual)', async () => {
    const text = filledPage(readFileSync(file, 'utf8'), kept);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
    await expect(text).toMatchFileSnapshot(file);
  });

  it('has a place for each benchmark, and no other', () => {
    const places = placesOf(readFileSync(file, 'utf8'));
    expect(new Set(places).size).toBe(places.length);
    for (const name of [...kept.keys(), ...benches.map((one) => one.name)]) expect(places).toContain(name);
  });

  it('keeps figures of benchmarks that there are, with the machine and the sources they are from', () => {
    for (const [name, one] of kept) {
      expect(benches.map((bench) => bench.name)).toContain(name);
      expect(one).toMatchObject({ result: { bench: name }, commit: expect.any(String) as string });
      expect(one.facts.cores).toBeGreaterThan(0);
    }
  });

  it('has the pictures of those figures, and no others (if not: npm run manual)', async () => {
    const drawn = Object.assign({}, ...(await Promise.all([...kept.values()].map(picturesOf)))) as Record<
      string,
      string
    >;
    for (const [path, svg] of Object.entries(drawn)) await expect(svg).toMatchFileSnapshot(join(root, path));
    const there = readdirSync(join(root, picturesFolder)).filter((name) => name.startsWith('bench-'));
    expect(there.map((name) => join(picturesFolder, name)).sort()).toEqual(Object.keys(drawn).sort());
  });
});

describe('a place of the page', () => {
  const page = 'Text.\n\n<!-- bench: one-node -->\nold\n<!-- end -->\n\nMore.\n';

  it('says how its figures are measured where none are kept', () => {
    expect(filledPage(page, new Map())).toBe(
      'Text.\n\n<!-- bench: one-node -->\n\n*No figures are kept yet: `npm run bench -- one-node --keep` measures them here.*\n\n<!-- end -->\n\nMore.\n',
    );
  });

  it('says plainly what was missed, on which machine, and that it was busy or held up', () => {
    const one: Kept = {
      ...{ date: '2026-01-02T03:04:05.000Z', commit: '0123456789ab', isDirty: true, quick: true, seconds: 9 },
      ...{ othersUse: 0.5, hostTook: 0.2 },
      facts: {
        ...{
          cores: 2,
          processor: 'Any',
          memoryBytes: 1,
          system: 'Linux',
          node: 'v24.0.0',
          load: 1,
          programs: {},
        },
      },
      result: {
        ...{ bench: 'one-node', title: 'x', rows: [{ tool: 'ours', 'wall s': 1.234 }] },
        ...{ targets: [{ text: 'fast', isMet: false }], notes: ['pdsh is missing'] },
      },
    };
    const filled = filledPage(page, new Map([['one-node', one]]));
    for (const part of [
      '| tool | wall s |\n|---|---|\n| ours | 1.23 |',
      '- **MISSED**: fast',
      '- pdsh is missing.',
      '*2026-01-02, commit 0123456789ab with changes, in the small size, on 2 cores (Any), while others used 50 % of its processors, while its host kept 20 % of their time from it; Node v24.0.0.*',
    ])
      expect(filled).toContain(part);
  });

  it('is refused where nothing is made for it', () => {
    const figures = {
      ...{ coldCpuMs: 5, warmCpuMs: 1, idleRssBytes: 1e8, connectionRssBytes: 1e5, redisIdleBytes: 2e6 },
      ...{ redisBytesPerRequest: 1e4, redisBytesPerSweptNode: 1e3 },
    };
    const measured = new Map([['memory', { result: { figures } } as unknown as Kept]]);
    expect(() => filledPage('<!-- model: nothing -->\n<!-- end -->', measured)).toThrow(/"nothing"/);
  });
});

describe('the model', () => {
  const measured: Measured = {
    ...{ coldCpuMs: 6, warmCpuMs: 1.5, idleRssBytes: 130e6, connectionRssBytes: 100e3, redisIdleBytes: 2e6 },
    ...{ redisBytesPerRequest: 13e3, redisBytesPerSweptNode: 500 },
  };

  it('adds the way there and back to the work, and shares the work alone', () => {
    expect(loginSweepS(1_000, { roundTrips: 6, cpuMs: 6, delayMs: 50, workers: 1 })).toBeCloseTo(6.32);
    expect(loginSweepS(1_000, { roundTrips: 6, cpuMs: 6, delayMs: 50, workers: 2 })).toBeCloseTo(3.32);
  });

  it('takes as many workers as time and memory want, and two where one would do', () => {
    expect(needOf(100, measured)).toMatchObject({ workers: 2, hmcs: 1 });
    // 100,000 × 6 ms are 600 s of work for a minute; 10 GB of connections for 570 MB each.
    expect(needOf(100_000, measured).workers).toBe(18);
    expect(needOf(100_000, { ...measured, connectionRssBytes: 10e3 }).workers).toBe(10);
  });

  it('lets HMCs work side by side, and each on its own systems after one another', () => {
    expect(hmcSweepS(32)).toBeGreaterThan(hmcSweepS(1));
    const [one, another] = [needOf(1_000_000, measured), needOf(100_000, measured)];
    expect(one.hmcSweepS).toBe(another.hmcSweepS);
  });
});
