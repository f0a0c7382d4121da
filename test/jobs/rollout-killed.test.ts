import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { carryRollout } from '../../jobs/carry-rollout.js';
import { wakeRollouts } from '../../jobs/rollout-clock.js';
import type { Tools } from '../../jobs/tools.js';
import { rolloutEnds, type Rollout } from '../../src/approval/rollout-states.js';
import type { Change, Move } from '../../src/approval/states.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { exampleRollout, examplePlans } from '../approval/example-rollout.js';
import { never } from './carry-on.js';
import { Killed, mortal } from './mortal.js';
import { childrenOf, kept } from './rollout-bench.js';
import { openWorkbench, type Workbench } from './workbench.js';

/** Nothing is run on a node here: what the changes come to is written by hand, and only their roll-out is carried. */
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

async function approvedRollout(): Promise<Rollout> {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const rollout = exampleRollout({
    state: 'approved',
    // One, then two: what comes behind is the same again.
    waves: exampleRollout().waves.slice(0, 2),
    approvals: [{ user: 'UBOB', at }],
    createdAt: at,
    expiresAt: new Date(now + 3_600_000).toISOString(),
  });
  await bench.shared.rollouts.create(rollout, examplePlans);
  return rollout;
}

/** What a worker would have made of a change by now. */
async function end(change: Change, as: 'succeed' | 'fail' | 'lose'): Promise<void> {
  const moves: readonly Move[] = change.state === 'approved' ? ['run', 'verify', as] : [];
  for (const move of moves) {
    const by = { user: 'worker', at: new Date().toISOString(), note: '' };
    await bench.shared.changes.move(change.id, move, by);
  }
}

async function endAll(rollout: Rollout): Promise<void> {
  for (const change of await childrenOf(bench, rollout)) await end(change, 'succeed');
}

/** What stays of a worker that was killed runs out: its lease. */
async function leaseRunsOut(id: string): Promise<void> {
  await bench.shared.redis.del(`${keyPrefix}rollout:${id}:lease`);
}

async function carryToEnd(id: string): Promise<Rollout> {
  for (let round = 0; round < 20; round += 1) {
    await carryRollout(id, bench.tools, never);
    const rollout = await kept(bench, id);
    if (rolloutEnds.includes(rollout.state)) return rollout;
    await endAll(rollout);
  }
  throw new Error(`not ended: ${JSON.stringify(await kept(bench, id))}`);
}

const created = async (): Promise<readonly string[]> =>
  (await bench.shared.changes.recent(100)).map(({ id }) => id).sort();

