import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.js';
import { aixops } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate();
  await estate.lab.cluster('erp').setScenario('healthy');
}, 60_000);
afterAll(() => estate.stop());

const run = (...args: string[]) => aixops(['run', 'clcomd', '--config', estate.config, ...args]);

describe('aixops run clcomd', { timeout: 60_000 }, () => {
  it('shows who reached whom, for a cluster and for a node that means it', async () => {
    const { code, stdout } = await run('erp1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {6}erp {2}No finding \(4 pairs answered every time; PowerHA /);
    expect(stdout).toContain('erp1       ✓ 3/3  ✓ 3/3');
    expect(stdout).toContain('✓ every try answered');
  });

  it('prints one verdict whose target is the cluster as JSON, and ends as a monitoring plug-in', async () => {
    await estate.lab.node('erp2').setScenario('clcomd-down');
    const { code, stdout } = await run('erp', '--json');
    const verdicts = JSON.parse(stdout) as Verdict[];
    expect(code).toBe(2);
    expect(verdicts.map(({ target, diagnostic, verdict }) => [target, diagnostic, verdict])).toEqual([
      ['erp', 'clcomd', 'crit'],
    ]);
    expect(verdicts[0]?.findings[0]).toMatchObject({ id: 'clcomd.inoperative', fixes: ['clcomd-start'] });
    for (const finding of verdicts[0]?.findings ?? [])
      expect(Object.keys(finding).filter((key) => key !== 'follows')).toEqual([
        'id',
        'severity',
        'title',
        'expected',
        'observed',
        'evidence',
        'fixes',
      ]);
  });

  it('says of a node in no cluster that it is in none', async () => {
    const { code, stderr } = await run('lpar1');
    expect(code).toBe(3);
    expect(stderr).toContain('lpar1 is in no cluster of the inventory.');
  });
});
