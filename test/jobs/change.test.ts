import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { expire } from '../../jobs/expire.js';
import { diagnose } from '../../jobs/diagnose.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import { rollBack } from '../../jobs/roll-back.js';
import type { Change } from '../../src/approval/states.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { as } from '../desk/as.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
});

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
const never = new AbortController().signal;

async function ask(wish: Wish): Promise<Request> {
  const request = await bench.desk.submit(wish, JSON.stringify(wish), alice);
  if (wish.job === 'diagnose') await diagnose(request.id, bench.tools, never);
  if (wish.job === 'propose-fix') await proposeFix(request.id, bench.tools, never);
  if (wish.job === 'roll-back') await rollBack(request.id, bench.tools);
  const after = await bench.shared.requests.get(request.id);
  if (after === null) throw new Error('the request is gone');
  return after;
}

async function proposed(fix: string, target: string): Promise<Change> {
  const request = await ask({ job: 'propose-fix', fix, target });
  const change = await bench.shared.changes.get(`c-${request.id}`);
  if (change === null) throw new Error(`no change was proposed: ${JSON.stringify(request)}`);
  return change;
}

/** Does what delayed jobs would: goes on with a change until it moves no more. */
async function carryOn(id: string): Promise<Change> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    await applyFix(id, bench.tools, never);
    const change = await bench.shared.changes.get(id);
    if (change === null) throw new Error(`change ${id} is gone`);
    if (!['approved', 'running', 'verifying'].includes(change.state)) return change;
    if (Date.now() > deadline) throw new Error(`still ${change.state}: ${change.note}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe('a diagnosis of the whole estate', () => {
  it('gives each LPAR the verdict that its scenario deserves', async () => {
    const request = await ask({ job: 'diagnose', diagnostic: 'rmc', targets: ['all'], deep: true });
    expect(request.phase).toBe('done');
    const found = Object.fromEntries(
      request.verdicts.map((v) => [
        v.target,
        [v.verdict, v.findings.filter((f) => f.follows === undefined).map((f) => f.id)],
      ]),
    );
    expect(found).toEqual({
      lpar1: ['ok', []],
      lpar2: ['crit', ['rmc.daemon-down']],
      lpar3: ['crit', ['rmc.drm-down']],
      lpar4: ['crit', ['rmc.not-registered']],
      lpar5: ['warn', ['rmc.lpar-not-running']],
      lpar6: ['crit', ['rmc.heartbeat-down']],
      lpar7: ['ok', []],
      lpar8: ['crit', ['node.host-key-changed']],
      erp1: ['ok', []],
      erp2: ['ok', []],
    });
  }, 60_000);
});

describe('a change', () => {
  it('restarts RMC on a node where it is stopped, and is verified by the HMC too', async () => {
    const change = await proposed('rmc-restart', 'lpar2');
    expect(change.state).toBe('proposed');
    expect(await bench.lab.node('lpar2').ran('rmcctrl')).toEqual([]);
    expect(await bench.desk.decide(change.id, 'approve', as('UALICE'))).toEqual({
      kind: 'refused',
      sentence: 'You asked for this change, so someone else must approve it.',
    });
    expect(await bench.desk.decide(change.id, 'approve', as('UBOB'))).toMatchObject({ kind: 'done' });
    const done = await carryOn(change.id);
    expect([done.state, done.note]).toMatchObject(['verified', expect.stringContaining('HMC')]);
    expect(await bench.lab.node('lpar2').ran('rmcctrl')).toEqual(['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']);
    const after = await ask({ job: 'diagnose', diagnostic: 'rmc', targets: ['lpar2'] });
    expect(after.verdicts[0]?.verdict).toBe('ok');
  }, 60_000);

  it('undoes a verified change by a plan that is approved on its own', async () => {
    await bench.lab.node('lpar6').setScenario('clients-disabled');
    const change = await proposed('rmc-enable-remote', 'lpar6');
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    expect((await carryOn(change.id)).state).toBe('verified');
    expect(bench.lab.node('lpar6').state().remoteClients).toBe(true);

    expect(await bench.desk.rollBack(change.id, as('UBOB'))).toMatchObject({ kind: 'done' });
    const open = await bench.shared.redis.keys('*request:*');
    const undoRequest = (
      await Promise.all(open.map((key) => bench.shared.requests.get(key.split(':').at(-1) ?? '')))
    ).find((request) => request?.wish.job === 'roll-back');
    await rollBack(undoRequest?.id ?? '', bench.tools);
    const undo = await bench.shared.changes.get(`c-${undoRequest?.id ?? ''}`);
    expect(undo?.rollbackOf).toBe(change.id);
    expect(await bench.desk.decide(undo?.id ?? '', 'approve', as('UBOB'))).toMatchObject({ kind: 'refused' });
    expect(await bench.desk.decide(undo?.id ?? '', 'approve', as('UALICE'))).toMatchObject({ kind: 'done' });
    expect((await carryOn(undo?.id ?? '')).state).toBe('verified');
    expect((await bench.shared.changes.get(change.id))?.state).toBe('rolled-back');
    expect(bench.lab.node('lpar6').state().remoteClients).toBe(false);
  }, 60_000);

  it('is stale, and runs nothing, when the node has changed since it was planned', async () => {
    await bench.lab.node('lpar2').setScenario('ctrmc-stopped');
    const ran = await bench.lab.node('lpar2').ran('rmcctrl');
    const change = await proposed('rmc-restart', 'lpar2');
    await bench.lab.node('lpar2').setScenario('healthy');
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    const done = await carryOn(change.id);
    expect([done.state, done.note]).toMatchObject(['stale', expect.stringContaining('lpar2')]);
    expect(await bench.lab.node('lpar2').ran('rmcctrl')).toEqual(ran);
  }, 60_000);

  it('runs nothing of a plan that was altered behind its digest', async () => {
    await bench.lab.node('lpar2').setScenario('clients-disabled');
    const ran = await bench.lab.node('lpar2').ran('rmcctrl');
    const change = await proposed('rmc-enable-remote', 'lpar2');
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    const [step] = change.plan.steps;
    if (step === undefined) throw new Error('the plan has no step');
    await bench.shared.changes.update(change.id, ({ plan }) => ({ plan: { ...plan, steps: [step, step] } }));
    const done = await carryOn(change.id);
    expect([done.state, done.note]).toEqual([
      'stale',
      expect.stringContaining('not the one that was approved'),
    ]);
    expect(await bench.lab.node('lpar2').ran('rmcctrl')).toEqual(ran);
  }, 60_000);

  it('runs once when two people approve at the same moment and two workers take it up', async () => {
    await bench.lab.node('lpar4').setScenario('never-registered');
    const before = (await bench.lab.node('lpar4').ran('rmcctrl')).length;
    const change = await proposed('rmc-restart', 'lpar4');
    const answers = await Promise.all([
      bench.desk.decide(change.id, 'approve', as('UBOB')),
      bench.desk.decide(change.id, 'approve', as('UCAROL')),
    ]);
    expect(answers.map((answer) => answer.kind).sort()).toEqual(['done', 'refused']);
    expect(answers.find((answer) => answer.kind === 'refused')?.sentence).toContain(
      'already approved by <@U',
    );
    const [first] = await Promise.all([carryOn(change.id), carryOn(change.id)]);
    expect(first.state).toBe('verified');
    expect((await bench.lab.node('lpar4').ran('rmcctrl')).length - before).toBe(3);
  }, 60_000);

  it('waits while another change holds the node', async () => {
    await bench.lab.node('lpar3').setScenario('drm-down');
    const change = await proposed('rmc-restart', 'lpar3');
    await bench.shared.locks.take(['node:lpar3'], 'c-other');
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    await applyFix(change.id, bench.tools, never);
    const waiting = await bench.shared.changes.get(change.id);
    expect([waiting?.state, waiting?.note]).toEqual([
      'approved',
      'Waiting: change c-other holds node:lpar3.',
    ]);
    await bench.shared.locks.release(['node:lpar3'], 'c-other');
    expect((await carryOn(change.id)).state).toBe('verified');
  }, 60_000);

  it('leaves its run directory on the node for some days, and then removes it', async () => {
    await bench.lab.node('lpar6').setScenario('clients-disabled');
    const change = await proposed('rmc-enable-remote', 'lpar6');
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    await carryOn(change.id);
    const directory = join(bench.lab.node('lpar6').root, 'var/adm/aixops', change.id);
    await expire(bench.tools);
    expect(existsSync(join(directory, 'enable-remote/status'))).toBe(true);
    await expire({ ...bench.tools, clock: () => Date.now() + 8 * 24 * 3_600_000 });
    expect(existsSync(directory)).toBe(false);
  }, 60_000);

  it('closes a proposal that nobody answers, and says that nothing was run', async () => {
    await bench.lab.node('lpar6').setScenario('clients-disabled');
    const change = await proposed('rmc-enable-remote', 'lpar6');
    await expire({ ...bench.tools, clock: () => Date.now() + 2 * 3_600_000 });
    expect(await bench.shared.changes.get(change.id)).toMatchObject({
      state: 'expired',
      note: expect.stringContaining('Nothing was run') as string,
    });
    expect(await bench.desk.decide(change.id, 'approve', as('UBOB'))).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('expired') as string,
    });
  }, 60_000);

  it('makes no change of a request for which there is nothing to do or that a gate refuses', async () => {
    const nothing = await ask({ job: 'propose-fix', fix: 'rmc-enable-remote', target: 'lpar1' });
    expect(nothing.conclusion?.kind).toBe('nothing-to-do');
    await bench.lab.node('lpar7').setScenario('clustered');
    const refused = await ask({ job: 'propose-fix', fix: 'rmc-restart', target: 'lpar7' });
    expect(refused.conclusion?.kind).toBe('refused');
    expect(await bench.lab.node('lpar7').ran('rmcctrl')).toEqual([]);
  }, 60_000);
});
