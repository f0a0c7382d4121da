import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.js';
import { openEngine } from './engine.js';
import { record } from './record.js';
import { startReplay } from '../lab/replay/replay-lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-replay-test-'));
const tapeFile = join(folder, 'tape.json');

let taped: Readonly<Record<string, readonly Verdict[]>>;

beforeAll(async () => {
  taped = await record(tapeFile, {
    lpars: 3,
    scenarios: { 2: 'ctrmc-stopped' },
    diagnostics: ['rmc', 'rsct-level'],
  });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a replayed estate', () => {
  it('gives the verdicts of the estate that was taped, for each of its systems', async () => {
    const lab = await startReplay({
      ...{
        tapeFile,
        folder: join(folder, 'plain'),
        hmcs: 2,
        systems: 4,
        lparsPerSystem: 3,
        roundTripMs: 4,
        remoteMs: 0,
      },
      processes: 2,
    });
    const engine = openEngine(lab.config);
    try {
      const deep = await engine.run('rmc', ['all'], { deep: true });
      expect(deep).toHaveLength(12);
      const words = ({ verdict, findings }: Verdict) => [verdict, ...findings.map(({ id }) => id)];
      expect(taped['rmc']?.map(words).map(([verdict]) => verdict)).toEqual(['ok', 'crit', 'ok']);
      for (const [at, verdict] of deep.entries())
        expect([verdict.target, ...words(verdict)]).toEqual([
          verdict.target,
          ...words(taped['rmc']?.[at % 3] ?? verdict),
        ]);
      const fromHmc = await engine.run('rmc', ['all']);
      expect(fromHmc.map(({ verdict }) => verdict)).toEqual(deep.map(({ verdict }) => verdict));
      expect((await engine.run('rsct-level', ['all'])).every(({ verdict }) => verdict === 'ok')).toBe(true);
      const { counts } = await lab.cost();
      // One connection to each node and each HMC, whatever was asked how often.
      expect({ ...counts, answers: 0 }).toMatchObject({ connections: 14, logins: 14, unknown: [] });
    } finally {
      await engine.close();
      await lab.stop();
    }
  }, 60_000);

  it('fails as it is told to, and no such node is called healthy', async () => {
    const lab = await startReplay({
      ...{
        tapeFile,
        folder: join(folder, 'faulty'),
        hmcs: 1,
        systems: 10,
        lparsPerSystem: 1,
        roundTripMs: 0,
        remoteMs: 0,
      },
      faults: { refused: 0.1, cut: 0.1, garbage: 0.2 },
    });
    const engine = openEngine(lab.config);
    try {
      const verdicts = await engine.run('rsct-level', ['all'], { deep: true });
      const faulty = new Map(lab.nodes.map(({ name, fault }) => [name, fault]));
      expect([...faulty.values()].filter((fault) => fault !== null)).toHaveLength(4);
      for (const { target, verdict } of verdicts)
        expect([target, verdict]).toEqual([target, faulty.get(target) === null ? 'ok' : 'unknown']);
    } finally {
      await engine.close();
      await lab.stop();
    }
  }, 60_000);
});
