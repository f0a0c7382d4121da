import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bench, type Bench } from './bench.js';
import { readKept } from './keep.js';
import { hostTime, machineFacts, takenBetween, type MachineFacts } from './machine.js';
import { isThere } from './peers.js';
import { benches } from './registry.js';
import { runBenches } from './run-benches.js';
import { atMost, resultText, tableText, timesBetter, type Row } from './table.js';
import { temporaryFolder } from '../temporary-folder.js';

const counting = (name: string, ran: number[]): Bench =>
  bench({
    name,
    title: `counts to ${name}`,
    full: 1000,
    quick: 10,
    run: (size: number) => {
      ran.push(size);
      return Promise.resolve({
        rows: [{ tool: 'ours', 'wall s': size / 1000 }],
        targets: [atMost('counted', size, 500, 'numbers')],
        notes: ['counted by hand'],
        pictures: [
          {
            ...{ name, title: 'Counted', kind: 'lines' },
            ...{ x: { title: 'numbers' }, y: { title: 'seconds', isLog: true } },
            series: [
              {
                name: 'ours',
                points: [
                  [1, 0.1],
                  [size, 1],
                ],
              },
            ],
            target: { text: 'promised', y: 0.5 },
          },
        ],
      } as const);
    },
  });
const failing: Bench = { name: 'fails', title: 'fails', run: () => Promise.reject(new Error('no such lab')) };

const facts: MachineFacts = {
  ...{
    cores: 2,
    processor: 'Any',
    memoryBytes: 4 * 2 ** 30,
    system: 'Linux 6.1',
    node: 'v24.1.0',
    load: 0.5,
  },
  programs: { Redis: '8.0.2', OpenSSH: '10.0p2', pdsh: null },
};

async function called(words: readonly string[], known: readonly Bench[]) {
  const said: string[] = [];
  const root = temporaryFolder();
  const status = await runBenches(words, {
    benches: known,
    root,
    say: (text) => said.push(text),
    facts: () => Promise.resolve(facts),
  });
  return { status, text: said.join('\n'), root };
}

describe('npm run bench', () => {
  it('runs what is named, in the small size where that is asked for, and says what the machine is', async () => {
    const ran: number[] = [];
    const { status, text, root } = await called(['b', '--quick'], [counting('a', ran), counting('b', ran)]);
    expect([status, ran]).toEqual([0, [10]]);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'machine  2 cores (Any), 4.0 GiB, Linux 6.1',
      'with     Node v24.1.0, Redis 8.0.2, OpenSSH 10.0p2, pdsh missing',
      'load     0.50 over the last minute',
    ]);
    expect(text).toContain('== b: counts to b');
    expect(text).not.toContain('counts to a');
    expect(existsSync(join(root, 'test'))).toBe(false);
  });

  it('refuses a name or an option that it does not know before anything runs, and names those there are', async () => {
    const ran: number[] = [];
    const known = [counting('a', ran), counting('b', ran)];
    expect(await called(['a', 'c'], known)).toMatchObject({
      ...{ status: 64, text: 'Unknown benchmark "c". There are a, b.' },
    });
    expect(await called(['--kepp'], known)).toMatchObject({
      ...{ status: 64, text: 'Unknown option --kepp. There are --quick, --keep, --list.' },
    });
    expect(ran).toEqual([]);
    expect(await called(['--list'], known)).toMatchObject({
      status: 0,
      text: 'a  counts to a\nb  counts to b',
    });
  });

  it('runs the rest where one fails, and ends with 1; a target that is missed is no failure', async () => {
    const ran: number[] = [];
    const { status, text } = await called([], [failing, counting('a', ran)]);
    expect([status, ran]).toEqual([1, [1000]]);
    expect(text).toContain('== fails: FAILED\nError: no such lab');
    expect(text).toContain('MISSED  counted: 1000 numbers (target: at most 500 numbers)');
    expect(text).toContain('\nFAILED: fails');
    expect((await called(['a'], [counting('a', ran)])).status).toBe(0);
  });

  it('keeps the last figures of each with date, sources and machine, and draws them', async () => {
    const { text, root } = await called(['a', '--keep'], [counting('a', [])]);
    expect(text).toContain('kept    test/bench/results/a.json');
    const kept = readKept(root).get('a');
    expect(kept).toMatchObject({ commit: 'unknown', isDirty: true, quick: false });
    expect(kept?.date).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(kept?.facts).toEqual(facts);
    expect(kept?.result.rows).toEqual([{ tool: 'ours', 'wall s': 1 }]);
    const svg = readFileSync(join(root, 'docs/images/bench-a.svg'), 'utf8');
    expect(svg).toMatch(/^<svg /);
    for (const word of ['Counted', 'numbers', 'seconds', 'promised']) expect(svg).toContain(`>${word}<`);
    expect(svg).not.toMatch(/undefined|NaN/);
  });

  it('finds out what the machine is; a program without a version is missing', async () => {
    const found = await machineFacts();
    expect(found).toMatchObject({ node: process.version, cores: cpus().length });
    expect(found.memoryBytes).toBe(totalmem());
    for (const [name, version] of Object.entries(found.programs))
      expect([name, version]).toEqual([
        name,
        version === null ? null : expect.stringMatching(/^(?:\d|there)/),
      ]);
  }, 60_000);

  it('has benchmarks of different names', () => {
    expect(new Set(benches.map(({ name }) => name)).size).toBe(benches.length);
  });
});