describe('a worker that is killed while it carries a roll-out', () => {
  it('is followed by another at every point: nothing is made twice, nothing is lost, no wave is overtaken', async () => {
    let at = 0;
    for (let died = true; died; ) {
      at += 1;
      await bench.shared.redis.flushall();
      const { id } = await approvedRollout();
      const { tools, writes } = mortal(bench.tools, at);
      // This worker carries on through all waves, and dies somewhere on the way.
      died = await carryUntilKilled(id, tools);
      if (!died) expect(writes()).toBeLessThan(at);
      await leaseRunsOut(id);
      const done = await carryToEnd(id);
      expect([done.state, done.begun], `killed behind write ${at}`).toEqual(['done', 2]);
      expect(await created(), `killed behind write ${at}`).toEqual(['c-r1-1', 'c-r1-2', 'c-r1-3']);
      // One start of each: what ended was not made anew.
      for (const change of await childrenOf(bench, done))
        expect(change.history.filter(({ move }) => move === 'run')).toHaveLength(1);
    }
    expect(at).toBeGreaterThan(30);
  }, 120_000);

  async function carryUntilKilled(id: string, tools: Tools): Promise<boolean> {
    for (let round = 0; round < 20; round += 1) {
      try {
        await carryRollout(id, tools, never);
      } catch (error) {
        if (error instanceof Killed) return true;
        throw error;
      }
      const rollout = await kept(bench, id);
      if (rolloutEnds.includes(rollout.state)) return false;
      await noWaveOvertaken(rollout);
      await endAll(rollout);
    }
    return false;
  }

  async function noWaveOvertaken(rollout: Rollout): Promise<void> {
    const children = await childrenOf(bench, rollout);
    const states = new Map(children.map((change) => [change.plan.target, change.state]));
    for (const [at, wave] of rollout.waves.entries()) {
      const begun = wave.some(({ target }) => states.has(target));
      const before = rollout.waves.slice(0, at).flat();
      if (begun) for (const { target } of before) expect(states.get(target)).toBe('verified');
    }
  }

  it('is found by the clock, also where it died before the roll-out was on any list', async () => {
    const { id } = await approvedRollout();
    expect(await bench.shared.rollouts.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await wakeRollouts(bench.tools);
    expect(await bench.shared.rollouts.due(Number.MAX_SAFE_INTEGER)).toEqual([id]);
    expect(await bench.shared.queues.depth('change')).toBe(1);
  });
});

describe('two workers at one roll-out', () => {
  it('carry it once', async () => {
    const { id } = await approvedRollout();
    await Promise.all(Array.from({ length: 10 }, () => carryRollout(id, bench.tools, never)));
    expect(await created()).toEqual(['c-r1-1']);
  });
});

describe('looks at a roll-out', () => {
  it('do not grow in number, however often it is woken', async () => {
    const { id } = await approvedRollout();
    // The clock stands: looks of one moment are one.
    const now = Date.now();
    const standing = { ...bench.tools, clock: () => now };
    for (let n = 0; n < 12; n += 1) await carryRollout(id, standing, never);
    // One job for its change, and one look.
    expect(await bench.shared.queues.depth('change')).toBe(2);
  });
});

describe('a roll-out stops', () => {
  it.each([
    ['fail', 'failed'],
    ['lose', 'unknown'],
  ] as const)(
    'where a change of its wave comes to %s, and waits for the others of the wave',
    async (move, state) => {
      const { id } = await approvedRollout();
      await carryRollout(id, bench.tools, never);
      await endAll(await kept(bench, id));
      await carryRollout(id, bench.tools, never);
      const [, b, c] = await childrenOf(bench, await kept(bench, id));
      if (b === undefined || c === undefined) throw new Error('the second wave has not begun');
      const by = { user: 'worker', at: new Date().toISOString(), note: '' };
      await bench.shared.changes.move(c.id, 'run', by);
      await end(b, move);
      await carryRollout(id, bench.tools, never);
      expect(await kept(bench, id)).toMatchObject({ state: 'stopping', stop: { target: 'b', note: state } });
      // c runs on: nothing takes it away from its worker.
      expect((await bench.shared.changes.get(c.id))?.state).toBe('running');
      await bench.shared.changes.move(c.id, 'verify', by);
      await bench.shared.changes.move(c.id, 'succeed', by);
      await carryRollout(id, bench.tools, never);
      expect(await kept(bench, id)).toMatchObject({ state: 'stopped', begun: 2 });
      expect(await created()).toEqual(['c-r1-1', 'c-r1-2', 'c-r1-3']);
    },
  );

  it('calls off what has not begun in the wave of a failed one', async () => {
    const { id } = await approvedRollout();
    await carryRollout(id, bench.tools, never);
    await endAll(await kept(bench, id));
    await carryRollout(id, bench.tools, never);
    const [, b, c] = await childrenOf(bench, await kept(bench, id));
    if (b !== undefined) await end(b, 'fail');
    await carryRollout(id, bench.tools, never);
    expect(await kept(bench, id)).toMatchObject({ state: 'stopped' });
    expect(await bench.shared.changes.get(c?.id ?? '')).toMatchObject({
      state: 'rejected',
      note: 'Its roll-out was stopped before this began. Nothing was run.',
    });
  });

  it('where somebody rolls back what was verified', async () => {
    const { id } = await approvedRollout();
    await carryRollout(id, bench.tools, never);
    await endAll(await kept(bench, id));
    await carryRollout(id, bench.tools, never);
    const by = { user: 'worker', at: new Date().toISOString(), note: '' };
    await bench.shared.changes.move('c-r1-1', 'rollBack', by);
    await carryRollout(id, bench.tools, never);
    expect(await kept(bench, id)).toMatchObject({
      state: 'stopped',
      stop: { target: 'a', note: 'rolling-back' },
    });
  });

  it('where Redis holds a plan that is not the approved one, which is never run', async () => {
    const { id } = await approvedRollout();
    const plan = { ...examplePlans.get('a'), title: 'Something else' };
    await bench.shared.redis.hset(`${keyPrefix}rollout:${id}:plans`, 'a', JSON.stringify(plan));
    await carryRollout(id, bench.tools, never);
    expect(await kept(bench, id)).toMatchObject({ state: 'stopped', stop: { target: 'a', note: 'altered' } });
    expect(await created()).toEqual([]);
  });
});
