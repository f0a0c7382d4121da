import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { expire } from '../../jobs/expire.js';
import { awaitedPerson } from '../../src/approval/journal.js';
import type { Change } from '../../src/approval/states.js';
import { digestOf } from '../../src/core/canonical.js';
import type { Check, HmcStep, NodeStep, PersonStep, Plan, Step, WaitStep } from '../../src/core/plan.js';
import { hmcChange, nodeChange } from '../../src/core/remote-command.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { cardOf, carryOn, never, propose, approve, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { as, mayIBy } from '../desk/as.js';
import { openPolicy } from '../policy/open-policy.js';

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
  await bench.lab.node('lpar1').setScenario('healthy');
  clock = { aheadMs: 0 };
});

const tools = () => withClock(bench.tools, clock);

const boot: PersonStep = {
  kind: 'person',
  id: 'boot',
  title: 'Boot lpar1 from the other disk',
  instructions: ['Shut lpar1 down.', 'Boot it from hdisk1.'],
  check: [{ kind: 'reached' }, { kind: 'link-local', address: null }],
  timeoutMs: 0,
  undo: 'boot lpar1 from hdisk0 again.',
};

const enable: NodeStep = {
  id: 'enable',
  title: 'Enable remote clients',
  effect: 'idempotent',
  commands: [
    { command: nodeChange('idempotent', '/usr/sbin/rsct/bin/rmcctrl', ['-p'], 'test'), always: false },
  ],
  timeoutMs: 30_000,
};

const rebuild: HmcStep = {
  kind: 'hmc',
  id: 'rebuild',
  title: 'Read the managed system again',
  effect: 'once',
  hmc: 'hmc1',
  command: hmcChange(
    'once',
    'chsysstate',
    ['-m', 'Server-9009-42A-SN7800001', '-o', 'rebuild', '-r', 'sys'],
    'test',
  ),
  timeoutMs: 10_000,
};

const wait = (until: readonly Check[], atLeastMs = 0): WaitStep => ({
  kind: 'wait',
  id: 'wait',
  title: 'Wait for RMC',
  atLeastMs,
  everyMs: 30_000,
  until,
  timeoutMs: 15 * 60_000,
});

let number = 0;

/** A change with these steps, approved and started by a worker that was stopped before the first of them. */
async function running(...steps: Step[]): Promise<Change> {
  number += 1;
  const plan: Plan = {
    ...examplePlan,
    target: 'lpar1',
    captures: [],
    steps,
    verify: { kind: 'checks', checks: [{ kind: 'reached' }], reads: 1 },
    locks: ['node:lpar1'],
  };
  const at = new Date().toISOString();
  const change = exampleChange({
    id: `c-${number}`,
    cardKey: `request:${number}`,
    state: 'running',
    plan,
    digest: digestOf(plan),
    createdAt: at,
    history: [{ at, move: 'run', by: 'worker', note: '' }],
  });
  await bench.shared.changes.create(change);
  await bench.shared.locks.take(plan.locks, change.id);
  return change;
}

async function now(id: string): Promise<Change> {
  const change = await bench.shared.changes.get(id);
  if (change === null) throw new Error(`change ${id} is gone`);
  return change;
}

const ran = async (program: string) => bench.lab.hmc('hmc1').ran(program);

/** Has a program of the HMC never answer, or answer again. */
function hang(program: string, isHanging: boolean): void {
  const file = join(bench.lab.hmc('hmc1').root, 'lab/knobs/hang', program);
  mkdirSync(join(file, '..'), { recursive: true });
  if (isHanging) writeFileSync(file, '');
  else rmSync(file, { force: true });
}

