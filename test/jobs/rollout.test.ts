import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { carryRollout } from '../../jobs/carry-rollout.js';
import { proposeRollout } from '../../jobs/propose-rollout.js';
import { wakeRollouts } from '../../jobs/rollout-clock.js';
import type { Rollout } from '../../src/approval/rollout-states.js';
import type { RolloutDesk } from '../../src/desk/rollout.js';
import type { Answered } from '../../src/slack/tools.js';
import { as } from '../desk/as.js';
import { alice, never, withClock } from './carry-on.js';
import { carryAll, childrenOf, kept, proposedRollout, rolloutDesk } from './rollout-bench.js';
import { openWorkbench, type Workbench } from './workbench.js';

const fix = 'rmc-enable-remote';
const nodes = ['lpar1', 'lpar2', 'lpar6', 'lpar7'] as const;

let bench: Workbench;
let desk: RolloutDesk;
beforeAll(async () => {
  bench = await openWorkbench();
  desk = rolloutDesk(bench);
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  for (const name of nodes) await bench.lab.node(name).setScenario('clients-disabled');
});

async function propose(targets: readonly string[] = nodes): Promise<Rollout> {
  const { rollout, request } = await proposedRollout(bench, fix, targets);
  if (rollout === null) throw new Error(`no roll-out was proposed: ${JSON.stringify(request)}`);
  return rollout;
}

async function approved(targets: readonly string[] = nodes): Promise<Rollout> {
  const { id } = await propose(targets);
  expect(await desk.decide(id, 'approve', as('UBOB'))).toMatchObject({ kind: 'done' });
  return kept(bench, id);
}

const records = async (code: string): Promise<readonly Record<string, unknown>[]> =>
  (await bench.shared.audit.read(0, 1_000)).filter((one) => one.code === code).map(({ detail }) => detail);

const wavesBegun = async (): Promise<unknown[]> =>
  (await records('rollout.wave')).map(({ targets }) => targets);
const isOpen = (name: string): boolean => bench.lab.node(name).state().remoteClients;
const card = async (key: string): Promise<string> => JSON.stringify(await bench.shared.outbox.get(key));

