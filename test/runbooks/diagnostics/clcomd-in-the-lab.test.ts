import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCertificateParser } from '../../../src/certificates/parser.js';
import type { Verdict } from '../../../src/core/verdict.js';
import type { Inventory } from '../../../src/inventory/inventory.js';
import { loadInventory } from '../../../src/inventory/load.js';
import { examine } from '../../../src/run/examine.js';
import { clcomd } from '../../../src/runbooks/diagnostics/clcomd.js';
import { startLab, type Lab } from '../../lab/lab.js';
import { transportWith } from '../../ssh/targets.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-clcomd-judged-'));
// As long as the program itself has: what is looked at here is no time limit.
const ssh = transportWith({ connectTimeoutMs: 15_000 });
const parser = createCertificateParser();
let lab: Lab;
let inventory: Inventory;

beforeAll(async () => {
  lab = await startLab({ estate: 'clusters', folder: join(folder, 'lab'), settleMs: 200 });
  const files = await lab.writeConfig(join(folder, 'config'));
  const loaded = loadInventory({ folder: dirname(files.inventory), home: folder });
  if (loaded.kind !== 'inventory') throw new Error(JSON.stringify(loaded));
  inventory = loaded.inventory;
}, 60_000);
afterAll(async () => {
  await ssh.close();
  await parser.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const name of lab.clusters) await lab.cluster(name).setScenario('healthy');
});

async function verdictOn(cluster: string): Promise<Verdict> {
  const target = inventory.clusters.get(cluster);
  if (target === undefined) throw new Error(`the lab has no cluster ${cluster}`);
  const tools = { ssh, clock: Date.now, parser };
  const { verdicts } = await examine(clcomd, [target], tools, { nodesAtOnce: 10, fleet: [] });
  const [verdict] = verdicts;
  if (verdict === undefined) throw new Error('there is no verdict');
  return verdict;
}

/** The roots with what they suggest, in their order. */
function roots({ findings }: Verdict): readonly string[] {
  return findings
    .filter(({ follows }) => follows === undefined)
    .map(({ severity, id, fixes }) => [severity, id, ...fixes].join(' '));
}

type Row = readonly [scenario: string, verdict: string, roots: readonly string[], matrix: string];

