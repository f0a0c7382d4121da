import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerRun } from '../../src/cli/run.js';
import type { Verdict } from '../../src/core/verdict.js';
import { startLab, type Lab } from '../lab/lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-cli-run-'));
const config = join(folder, 'config');
let lab: Lab;
let printed = '';

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  await lab.writeConfig(config);
  writeFileSync(join(config, 'aixops.yaml'), 'verify: { gapSeconds: 2 }\n');
}, 60_000);
afterAll(async () => {
  process.exitCode = 0;
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  registerRun(program);
  await program.parseAsync(['run', ...args, '--config', config], { from: 'user' });
  return printed;
}

async function verdicts(...args: string[]): Promise<readonly Verdict[]> {
  return JSON.parse(await run(...args, '--json')) as Verdict[];
}

const levels = (found: readonly Verdict[]) =>
  Object.fromEntries(found.map(({ target, verdict }) => [target, verdict]));

describe('aixops run', () => {
  it('asks the HMC first for all, and says so of each LPAR that it did not log in to', async () => {
    const before = lab.node('lpar1').connections();
    const text = await run('rmc', 'all');
    expect(text).toContain('ok      lpar1  No finding (seen from the HMC only (add --deep to log in)).');
    expect(text).toMatch(/warn +lpar5 .*not running.*\(seen from the HMC only \(add --deep to log in\)\)/);
    expect(text).toMatch(/crit +lpar2 /);
    expect(lab.node('lpar1').connections()).toBe(before);
    expect(process.exitCode).toBe(2);
  }, 60_000);

  it('logs in to all with --deep', async () => {
    const before = lab.node('lpar1').connections();
    const found = await verdicts('rmc', 'all', '--deep');
    expect(levels(found)).toMatchObject({ lpar1: 'ok', lpar7: 'ok', lpar8: 'crit' });
    expect(found.every((one) => one.note === undefined)).toBe(true);
    expect(lab.node('lpar1').connections()).toBe(before + 1);
  }, 60_000);

  it('waits and reads again where one look cannot tell', async () => {
    await lab.node('lpar4').setScenario('pending-authentication');
    const began = Date.now();
    const found = await verdicts('rmc', 'lpar4', 'lpar1');
    expect(Date.now() - began).toBeGreaterThanOrEqual(2_000);
    expect(levels(found)).toEqual({ lpar1: 'ok', lpar4: 'crit' });
    expect(found.map((one) => one.target)).toEqual(['lpar1', 'lpar4']);
  }, 60_000);

  it('reads once with --now, and says so', async () => {
    await lab.node('lpar4').setScenario('pending-authentication');
    const found = await verdicts('rmc', 'lpar4', '--now');
    expect(found).toMatchObject([{ target: 'lpar4', verdict: 'warn', note: 'read only once (--now)' }]);
    expect(process.exitCode).toBe(1);
  }, 60_000);

  it('tells clones apart within one call', async () => {
    const nodeId = '1c0de0dd0dd0dd0d';
    await lab.node('lpar1').setScenario({ nodeId });
    await lab.node('lpar7').setScenario({ nodeId });
    const found = await verdicts('rmc', 'lpar1', 'lpar7', '--now');
    await lab.node('lpar1').setScenario('healthy');
    await lab.node('lpar7').setScenario('healthy');
    expect(found.flatMap((one) => one.findings.map((f) => f.id))).toEqual(
      expect.arrayContaining(['rsct.node-id-duplicate']),
    );
    expect(found.map((one) => one.verdict)).toEqual(['crit', 'crit']);
    // Both were first seen now: which of them is the clone, nothing tells.
    expect(found.flatMap((one) => one.findings.flatMap((f) => f.fixes))).not.toContain('rsct-rebuild');
  }, 60_000);

  it('reads the error log in a second round trip, and says since when it shows nothing', async () => {
    await lab.node('lpar1').setScenario('healthy');
    const [well] = await verdicts('rmc-errors', 'lpar1');
    expect(well).toMatchObject({ diagnostic: 'rmc-errors', verdict: 'ok', findings: [] });
    expect(well?.note).toMatch(/^no error of RMC in errpt since \d{4}-\d\d-\d\d \d\d:\d\d \S+$/);
    const ids = async (scenario: string) => {
      printed = '';
      await lab.node('lpar1').setScenario(scenario);
      const [one] = await verdicts('rmc-errors', 'lpar1');
      return [one?.verdict, ...(one?.findings.map(({ id }) => id) ?? [])];
    };
    expect(await ids('errors-drm-given-up')).toEqual(['crit', 'rmc.daemon-ended']);
    expect(await ids('errors-restarts')).toEqual(['warn', 'rmc.started-often', 'rmc.error-logged']);
    expect(await ids('error-log-off')).toEqual(['unknown', 'node.error-log-off']);
    expect(await ids('ctrmc-stopped')).toEqual(['crit', 'rmc.daemon-down']);
    await lab.node('lpar1').setScenario('healthy');
  }, 60_000);

  it('judges RSCT levels by the settings', async () => {
    expect(await verdicts('rsct-level', 'lpar1')).toMatchObject([
      {
        diagnostic: 'rsct-level',
        verdict: 'ok',
        note: expect.stringMatching(/^rsct\.core\.rmc 3\.2\.6\.2, AIX 7200-05-03/) as string,
      },
    ]);
    printed = '';
    writeFileSync(join(config, 'aixops.yaml'), 'rsct: { minimum: { hmc: 3.3.0.0 } }\n');
    const found = await verdicts('rsct-level', 'lpar1');
    writeFileSync(join(config, 'aixops.yaml'), 'verify: { gapSeconds: 2 }\n');
    expect(found[0]?.findings.map((one) => one.id)).toEqual(['rsct.level-too-old']);
  }, 60_000);
});