describe('a roll-out', () => {
  it('goes over four nodes in waves of one, two and one, each verified before the next', async () => {
    const rollout = await propose(['lpar6', 'lpar1', 'lpar2', 'lpar7', 'lpar8']);
    expect(rollout.waves.map((wave) => wave.map(({ target }) => target))).toEqual([
      ['lpar6'],
      ['lpar1', 'lpar2'],
      ['lpar7'],
    ]);
    expect(rollout.leftOut).toMatchObject([{ target: 'lpar8', why: 'not-read' }]);
    expect(await card(rollout.cardKey)).toMatch(/Approval needed.*Wave 1 of 3: lpar6.*Left out \(1\).*lpar8/);
    expect(await bench.shared.outbox.get(`${rollout.cardKey}:plan`)).toMatchObject({
      content: { kind: 'file', file: { content: expect.stringContaining('rmcctrl -p') as string } },
    });

    expect(await desk.decide(rollout.id, 'approve', as('UALICE'))).toEqual({
      kind: 'refused',
      sentence: 'You asked for this change, so someone else must approve it.',
    });
    expect(await desk.decide(rollout.id, 'approve', as('UBOB'))).toMatchObject({ kind: 'done' });
    const done = await carryAll(bench, rollout.id);

    expect(done.state).toBe('done');
    expect(await wavesBegun()).toEqual(['lpar6', 'lpar1 lpar2', 'lpar7']);
    const children = await childrenOf(bench, done);
    expect(children.map(({ plan, state }) => [plan.target, state])).toEqual([
      ['lpar6', 'verified'],
      ['lpar1', 'verified'],
      ['lpar2', 'verified'],
      ['lpar7', 'verified'],
    ]);
    // Each wave was made when the one before was verified, and not earlier.
    const ends = children.map(
      (change) => change.history.findLast(({ move }) => move === 'succeed')?.at ?? '',
    );
    expect((children[1]?.createdAt ?? '') >= (ends[0] ?? '~')).toBe(true);
    expect((children[3]?.createdAt ?? '') >= [ends[1] ?? '~', ends[2] ?? '~'].sort().at(-1)!).toBe(true);
    for (const name of nodes) {
      expect(isOpen(name), name).toBe(true);
      expect(await bench.lab.node(name).ran('rmcctrl'), name).toEqual(['rmcctrl -p']);
    }
    expect(children[0]).toMatchObject({
      requester: 'UALICE',
      approvals: [{ user: 'UBOB' }],
      digest: done.waves[0]?.[0]?.digest,
    });
    expect(await card(done.cardKey)).toMatch(/Rolled out, all verified/);
    expect(await card(`${done.cardKey}:targets:1`)).toMatch(
      /lpar6.*verified.*wave 1.*lpar7.*verified.*wave 3/,
    );
    // Each change's card stands in the roll-out's thread.
    expect(await bench.shared.outbox.get(children[0]?.cardKey ?? '')).toMatchObject({
      thread: { key: done.cardKey },
    });
  }, 90_000);

  it('stops at a second wave that fails, starts nothing more, and proposes the rest anew', async () => {
    const { id } = await approved();
    // What was approved still fits lpar2, and does not help: RMC goes down there while it is verified.
    const short = { ...bench.tools, verify: { ...bench.tools.verify, deadlineMs: 3_000 } };
    await carryAll(bench, id, short, async (rollout) => {
      const child = (await childrenOf(bench, rollout)).find(({ plan }) => plan.target === 'lpar2');
      return child?.state === 'verifying';
    });
    await bench.lab.node('lpar2').setScenario('ctrmc-stopped');
    const stopped = await carryAll(bench, id, short);

    expect(stopped.state).toBe('stopped');
    expect(stopped.stop).toMatchObject({ by: 'worker', target: 'lpar2' });
    const stands = (await childrenOf(bench, stopped)).map(({ plan, state }) => [plan.target, state]);
    expect(stands).toContainEqual(['lpar1', 'verified']);
    expect(stands).not.toContainEqual(['lpar7', expect.anything()]);
    expect(isOpen('lpar7')).toBe(false);
    expect(await card(stopped.cardKey)).toMatch(/Stopped because lpar2.*Propose the rest/);
    expect(await card(`${stopped.cardKey}:stopped`)).toMatch(/<@UALICE>/);

    expect(await desk.proposeRest(id, alice)).toMatchObject({ kind: 'done' });
    const [asked] = (await records('request.accepted')).slice(-1);
    expect(asked).toMatchObject({ asked: `/rmc-fix lpar7 ${fix}`, job: 'propose-rollout' });
  }, 90_000);

  it('stops where one target has drifted: its plan is not run, and nobody behind it begins', async () => {
    const { id } = await approved();
    await bench.lab.node('lpar1').setScenario('healthy');
    const stopped = await carryAll(bench, id);
    expect([stopped.state, stopped.stop?.target, stopped.stop?.note]).toEqual(['stopped', 'lpar1', 'stale']);
    expect(await childrenOf(bench, stopped)).toHaveLength(1);
    for (const name of ['lpar2', 'lpar6', 'lpar7']) expect(isOpen(name), name).toBe(false);
    expect(await card(stopped.cardKey)).toContain('no longer as it was when this was approved');
  }, 60_000);

  it('ends after what runs when somebody presses Stop', async () => {
    const { id } = await approved();
    await carryAll(
      bench,
      id,
      bench.tools,
      async (rollout) => (await childrenOf(bench, rollout))[0]?.state === 'verifying',
    );
    expect(await desk.stop(id, as('UEVE'))).toMatchObject({ kind: 'done' });
    expect(await desk.stop(id, as('UEVE'))).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('already stopping by <@UEVE>') as string,
    });
    const stopped = await carryAll(bench, id);
    expect([stopped.state, stopped.stop?.by]).toEqual(['stopped', 'UEVE']);
    expect(await wavesBegun()).toEqual(['lpar1']);
    const children = await childrenOf(bench, stopped);
    expect(children.map(({ plan, state }) => [plan.target, state])).toEqual([['lpar1', 'verified']]);
    expect(await card(stopped.cardKey)).toMatch(
      /Stopped by <@UEVE>.*1 verified, 3 not begun.*Propose the rest/,
    );
    expect(await records('rollout.decided')).toContainEqual(expect.objectContaining({ decision: 'stop' }));
  }, 60_000);

  it('lets no change begin that was made just when it was stopped', async () => {
    const { id } = await approved();
    await carryAll(bench, id, bench.tools, ({ begun }) => begun === 1);
    const [child] = await childrenOf(bench, await kept(bench, id));
    await desk.stop(id, as('UEVE'));
    // No worker has looked at the roll-out since: the change itself asks before it begins.
    await applyFix(child?.id ?? '', bench.tools, never);
    expect((await bench.shared.changes.get(child?.id ?? ''))?.state).toBe('rejected');
    expect(isOpen('lpar1')).toBe(false);
    expect(await bench.shared.redis.keys('*lock:*')).toEqual([]);
    expect((await carryAll(bench, id)).state).toBe('stopped');
  }, 60_000);
});