describe('a step on an HMC', () => {
  it('is run once, with what the HMC said before it saved, and the change is verified', async () => {
    await bench.lab.node('lpar7').setScenario('hmc-views-disagree');
    const before = (await ran('chsysstate')).length;
    const { change, request } = await propose(bench, {
      job: 'propose-fix',
      fix: 'hmc-rebuild-system',
      target: 'lpar7',
    });
    if (change === null) throw new Error(JSON.stringify(request));
    await approve(bench, change);
    const done = await carryOn(change.id, tools(), clock);
    expect([done.state, done.note]).toEqual(['verified', 'lpar7 and its HMC both show the connection up.']);
    expect((await ran('chsysstate')).slice(before)).toEqual([
      'chsysstate -m Server-9105-42A-SN7800002 -o rebuild -r sys',
    ]);
    expect(done.journal.filter((entry) => entry.kind === 'capture').map((entry) => entry.id)).toContain(
      'lspartition',
    );
  }, 60_000);

  it('is unknown when its answer is lost, is never run again, and asks a person to look on the HMC', async () => {
    const before = (await ran('chsysstate')).length;
    hang('chsysstate', true);
    const change = await running(rebuild);
    const applying = applyFix(change.id, tools(), never);
    await expect.poll(async () => (await ran('chsysstate')).length, { timeout: 20_000 }).toBe(before + 1);
    bench.lab.hmc('hmc1').drop();
    await applying;
    hang('chsysstate', false);
    const lost = await now(change.id);
    expect([lost.state, lost.note]).toMatchObject([
      'unknown',
      expect.stringContaining('handed to hmc1, and the connection dropped') as string,
    ]);
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toMatchObject({ ok: false });
    expect(await bench.desk.lookAgain(change.id, as('UBOB'))).toMatchObject({ kind: 'done' });
    await applyFix(change.id, tools(), never);
    const looked = await now(change.id);
    expect([looked.state, looked.note]).toMatchObject([
      'unknown',
      expect.stringContaining('A person must look on hmc1') as string,
    ]);
    expect((await cardOf(bench, looked)).actions).toEqual(['look-again', 'close']);
    expect((await ran('chsysstate')).length).toBe(before + 1);
  }, 60_000);

  it('is unknown, and not run, for a worker that finds the intent of one that died', async () => {
    const before = (await ran('chsysstate')).length;
    const change = await running(rebuild);
    const intent = { kind: 'intent', step: 'rebuild', at: new Date().toISOString() } as const;
    await bench.shared.changes.update(change.id, () => ({ journal: [intent] }));
    await applyFix(change.id, tools(), never);
    expect((await now(change.id)).state).toBe('unknown');
    expect((await ran('chsysstate')).length).toBe(before);
  });

  it('is run later where the HMC could not be reached, for then nothing was handed over', async () => {
    const before = (await ran('chsysstate')).length;
    await bench.lab.hmc('hmc1').setSsh('closed');
    const change = await running(rebuild);
    await applyFix(change.id, tools(), never);
    const later = await now(change.id);
    expect(later.journal.map((entry) => entry.kind)).toEqual(['intent', 'withdrawn']);
    expect([later.state, later.note]).toMatchObject([
      'running',
      expect.stringContaining('This step has not run. Trying again') as string,
    ]);
    await bench.lab.hmc('hmc1').setSsh('normal');
    expect((await carryOn(change.id, tools(), clock)).state).toBe('verified');
    expect((await ran('chsysstate')).length).toBe(before + 1);
  }, 60_000);

  it('keeps what the HMC said where it refuses', async () => {
    const command = hmcChange(
      'once',
      'chsysstate',
      ['-m', 'no-such-system', '-o', 'rebuild', '-r', 'sys'],
      't',
    );
    const change = await running({ ...rebuild, command });
    const done = await carryOn(change.id, tools(), clock);
    const result = done.journal.find((entry) => entry.kind === 'result');
    expect(result).toMatchObject({ outcome: { kind: 'exited', exitCode: 1 } });
    expect(JSON.stringify(result)).toContain('HSCL8018');
  }, 60_000);
});

