import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import type { Change } from '../../src/approval/states.js';
import { planFile } from '../../src/slack/views/change-card.js';
import type { ScenarioChange } from '../lab/lab.js';
import { approve, cardOf, carryOn, never, propose, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { as } from '../desk/as.js';

const system = 'Server-9105-42A-SN7800002';
const locked = 'system:p10-b';
const rebuilt = `chsysstate -m ${system} -o rebuild -r sys`;

let bench: Workbench;
let clock: Clock;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  for (const name of ['lpar6', 'lpar7']) await bench.lab.node(name).setScenario('healthy');
  clock = { aheadMs: 0 };
});
afterEach(() => {
  for (const program of ['chsysstate', 'autocorrect', 'diagrmc']) fault('hang', program, false);
});

const hmc = () => bench.lab.hmc('hmc1');
const tools = () => withClock(bench.tools, clock);
/** What changes something on the HMC. */
const changing = async () =>
  (await hmc().ran()).filter((line) => /^chsysstate |^diagrmc .*--autocorrect/.test(line));
const isFree = async () => bench.shared.locks.take([locked], 'c-other');

/** Has a program of the HMC hang, or run again. */
function fault(kind: 'hang' | 'failing', program: string, isOn: boolean): void {
  const file = join(hmc().root, 'lab/knobs', kind, program);
  mkdirSync(join(file, '..'), { recursive: true });
  if (isOn) writeFileSync(file, 'HSCL0000 (lab) no\n');
  else rmSync(file, { force: true });
}

async function proposed(fix: string, target: string): Promise<Change> {
  const { change, request } = await propose(bench, { job: 'propose-fix', fix, target });
  if (change === null) throw new Error(`no change was proposed: ${JSON.stringify(request)}`);
  return change;
}

/** Starts an approved change whose command never answers, and cuts the connection under it. */
async function lost(change: Change, program: 'chsysstate' | 'autocorrect'): Promise<Change> {
  const before = (await changing()).length;
  fault('hang', program, true);
  const applying = applyFix(change.id, tools(), never);
  await expect.poll(async () => (await changing()).length, { timeout: 15_000 }).toBe(before + 1);
  hmc().drop();
  await applying;
  fault('hang', program, false);
  const after = await bench.shared.changes.get(change.id);
  if (after === null) throw new Error('gone');
  return after;
}

describe('hmc-rebuild-system', () => {
  it('mends disagreeing views of an LPAR, runs once, and is verified from both sides', async () => {
    await bench.lab.node('lpar7').setScenario('hmc-views-disagree');
    const untouched = bench.lab.node('lpar7').snapshot();
    const before = (await changing()).length;
    const change = await proposed('hmc-rebuild-system', 'lpar7');
    expect([change.approvalsNeeded, change.plan.locks]).toEqual([1, [locked]]);
    const card = await cardOf(bench, change);
    for (const words of [rebuilt, 'on HMC hmc1', `managed system ${system}, 9105-42A*7800002, Operating`])
      expect(card.text).toContain(words);
    expect((await changing()).slice(before)).toEqual([]);

    await approve(bench, change);
    const done = await carryOn(change.id, tools(), clock);
    expect([done.state, done.note]).toEqual(['verified', 'lpar7 and its HMC both show the connection up.']);
    expect((await changing()).slice(before)).toEqual([rebuilt]);
    // Saved before, and told by it: what the two views said.
    const saved = done.journal.flatMap((entry) => (entry.kind === 'capture' ? [entry] : []));
    expect(saved.map((entry) => entry.id)).toEqual(['lspartition', 'lssyscfg-lpar', 'lssyscfg-sys', 'lshmc']);
    expect(saved.every((entry) => entry.exitCode === 0)).toBe(true);
    expect(done.journal.filter((entry) => entry.kind === 'read' && entry.agreed)).toHaveLength(2);
    // Nothing on the LPAR itself: what is gone is the lab's note that the HMC's views of it disagree.
    expect(bench.lab.node('lpar7').changesSince(untouched)).toEqual(['removed lab/knobs/hmc-views-disagree']);
    expect(await isFree()).toEqual({ ok: true });
    const again = await propose(bench, { job: 'propose-fix', fix: 'hmc-rebuild-system', target: 'lpar7' });
    expect(again.request?.conclusion).toMatchObject({
      kind: 'nothing-to-do',
      text: expect.stringContaining('views of lpar7 agree') as string,
    });
  }, 90_000);

  it('stays unknown where its answer is lost, and holds the managed system until a person has closed it', async () => {
    for (const name of ['lpar6', 'lpar7']) await bench.lab.node(name).setScenario('hmc-views-disagree');
    const before = (await changing()).length;
    const first = await proposed('hmc-rebuild-system', 'lpar7');
    const second = await proposed('hmc-rebuild-system', 'lpar6');
    await approve(bench, first);
    const unknown = await lost(first, 'chsysstate');
    expect([unknown.state, unknown.note]).toMatchObject([
      'unknown',
      expect.stringContaining('handed to hmc1, and the connection dropped: it may have run') as string,
    ]);
    expect((await cardOf(bench, unknown)).actions).toEqual(['look-again', 'close']);

    // Another LPAR, the same managed system: it waits, and does nothing.
    await approve(bench, second);
    await applyFix(second.id, tools(), never);
    expect(await bench.shared.changes.get(second.id)).toMatchObject({
      state: 'approved',
      note: `Waiting: change ${first.id} holds ${locked}.`,
    });
    await bench.desk.lookAgain(first.id, as('UBOB'));
    await applyFix(first.id, tools(), never);
    expect((await bench.shared.changes.get(first.id))?.state).toBe('unknown');
    expect((await changing()).slice(before)).toEqual([rebuilt]);

    expect(await bench.desk.closing(first.id, as('UBOB'))).toMatchObject({ where: 'hmc1', directory: null });
    const seen = 'lssyscfg on hmc1 still shows inactive: it has not taken effect.';
    expect(await bench.desk.closeChange(first.id, as('UBOB'), seen)).toMatchObject({ kind: 'done' });
    await applyFix(first.id, tools(), never);
    expect((await bench.shared.changes.get(first.id))?.state).toBe('failed');
    const done = await carryOn(second.id, tools(), clock);
    expect([done.state, (await changing()).slice(before)]).toEqual(['verified', [rebuilt, rebuilt]]);
  }, 90_000);

  it('is out of date, and not run, where another rebuild has mended it meanwhile', async () => {
    for (const name of ['lpar6', 'lpar7']) await bench.lab.node(name).setScenario('hmc-views-disagree');
    const before = (await changing()).length;
    const first = await proposed('hmc-rebuild-system', 'lpar7');
    const second = await proposed('hmc-rebuild-system', 'lpar6');
    for (const change of [first, second]) await approve(bench, change);
    expect((await carryOn(first.id, tools(), clock)).state).toBe('verified');
    const stale = await carryOn(second.id, tools(), clock);
    expect([stale.state, stale.note]).toMatchObject([
      'stale',
      expect.stringContaining('nothing left to do') as string,
    ]);
    expect((await changing()).slice(before)).toEqual([rebuilt]);
  }, 90_000);
});