describe('a roll-out and a freeze of all changes', () => {
  const freeze = { by: 'UCAROL', at: '2026-03-01T02:00:00.000Z', reason: 'Quarter end' };

  it('is not approved while all is frozen', async () => {
    const { id } = await propose(['lpar1', 'lpar6']);
    await bench.shared.calm.setFreeze(freeze);
    const answer = await desk.decide(id, 'approve', as('UBOB'));
    expect(answer).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('Quarter end') as string,
    });
    expect(await kept(bench, id)).toMatchObject({ state: 'proposed', approvals: [] });
  }, 60_000);

  it('waits with the wave that a freeze holds, says so, and goes on when it is lifted', async () => {
    const { id } = await approved(['lpar1', 'lpar6']);
    await bench.shared.calm.setFreeze(freeze);
    await carryAll(bench, id, bench.tools, ({ note }) => note !== '');
    const waiting = await kept(bench, id);
    expect(waiting).toMatchObject({ state: 'running', begun: 1 });
    expect(await card(waiting.cardKey)).toMatch(/lpar1: Waiting: .*Quarter end/);
    expect(isOpen('lpar1')).toBe(false);
    await bench.shared.calm.lift();
    expect((await carryAll(bench, id)).state).toBe('done');
  }, 60_000);

  it('stops at once where it waits and somebody presses Stop', async () => {
    const { id } = await approved(['lpar1', 'lpar6']);
    await bench.shared.calm.setFreeze(freeze);
    await carryAll(bench, id, bench.tools, ({ note }) => note !== '');
    await desk.stop(id, as('UALICE'));
    expect(await carryAll(bench, id)).toMatchObject({ state: 'stopped', stop: { by: 'UALICE' } });
    await bench.shared.calm.lift();
    const [child] = await childrenOf(bench, await kept(bench, id));
    await applyFix(child?.id ?? '', bench.tools, never);
    expect((await bench.shared.changes.get(child?.id ?? ''))?.state).toBe('rejected');
    expect(isOpen('lpar1')).toBe(false);
  }, 60_000);
});

describe('a roll-out that is asked for', () => {
  it('is not made where no target needs it, and says why for each', async () => {
    for (const name of nodes) await bench.lab.node(name).setScenario('healthy');
    const { rollout, request } = await proposedRollout(bench, fix, ['lpar1', 'lpar6']);
    expect(rollout).toBeNull();
    expect(request?.conclusion).toMatchObject({
      kind: 'nothing-to-do',
      text: expect.stringContaining('None of 2 targets got a plan: 2 nothing to do (lpar1, lpar6)') as string,
    });
    expect(await card(`request:${request?.id ?? ''}:left-out`)).toContain('lpar6 — nothing to do');
  }, 60_000);

  it('is never made of a fix of high risk', async () => {
    await expect(proposedRollout(bench, 'rsct-rebuild', ['lpar1', 'lpar2'])).rejects.toThrow(
      'rsct-rebuild is high risk',
    );
  });

  it('is made once, also where its job runs twice, and keeps the approval that it has meanwhile', async () => {
    const rollout = await approved(['lpar1', 'lpar6']);
    const request = await bench.shared.requests.get(rollout.id.slice(2));
    if (request === null) throw new Error('the request is gone');
    await bench.shared.requests.put({ ...request, phase: 'reading' });
    await proposeRollout(request.id, bench.tools, never);
    expect(await kept(bench, rollout.id)).toMatchObject({ state: 'approved', digest: rollout.digest });
    expect(await bench.shared.rollouts.recent(10)).toHaveLength(1);
  }, 60_000);

  it('takes an HMC’s change of one managed system once', async () => {
    for (const name of ['lpar1', 'lpar2']) await bench.lab.node(name).setScenario('hmc-views-disagree');
    const { rollout } = await proposedRollout(bench, 'hmc-rebuild-system', ['lpar2', 'lpar1']);
    expect(rollout?.waves.flat().map(({ target }) => target)).toEqual(['lpar2']);
    expect(rollout?.leftOut).toMatchObject([{ target: 'lpar1', why: 'covered' }]);
  }, 60_000);

  it('expires where nobody decides, and where it was approved and nobody began', async () => {
    const first = await propose(['lpar1', 'lpar6']);
    const later = withClock(bench.tools, { aheadMs: 2 * 3_600_000 });
    await wakeRollouts(later);
    expect(await kept(bench, first.id)).toMatchObject({ state: 'expired' });
    expect(await desk.decide(first.id, 'approve', as('UBOB'))).toMatchObject({ kind: 'refused' });
    const second = await approved(['lpar1', 'lpar6']);
    await carryRollout(second.id, later, never);
    expect(await kept(bench, second.id)).toMatchObject({ state: 'expired', begun: 0 });
    expect(await card(second.cardKey)).toContain('Approved, but not started in time');
  }, 60_000);

  it('is decided once by a hundred clicks of two people', async () => {
    const { id } = await propose(['lpar1', 'lpar6']);
    const clicks = Array.from({ length: 100 }, (_, n) =>
      desk.decide(id, n % 2 === 0 ? 'approve' : 'withdraw', as(n % 2 === 0 ? 'UBOB' : 'UALICE')),
    );
    const answers = (await Promise.all(clicks)) as Answered[];
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect((await kept(bench, id)).history).toHaveLength(1);
  }, 60_000);
});
