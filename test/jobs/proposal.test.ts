import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putForward, startIfApproved } from '../../jobs/proposal.js';
import type { Change } from '../../src/approval/states.js';
import { digestOf } from '../../src/core/canonical.js';
import { changeCard } from '../../src/slack/views/change-card.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { as } from '../desk/as.js';
import { openDeskBench, type DeskBench } from '../desk/desk-bench.js';

let bench: DeskBench;
beforeAll(async () => {
  bench = await openDeskBench();
});
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.fresh();
});

const two = { approvalsNeeded: 2 };
const otherPlan = { ...examplePlan, basis: ['ctrmc is inoperative'] };
const other = { plan: otherPlan, digest: digestOf(otherPlan) };

async function put(id: string, patch: Partial<Change> = {}, policy: unknown = {}): Promise<Change> {
  const change = exampleChange({ id, channel: 'C1', cardKey: `request:${id}`, ...two, ...patch });
  const put = await putForward(change, bench.tools(policy));
  if (put === null) throw new Error(`${id} was there already`);
  return put;
}

const approve = (id: string, user: string) => bench.desk({}).decide(id, 'approve', as(user));
const cardOf = (change: Change): string =>
  JSON.stringify(changeCard(change, { approversHint: 'anyone', mayRollBack: true }));

describe('a proposal for the same fix and target', () => {
  it('with the same plan takes over the approvals, no longer than they would have held, and says so', async () => {
    await put('c-1');
    await approve('c-1', 'UBOB');
    const second = await put('c-2', { expiresAt: '2026-03-01T04:00:00.000Z' });
    expect(second.approvals.map(({ user }) => user)).toEqual(['UBOB']);
    expect(second.expiresAt).toBe('2026-03-01T03:00:00.000Z');
    expect(cardOf(second)).toMatch(/The same plan as change `c-1`.*1 approval given to it holds/);
    const first = await bench.changes.get('c-1');
    expect(first).toMatchObject({ state: 'stale', note: expect.stringContaining('c-2') as string });
    expect(await approve('c-1', 'UCAROL')).toMatchObject({ kind: 'refused' });
    expect(await approve('c-2', 'UBOB')).toMatchObject({ kind: 'refused' });
    expect(await approve('c-2', 'UCAROL')).toMatchObject({ kind: 'done' });
    expect((await bench.changes.get('c-2'))?.state).toBe('approved');
  });

  it('with another plan loses them and shows what differs', async () => {
    await put('c-1');
    await approve('c-1', 'UBOB');
    const second = await put('c-2', other);
    expect(second.approvals).toEqual([]);
    const card = cardOf(second);
    expect(card).toContain('Another plan than change `c-1`');
    expect(card).toContain('1 approval given to that one does not count here');
    expect(card).toContain('it is: ctrmc is inoperative');
    const replaced = await bench.changes.get('c-1');
    expect(replaced === null ? '' : cardOf(replaced)).toContain('Change c-2 took its place');
  });

  it('does not take over the approval of who asks now, with whichever account', async () => {
    const people = { people: { UBOB: { aliases: ['UBOB2'] } } };
    await put('c-1');
    await approve('c-1', 'UBOB');
    const second = await put('c-2', { requester: 'UBOB2' }, people);
    expect(second.approvals).toEqual([]);
    expect(cardOf(second)).toContain('The approval of who asks now does not count');
  });

  it('takes nothing over once the earlier one has expired, or was rejected', async () => {
    await put('c-1');
    await approve('c-1', 'UBOB');
    bench.now = Date.parse('2026-03-01T03:00:01.000Z');
    expect((await put('c-2', { expiresAt: '2026-03-01T05:00:00.000Z' })).approvals).toEqual([]);
    await approve('c-2', 'UBOB');
    await bench.desk({}).decide('c-2', 'reject', as('UCAROL'), { reason: 'Not tonight' });
    const third = await put('c-3', { expiresAt: '2026-03-01T05:00:00.000Z' });
    expect([third.approvals, third.follows]).toEqual([[], undefined]);
  });

  it('starts at once where the same plan was approved, went out of date, and holds again', async () => {
    await put('c-1', { approvalsNeeded: 1 });
    await approve('c-1', 'UBOB');
    await bench.changes.move('c-1', 'outdate', { user: 'worker', at: '2026-03-01T02:11:00.000Z', note: '' });
    bench.queued.length = 0;
    const second = await put('c-2', { approvalsNeeded: 1 });
    for (let again = 0; again < 2; again += 1)
      await startIfApproved((await bench.changes.get('c-2')) ?? second, bench.tools({}));
    expect(await bench.changes.get('c-2')).toMatchObject({
      state: 'approved',
      approvals: [{ user: 'UBOB' }],
    });
    expect(bench.queued).toEqual([{ name: 'apply-fix', id: 'c-2' }]);
    const records = await bench.audit.read(0, 100);
    expect(records.at(-1)).toMatchObject({
      code: 'change.decided',
      detail: { decision: 'approvals-kept', givenTo: 'c-1' },
    });
  });

  it('leaves a change alone that is approved already, and other fixes and targets', async () => {
    await put('c-1', { approvalsNeeded: 1 });
    await approve('c-1', 'UBOB');
    await put('c-2');
    expect((await bench.changes.get('c-1'))?.state).toBe('approved');
    await put('c-3', { plan: { ...examplePlan, target: 'lpar7' } });
    await put('c-4', { rollbackOf: 'c-9' });
    expect((await bench.changes.get('c-2'))?.state).toBe('proposed');
  });

  it('is one, however many are put forward at the same moment, and however often the job runs', async () => {
    await put('c-0');
    await approve('c-0', 'UBOB');
    const ids = Array.from({ length: 12 }, (_, at) => `c-${at + 1}`);
    await Promise.all(ids.map((id) => put(id)));
    const open = (await bench.changes.open()).filter(({ state }) => state === 'proposed');
    expect(open).toHaveLength(1);
    expect(open[0]?.approvals.map(({ user }) => user)).toEqual(['UBOB']);
    const last = exampleChange({ id: open[0]?.id ?? '' });
    expect(await putForward(last, bench.tools({}))).toBeNull();
    expect((await bench.changes.open()).filter(({ state }) => state === 'proposed')).toHaveLength(1);
  });
});