/** The scenario is that of crm2 of three nodes. The matrix: each caller's answers from crm1, crm2 and crm3. */
const ofOneNode: readonly Row[] = [
  ['healthy', 'ok', [], '333 333 333'],
  ['services-stopped', 'ok', [], '333 333 333'],
  ['rhosts-labels', 'ok', [], '333 333 333'],
  ['certs-missing', 'ok', [], '333 333 333'],
  ['cert-expired-security-off', 'ok', ['ok clcomd.certificate-expired'], '333 333 333'],
  ['one-node-down', 'crit', ['crit node.unreachable'], '303 ??? 303'],
  ['clcomd-down', 'crit', ['crit clcomd.inoperative clcomd-start'], '303 000 303'],
  ['clcomd-not-on-file', 'crit', ['crit clcomd.not-installed'], '303 000 303'],
  ['rhosts-missing', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-empty', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-crlf', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-trailing-space', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-mode', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-unresolvable', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '303 303 303'],
  ['rhosts-not-self', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '333 303 333'],
  ['rhosts-stale', 'crit', ['crit clcomd.rhosts-wrong clcomd-rhosts'], '333 333 303'],
  ['rhosts-owner', 'warn', ['warn clcomd.rhosts-wrong clcomd-rhosts'], '333 333 333'],
  ['rhosts-blank-line', 'warn', ['warn clcomd.rhosts-wrong clcomd-rhosts'], '333 333 333'],
  ['names-differ', 'crit', ['crit clcomd.name-resolution'], '333 330 333'],
  ['name-missing', 'crit', ['crit clcomd.name-resolution'], '333 330 333'],
  ['intermittent-mtu', 'warn', ['warn clcomd.pair-intermittent'], '323 323 323'],
  [
    'intermittent-mtu-expired',
    'warn',
    ['warn clcomd.pair-intermittent', 'ok clcomd.certificate-expired'],
    '323 323 323',
  ],
  ['pair-blocked', 'crit', ['crit clcomd.pair-failing'], '303 033 333'],
  ['into-blocked', 'crit', ['crit clcomd.pair-failing'], '303 333 303'],
  ['out-blocked', 'crit', ['crit clcomd.pair-failing'], '333 030 333'],
  ['out-firewall', 'crit', ['crit clcomd.pair-failing'], '333 030 333'],
  ['clock-skewed', 'crit', ['warn node.clock-skew'], '303 030 303'],
  ['manager-joining', 'warn', ['warn cluster.manager-unstable'], '333 333 333'],
  ['events-waiting', 'warn', ['warn cluster.manager-unstable'], '333 333 333'],
  ['caa-node-down', 'warn', ['warn cluster.manager-unstable'], '333 333 333'],
];

/** The scenario is that of both nodes of erp. */
const ofAllNodes: readonly Row[] = [
  ['security-on', 'ok', [], '33 33'],
  ['cert-expiring', 'warn', ['warn clcomd.certificate-expiring clcomd-renew-certificates'], '33 33'],
  [
    'cert-expired-security-on',
    'crit',
    ['crit clcomd.pair-failing clcomd-refresh', 'crit clcomd.certificate-expired clcomd-renew-certificates'],
    '00 00',
  ],
];

const matrixOf = ({ matrix }: Verdict) =>
  matrix?.answered.map((row) => row.map((answered) => answered ?? '?').join('')).join(' ');

/** What was found, for whoever reads that a row is wrong. */
const seen = ({ findings }: Verdict) =>
  findings.map(({ title, observed }) => `${title} ${observed}`).join('\n');

describe('the verdict on a simulated cluster', { timeout: 60_000 }, () => {
  it.each(ofOneNode)('is right for %s of one node', async (scenario, level, expected, matrix) => {
    await lab.node('crm2').setScenario(scenario);
    const verdict = await verdictOn('crm');
    expect(
      { verdict: verdict.verdict, roots: roots(verdict), matrix: matrixOf(verdict) },
      seen(verdict),
    ).toEqual({
      verdict: level,
      roots: expected,
      matrix,
    });
    expect(verdict.target).toBe('crm');
  });

  it.each(ofAllNodes)('is right for %s of all nodes', async (scenario, level, expected, matrix) => {
    await lab.cluster('erp').setScenario(scenario);
    const verdict = await verdictOn('erp');
    expect(
      { verdict: verdict.verdict, roots: roots(verdict), matrix: matrixOf(verdict) },
      seen(verdict),
    ).toEqual({
      verdict: level,
      roots: expected,
      matrix,
    });
  });

  it('says that the link of an expired certificate to the failure is not proven', async () => {
    await lab.cluster('erp').setScenario('cert-expired-security-on');
    const { findings } = await verdictOn('erp');
    expect(findings.map(({ title }) => title)).toContain(
      'Expired certificate found on erp1 and erp2; link to the failure not proven.',
    );
    expect(JSON.stringify(findings)).not.toMatch(/PRIVATE KEY|Cause found/);
  });

  it('takes half a minute, not several, where tries hang', async () => {
    await lab.node('erp2').setScenario('pair-hangs');
    const began = Date.now();
    const verdict = await verdictOn('erp');
    expect(matrixOf(verdict)).toBe('30 03');
    expect(verdict.findings[0]?.observed).toContain('It did not answer within 30 s.');
    expect(Date.now() - began).toBeLessThan(58_000);
  });

  it('changes nothing on any node', async () => {
    const before = lab.cluster('crm').nodes.map((name) => ({ name, was: lab.node(name).snapshot() }));
    await verdictOn('crm');
    for (const { name, was } of before) expect(lab.node(name).changesSince(was)).toEqual([]);
  });
});
