import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerPlan } from '../../src/cli/plan.js';
import type { Plan } from '../../src/core/plan.js';
import { startLab, type Lab } from '../lab/lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-cli-plan-'));
const config = join(folder, 'config');
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  await lab.writeConfig(config);
  writeFileSync(join(config, 'aixops.yaml'), '{}\n');
}, 60_000);
afterAll(async () => {
  process.exitCode = 0;
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Printed {
  readonly kind: string;
  readonly gate?: string;
  readonly digest?: string;
  readonly plan?: Plan;
}

async function plan(...args: string[]): Promise<Printed> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    const program = new Command().exitOverride();
    registerPlan(program);
    await program.parseAsync(['plan', ...args, '--config', config, '--json'], { from: 'user' });
    return JSON.parse(printed) as Printed;
  } finally {
    vi.restoreAllMocks();
  }
}

describe('aixops plan', () => {
  it('takes the words of a fix, and holds the node ID against those of all other nodes', async () => {
    await lab.node('lpar1').setScenario('healthy');
    const sound = await plan('rsct-rebuild', 'lpar1', '-s', '--reason', 'IBM', 'asks', 'for', 'it');
    expect(sound.plan?.args).toEqual(['-s', '--reason', 'IBM asks for it']);
    expect(process.exitCode).toBe(0);
    expect(
      await plan('rsct-rebuild', 'lpar1', '-i', '1c0de0a511b20c07', '--reason', 'so it is'),
    ).toMatchObject({
      kind: 'refused',
      gate: 'node-id-in-use',
    });
    expect(process.exitCode).toBe(2);
    expect(await plan('rsct-rebuild', 'lpar1', '--all')).toMatchObject({ kind: 'refused', gate: 'words' });
    expect(await plan('rmc-restart', 'lpar2', '-n')).toMatchObject({ kind: 'refused', gate: 'words' });
    expect(await lab.node('lpar1').ran('recfgct')).toEqual([]);
  }, 60_000);

  it('proposes what an HMC can do, on the HMC', async () => {
    await lab.node('lpar1').setScenario('hmc-views-disagree');
    const { plan: made } = await plan('hmc-rebuild-system', 'lpar1');
    expect(made?.steps.map((step) => (step.kind === 'hmc' ? [step.hmc, step.command.args] : null))).toEqual([
      ['hmc1', ['-m', 'Server-9009-42A-SN7800001', '-o', 'rebuild', '-r', 'sys']],
    ]);
    expect(made?.locks).toEqual(['system:p9-a']);
    expect(made?.rollback.kind).toBe('none');
  }, 60_000);

  it('shows the dry run of the HMC’s own repair before it is approved', async () => {
    await lab.node('lpar1').setScenario('recycled-ip');
    const { plan: made, ...rest } = await plan('hmc-autocorrect', 'lpar1');
    expect(made?.basis.slice(1, 2), JSON.stringify(rest)).toEqual(['the dry run of diagrmc says:']);
    expect(made?.basis.length).toBeGreaterThan(2);
    const [step] = made?.steps ?? [];
    expect(step?.kind === 'hmc' && step.command.args).toContain('--autocorrect');
    expect(made?.captures.map((capture) => capture.command.side)).not.toContain('node');
  }, 60_000);

  it('shows the plans of several targets, in the order in which they were typed', async () => {
    for (const name of ['lpar1', 'lpar6']) await lab.node(name).setScenario('clients-disabled');
    await lab.node('lpar7').setScenario('healthy');
    const all = (await plan('rmc-enable-remote', 'lpar6', 'lpar7', 'lpar1')) as unknown as {
      target: string;
      proposal: Printed;
    }[];
    expect(all.map(({ target, proposal }) => [target, proposal.kind])).toEqual([
      ['lpar6', 'plan'],
      ['lpar7', 'nothing-to-do'],
      ['lpar1', 'plan'],
    ]);
    const alone = await plan('rmc-enable-remote', 'lpar6');
    expect(all[0]?.proposal.digest).toBe(alone.digest);
    expect(process.exitCode).toBe(0);
  });
});