describe('hmc-autocorrect', () => {
  const corrected = (address: string) => `diagrmc -m ${system} --ip ${address} --id 3 --autocorrect -v`;
  const recycled: ScenarioChange = {
    about: 'the HMC holds the address of another LPAR',
    hmcAddress: '127.0.3.98',
    link: 'O',
    linkStays: true,
  };

  it('shows what the dry run found before anybody approves, corrects it once, and is verified from both sides', async () => {
    await bench.lab.node('lpar7').setScenario('recycled-ip');
    const before = (await changing()).length;
    const change = await proposed('hmc-autocorrect', 'lpar7');
    const found = 'partition 3 is recorded with address 127.0.3.99: recycled or stale';
    const card = await cardOf(bench, change);
    for (const words of [found, 'the dry run of diagrmc says', corrected('127.0.3.99'), 'on HMC hmc1'])
      expect(card.text).toContain(words);
    expect(planFile(change).content).toContain(found);
    expect((await hmc().ran('diagrmc')).at(-1)).toBe(`diagrmc -m ${system} --ip 127.0.3.99 --id 3 -v`);
    expect((await changing()).slice(before)).toEqual([]);

    await approve(bench, change);
    const done = await carryOn(change.id, tools(), clock);
    expect([done.state, done.note]).toEqual(['verified', 'lpar7 and its HMC both show the connection up.']);
    expect((await changing()).slice(before)).toEqual([corrected('127.0.3.99')]);
    const dryRun = done.journal.find((entry) => entry.kind === 'capture' && entry.id === 'dry-run');
    expect(dryRun).toMatchObject({ output: expect.stringContaining(found) as string });
    expect(change.plan.locks).toEqual(['node:lpar7', locked]);
    expect(await isFree()).toEqual({ ok: true });
  }, 90_000);

  it('is out of date where the dry run finds something else by then', async () => {
    await bench.lab.node('lpar7').setScenario('recycled-ip');
    const before = (await changing()).length;
    const change = await proposed('hmc-autocorrect', 'lpar7');
    await bench.lab.node('lpar7').setScenario(recycled);
    await approve(bench, change);
    const stale = await carryOn(change.id, tools(), clock);
    expect([stale.state, stale.note]).toMatchObject([
      'stale',
      expect.stringContaining('127.0.3.98') as string,
    ]);
    expect((await changing()).slice(before)).toEqual([]);
  }, 90_000);

  it('is not proposed where its dry run was not read', async () => {
    await bench.lab.node('lpar7').setScenario('recycled-ip');
    fault('failing', 'diagrmc', true);
    const { change, request } = await propose(bench, {
      job: 'propose-fix',
      fix: 'hmc-autocorrect',
      target: 'lpar7',
    });
    fault('failing', 'diagrmc', false);
    expect(change).toBeNull();
    expect(request?.conclusion).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('The dry run of diagrmc for lpar7 was not read') as string,
    });
  }, 60_000);

  it('stays unknown where its answer is lost, and is not run again by looking', async () => {
    await bench.lab.node('lpar7').setScenario('recycled-ip');
    const before = (await changing()).length;
    const change = await proposed('hmc-autocorrect', 'lpar7');
    await approve(bench, change);
    const unknown = await lost(change, 'autocorrect');
    expect(unknown.state).toBe('unknown');
    await bench.desk.lookAgain(change.id, as('UBOB'));
    await applyFix(change.id, tools(), never);
    expect(await bench.shared.changes.get(change.id)).toMatchObject({
      state: 'unknown',
      note: expect.stringContaining('A person must look on hmc1') as string,
    });
    expect(await isFree()).toMatchObject({ ok: false, holder: change.id });
    expect((await changing()).slice(before)).toEqual([corrected('127.0.3.99')]);
  }, 90_000);
});