describe('a step for a person', () => {
  it('waits over days, restarts and the clock, keeps its locks, and goes on by the button alone', async () => {
    const change = await running(boot, enable);
    await applyFix(change.id, tools(), never);
    expect((await now(change.id)).state).toBe('waiting');
    clock.aheadMs += 40 * 24 * 3_600_000;
    for (let n = 0; n < 3; n += 1) await expire(tools());
    expect(await bench.shared.changes.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    // A job that is left over from before wakes it and changes nothing.
    await applyFix(change.id, tools(), never);
    expect((await now(change.id)).state).toBe('waiting');
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toMatchObject({ ok: false });

    const again = await bench.restart();
    expect(await again.desk.continueChange(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    const missing = await carryOn(change.id, withClock(again.tools, clock), clock);
    expect([missing.state, missing.note]).toMatchObject([
      'waiting',
      expect.stringContaining('lpar1 has no IPv6 link-local address') as string,
    ]);
    bench.lab.node('lpar1').configureLinkLocal('fe80::1');
    await again.desk.continueChange(change.id, as('UDAVE'));
    const done = await carryOn(change.id, withClock(again.tools, clock), clock);
    await again.close();
    expect(done.state).toBe('verified');
    expect(done.journal.filter((entry) => entry.kind === 'continued').map((entry) => entry.by)).toEqual([
      'UDAVE',
      'UDAVE',
    ]);
  }, 60_000);

  it('goes on where a worker died between the click and the look', async () => {
    const change = await running(boot, enable);
    await applyFix(change.id, tools(), never);
    bench.lab.node('lpar1').configureLinkLocal('fe80::1');
    await bench.desk.continueChange(change.id, as('UDAVE'));
    // The job and the list are lost: the clock finds it by its state.
    await bench.shared.changes.setDue(change.id, null);
    await expire(tools());
    expect(await bench.shared.changes.due(Number.MAX_SAFE_INTEGER)).toEqual([change.id]);
    expect((await carryOn(change.id, tools(), clock)).state).toBe('verified');
  }, 60_000);

  it('lets one of ten clicks continue, and tells the others', async () => {
    const change = await running(boot);
    await applyFix(change.id, tools(), never);
    const users = Array.from({ length: 10 }, (_, n) => `U${n}AAA`);
    const answers = await Promise.all(users.map((user) => bench.desk.continueChange(change.id, as(user))));
    expect(answers.filter((answer) => answer.kind === 'done')).toHaveLength(1);
    expect(answers.find((answer) => answer.kind === 'refused')?.sentence).toMatch(/already running by <@U/);
    expect((await now(change.id)).journal.filter((entry) => entry.kind === 'continued')).toHaveLength(1);
  });

  it('is carried by whoever takes it over', async () => {
    const change = await running(boot);
    await applyFix(change.id, tools(), never);
    expect((await cardOf(bench, change)).text).toContain('carried by <@UALICE>');
    expect(await bench.desk.handOver(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    const after = await now(change.id);
    expect([after.state, after.carriedBy, awaitedPerson(after)?.id]).toEqual(['waiting', 'UDAVE', 'boot']);
    expect((await cardOf(bench, after)).text).toContain('carried by <@UDAVE>');
    expect(JSON.stringify(await bench.shared.outbox.get(`${change.cardKey}:wait:boot`))).toContain(
      '<@UALICE>',
    );
  });

  it('can be cancelled, and the card says what was done and what is left to undo', async () => {
    const change = await running(enable, boot);
    await carryOn(change.id, tools(), clock);
    expect((await now(change.id)).state).toBe('waiting');
    expect(await bench.desk.cancelChange(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    expect(await bench.desk.continueChange(change.id, as('UBOB'))).toMatchObject({ kind: 'refused' });
    const done = await carryOn(change.id, tools(), clock);
    expect(done.state).toBe('failed');
    const { text } = await cardOf(bench, done);
    for (const words of [
      '*Cancelled* by <@UDAVE>',
      'Ended while it waited for',
      'Step 1 of 2 (Enable remote clients): done',
      'Left to undo by hand',
      'begun, perhaps done in part: boot lpar1 from hdisk0 again.',
    ])
      expect(text).toContain(words);
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toEqual({ ok: true });
    expect(await bench.shared.changes.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  }, 60_000);

  it('is put in order by the clock where the worker died after the cancel', async () => {
    const change = await running(boot);
    await applyFix(change.id, tools(), never);
    await bench.desk.cancelChange(change.id, as('UDAVE'));
    clock.aheadMs += 60_000;
    expect(await bench.shared.changes.due(tools().clock())).toEqual([change.id]);
    await applyFix(change.id, tools(), never);
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toEqual({ ok: true });
  });

  it('asks the policy at each click', async () => {
    const change = await running(boot);
    await applyFix(change.id, tools(), never);
    const { Desk } = await import('../../src/desk/desk.js');
    const { tools: worker, shared, settings } = bench;
    const policy = { ...openPolicy, allow: { ...openPolicy.allow, propose: ['UALICE'] } };
    const desk = new Desk({
      ...shared,
      queue: shared.queues,
      inventory: settings.inventory,
      policy,
      mayI: mayIBy(policy, shared.audit),
      log: worker.log,
    });
    for (const answer of [
      await desk.continueChange(change.id, as('UMALLORY')),
      await desk.handOver(change.id, as('UMALLORY')),
      await desk.cancelChange(change.id, as('UMALLORY')),
    ])
      expect(answer).toEqual({ kind: 'refused', sentence: 'You may not propose changes here.' });
    expect(await desk.continueChange('c-none', as('UALICE'))).toMatchObject({ kind: 'refused' });
    expect((await now(change.id)).state).toBe('waiting');
  });
});

describe('a step that waits', () => {
  it('says the minute it is in, looks by delayed jobs, and goes on when what it waits for is there', async () => {
    const change = await running(wait([{ kind: 'link-local', address: 'fe80::1' }]), enable);
    await applyFix(change.id, tools(), never);
    const first = await now(change.id);
    expect([first.state, first.note]).toMatchObject([
      'waiting',
      expect.stringMatching(/^Minute 1 of at most 15: lpar1 has no IPv6 address fe80::1/) as string,
    ]);
    expect((await cardOf(bench, first)).actions).toEqual(['cancel']);
    expect(await bench.desk.continueChange(change.id, as('UDAVE'))).toEqual({
      kind: 'refused',
      sentence: 'This change waits for time to pass, not for a person. It goes on by itself.',
    });
    clock.aheadMs += 130_000;
    await applyFix(change.id, tools(), never);
    expect((await now(change.id)).note).toMatch(/^Minute 3 of at most 15/);
    // Should the delayed job get lost, the clock brings it back.
    await bench.shared.changes.setDue(change.id, null);
    await expire(tools());
    expect(await bench.shared.changes.due(Number.MAX_SAFE_INTEGER)).toEqual([change.id]);
    bench.lab.node('lpar1').configureLinkLocal('fe80::1');
    const done = await carryOn(change.id, tools(), clock);
    expect(done.state).toBe('verified');
    // Looks that saw the same are one line.
    expect(done.journal.filter((entry) => entry.kind === 'look')).toHaveLength(2);
  }, 60_000);

  it('waits the least time even where it is so already', async () => {
    const change = await running(wait([{ kind: 'reached' }], 120_000));
    await applyFix(change.id, tools(), never);
    expect((await now(change.id)).state).toBe('waiting');
    clock.aheadMs += 121_000;
    expect((await carryOn(change.id, tools(), clock)).state).toBe('verified');
  }, 60_000);

  it('fails at its limit, and frees the node', async () => {
    const change = await running(wait([{ kind: 'node-id-is-not', nodeId: '1c0de0a511b20c01' }]), enable);
    const before = (await bench.lab.node('lpar1').ran('rmcctrl')).length;
    const done = await carryOn(change.id, tools(), clock);
    expect([done.state, done.note]).toEqual([
      'failed',
      '"Wait for RMC" ended after 15 min without it: The node ID of lpar1 is still 1c0de0a511b20c01.',
    ]);
    expect((await bench.lab.node('lpar1').ran('rmcctrl')).length).toBe(before);
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toEqual({ ok: true });
  }, 60_000);

  it('can be cancelled while a worker looks', async () => {
    const change = await running(wait([{ kind: 'link-local', address: 'fe80::1' }]));
    await applyFix(change.id, tools(), never);
    const looking = applyFix(change.id, tools(), never);
    expect(await bench.desk.cancelChange(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    await looking;
    const done = await carryOn(change.id, tools(), clock);
    expect(done.state).toBe('failed');
    expect(await bench.shared.locks.take(['node:lpar1'], 'c-other')).toEqual({ ok: true });
  }, 60_000);
});

describe('a step with gates', () => {
  const gated: NodeStep = { ...enable, gates: ['G1', 'G10'] };

  it('runs where they are open', async () => {
    const change = await running(gated);
    expect((await carryOn(change.id, tools(), clock)).state).toBe('verified');
  }, 60_000);

  it.each(['peer-domain-online', 'peer-domain-offline', 'lsrpdomain-unreadable'])(
    'ends the change and runs nothing on the node with %s',
    async (scenario) => {
      const node = bench.lab.node('lpar1');
      await node.setScenario(scenario);
      const before = node.snapshot();
      const change = await running(gated);
      const done = await carryOn(change.id, tools(), clock);
      expect([done.state, done.note]).toMatchObject([
        'failed',
        expect.stringMatching(/\(gate G1; .*\) Nothing of "Enable remote clients" was run\.$/) as string,
      ]);
      expect(done.journal).toEqual([]);
      expect(node.changesSince(before)).toEqual([]);
    },
    60_000,
  );

  it('ends the change where the node cannot be reached for them', async () => {
    await bench.lab.node('lpar1').setScenario('unreachable');
    const change = await running(gated);
    expect((await carryOn(change.id, tools(), clock)).note).toMatch(/gate G10|gate G1/);
  }, 60_000);

  it('reads them again where a worker died between its intent and the start', async () => {
    await bench.lab.node('lpar1').setScenario('peer-domain-offline');
    const change = await running(gated);
    const intent = { kind: 'intent', step: 'enable', at: new Date().toISOString() } as const;
    await bench.shared.changes.update(change.id, () => ({ journal: [intent] }));
    const before = bench.lab.node('lpar1').snapshot();
    const done = await carryOn(change.id, tools(), clock);
    expect([done.state, done.journal.map((entry) => entry.kind)]).toEqual([
      'failed',
      ['intent', 'withdrawn'],
    ]);
    expect(bench.lab.node('lpar1').changesSince(before)).toEqual([]);
  }, 60_000);
});
