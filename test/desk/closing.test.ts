import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import type { Change } from '../../src/approval/states.js';
import { Desk } from '../../src/desk/desk.js';
import type { Policy } from '../../src/policy/schema.js';
import { digestOf } from '../../src/core/canonical.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { cardOf, never } from '../jobs/carry-on.js';
import { openWorkbench, type Workbench } from '../jobs/workbench.js';
import { openPolicy } from '../policy/open-policy.js';
import { as, mayIBy } from './as.js';

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

const seen = 'lssrc -a on lpar6: ctrmc active, TCP 657 is listening. The step has taken effect.';

/** A change whose step was begun and of which nobody knows more; it holds its locks. */
async function unknown(patch: Partial<Change> = {}): Promise<Change> {
  const at = new Date().toISOString();
  const change = exampleChange({
    state: 'unknown',
    digest: digestOf(examplePlan),
    createdAt: at,
    history: [{ at, move: 'lose', by: 'worker', note: 'lost' }],
    journal: [{ kind: 'intent', step: 'enable', at }],
    note: 'Nobody knows.',
    ...patch,
  });
  await bench.shared.changes.create(change);
  await bench.shared.locks.take(change.plan.locks, change.id);
  return change;
}

async function now(id: string): Promise<Change> {
  const change = await bench.shared.changes.get(id);
  if (change === null) throw new Error(`change ${id} is gone`);
  return change;
}

function deskWith(policy: Partial<Policy>): Desk {
  const { shared, settings, tools } = bench;
  return new Desk({
    ...shared,
    queue: shared.queues,
    inventory: settings.inventory,
    policy: { ...openPolicy, ...policy },
    mayI: mayIBy({ ...openPolicy, ...policy }, shared.audit),
    log: tools.log,
  });
}

const isFree = async () => bench.shared.locks.take(['node:lpar6'], 'c-other');