describe('a table', () => {
  it('has numbers to the right, words to the left, and a dash for what is not known', () => {
    const rows: Row[] = [
      { tool: 'aixops, cold', nodes: 2000, 'wall s': 7.123 },
      { tool: 'pdsh', nodes: 100, 'wall s': NaN, 'peak MB': 12.34 },
    ];
    expect(tableText(rows).split('\n')).toEqual([
      'tool          nodes  wall s  peak MB',
      '------------  -----  ------  -------',
      'aixops, cold   2000    7.12        –',
      'pdsh            100       –     12.3',
    ]);
  });

  it('is printed with what was promised and what is missing', () => {
    const result = {
      ...{ bench: 'x', title: 'a title', rows: [{ a: 1 }] },
      targets: [timesBetter('faster', 100, 10, 10), timesBetter('cheaper', 99, 10, 10)],
      notes: ['nobody is missing on this machine (Debian: nobody)'],
    };
    expect(resultText(result).split('\n').slice(4)).toEqual([
      '1',
      'met     faster: 10 times (target: at least 10 times)',
      'MISSED  cheaper: 9.90 times (target: at least 10 times)',
      'note    nobody is missing on this machine (Debian: nobody)',
    ]);
  });

  it('does not take a program for there that is not', () => {
    expect([isThere('sh'), isThere('aixops-no-such-program')]).toEqual([true, false]);
  });
});

describe('what the host of a machine keeps from it', () => {
  it('is the share of stolen time between two looks', () => {
    const file = join(temporaryFolder(), 'stat');
    writeFileSync(file, 'cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n');
    const before = hostTime(file);
    expect(before).toEqual({ all: 1_000, taken: 35 });
    writeFileSync(file, 'cpu  150 0 60 810 10 0 5 65 0 0\n');
    expect(takenBetween(before, hostTime(file))).toBeCloseTo(0.3);
  });

  it('is nothing where the system does not tell', () => {
    const file = join(temporaryFolder(), 'stat');
    writeFileSync(file, 'cpu  100 0 x 800\n');
    expect(hostTime(file)).toBeNull();
    expect(hostTime(join(file, 'none'))).toBeNull();
    expect(takenBetween(null, { all: 1, taken: 1 })).toBe(0);
    expect(takenBetween({ all: 1, taken: 1 }, { all: 1, taken: 1 })).toBe(0);
  });
});