describe('closing an unknown change by hand', () => {
  it('ends it as not verified with what was seen, releases its locks, and keeps the run directory for a while', async () => {
    const change = await unknown();
    expect(await isFree()).toMatchObject({ ok: false });
    expect(await bench.desk.closeChange(change.id, as('UBOB'), `  ${seen}\n`)).toEqual({
      kind: 'done',
      sentence: 'Closed by hand. Nothing was run on lpar6. Its locks are released: node:lpar6.',
    });
    await applyFix(change.id, bench.tools, never);
    const closed = await now(change.id);
    expect([closed.state, closed.note]).toEqual(['failed', seen]);
    expect(closed.history.at(-1)).toMatchObject({ move: 'close', by: 'UBOB', note: seen });
    expect(await isFree()).toEqual({ ok: true });
    // Not removed now: on the list of those that are removed when their time has come.
    expect(await bench.lab.node('lpar6').ran('rm')).toEqual([]);
    expect(await bench.shared.changes.untidy(Date.now())).toEqual([change.id]);
    expect(await bench.shared.changes.open()).toEqual([]);
    const card = await cardOf(bench, closed);
    for (const words of [
      'Closed by hand, not verified',
      '<@UBOB>',
      'TCP 657 is listening',
      'may have run on lpar6',
    ])
      expect(card.text).toContain(words);
    expect(card.actions).toEqual([]);
  });

  it('writes who, what was seen and which locks were released into the audit trail before it happens', async () => {
    const change = await unknown();
    await bench.desk.closeChange(change.id, as('UBOB'), seen);
    expect(await bench.shared.audit.read(0, 10)).toMatchObject([
      {
        code: 'change.decided',
        actor: 'UBOB',
        object: change.id,
        detail: { decision: 'close', seen, locks: 'node:lpar6', target: 'lpar6' },
      },
    ]);
    const { shared, settings, tools } = bench;
    const another = await unknown({ id: 'c-2' });
    const desk = new Desk({
      ...shared,
      audit: { ...shared.audit, append: () => Promise.reject(new Error('not written')) },
      mayI: mayIBy(openPolicy, shared.audit),
      queue: shared.queues,
      inventory: settings.inventory,
      policy: openPolicy,
      log: tools.log,
    });
    await expect(desk.closeChange(another.id, as('UBOB'), seen)).rejects.toThrow('not written');
    expect((await now(another.id)).state).toBe('unknown');
  });

  it('asks for more than a word, and tells what to look at first', async () => {
    const change = await unknown();
    expect(await bench.desk.closing(change.id, as('UBOB'))).toEqual({
      kind: 'ask',
      title: 'Enable remote RMC clients on lpar6',
      where: 'lpar6',
      step: 'Enable remote clients',
      locks: ['node:lpar6'],
      directory: `/var/adm/aixops/${change.id}/enable`,
      leastCharacters: 10,
    });
    for (const words of ['', '   ok   \n'])
      expect(await bench.desk.closeChange(change.id, as('UBOB'), words)).toEqual({
        kind: 'refused',
        sentence: 'Say in at least 10 characters what you saw. Nothing was decided.',
      });
    expect((await now(change.id)).state).toBe('unknown');
    expect(await isFree()).toMatchObject({ ok: false });
  });

  it('takes secrets out of what a person pasted', async () => {
    const change = await unknown();
    await bench.desk.closeChange(change.id, as('UBOB'), `${seen} password=hunter2secret`);
    const trail = JSON.stringify(await bench.shared.audit.read(0, 10));
    expect(JSON.stringify(await now(change.id)) + trail).not.toContain('hunter2secret');
  });

  it('is for approvers, the one who asked among them, for it runs nothing', async () => {
    const change = await unknown();
    const desk = deskWith({ approvers: ['UALICE', 'UBOB'] });
    const no = 'You may not close changes here.';
    expect(await desk.closing(change.id, as('UMALLORY'))).toEqual({ kind: 'refused', sentence: no });
    expect(await desk.closeChange(change.id, as('UMALLORY'), seen)).toEqual({
      kind: 'refused',
      sentence: no,
    });
    expect(await bench.shared.audit.read(0, 10)).toMatchObject([
      { code: 'request.refused', actor: 'UMALLORY' },
      { code: 'request.refused', actor: 'UMALLORY' },
    ]);
    expect((await now(change.id)).state).toBe('unknown');
    expect(change.requester).toBe('UALICE');
    expect(await desk.closeChange(change.id, as('UALICE'), seen)).toMatchObject({ kind: 'done' });
  });

  it('is done by one of two who do it at once, and never to a change that is not unknown', async () => {
    const change = await unknown();
    const both = await Promise.all([
      bench.desk.closeChange(change.id, as('UBOB'), seen),
      bench.desk.closeChange(change.id, as('UCAROL'), seen),
    ]);
    expect(both.map((one) => one.kind).sort()).toEqual(['done', 'refused']);
    expect((await now(change.id)).history.filter((entry) => entry.move === 'close')).toHaveLength(1);
    for (const state of ['proposed', 'running', 'waiting', 'verified'] as const) {
      const other = await unknown({ id: `c-${state}`, state });
      expect(await bench.desk.closeChange(other.id, as('UBOB'), seen)).toMatchObject({
        kind: 'refused',
        sentence: expect.stringContaining('only be done while it is unknown') as string,
      });
    }
    expect(await bench.desk.closeChange('c-none', as('UBOB'), seen)).toMatchObject({ kind: 'refused' });
  });

  it('stays as the person closed it where a worker was looking at that moment', async () => {
    const change = await unknown();
    const { changes } = bench.tools;
    let isClosed = false;
    // What a worker does between its look at the node and its word on the card.
    const slow = {
      ...changes,
      update: async (...args: Parameters<typeof changes.update>) => {
        if (!isClosed) {
          isClosed = true;
          await bench.desk.closeChange(change.id, as('UBOB'), seen);
        }
        return changes.update(...args);
      },
    };
    await applyFix(change.id, { ...bench.tools, changes: slow }, never);
    expect(isClosed).toBe(true);
    expect(await now(change.id)).toMatchObject({ state: 'failed', note: seen });
    expect(await isFree()).toEqual({ ok: true });
  });

  it('marks the change that it was to undo as not undone', async () => {
    const parent = exampleChange({ id: 'c-parent', state: 'rolling-back', rolledBackBy: 'c-undo' });
    await bench.shared.changes.create(parent);
    const undo = await unknown({ id: 'c-undo', rollbackOf: parent.id });
    await bench.desk.closeChange(undo.id, as('UBOB'), seen);
    await applyFix(undo.id, bench.tools, never);
    expect((await now(parent.id)).state).toBe('rollback-failed');
  });
});
