import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { tellGivenUp } from '../../jobs/given-up.js';
import { withLease, type Held } from '../../jobs/lease.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Tools } from '../../jobs/tools.js';
import { HandOver } from '../../src/core/hand-over.js';
import { alice, approve, carryOn, never, propose } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(() => bench.stop());

/** Tools of a worker that is told to stop when `stop` is called. */
function stoppable(): Tools & { stop(): void } {
  let isStopping = false;
  return {
    ...bench.tools,
    handOver: new HandOver(),
    stopping: () => isStopping,
    stop: () => {
      isStopping = true;
    },
  };
}

/** A promise and the way to end it. */
function open(): { readonly ended: Promise<void>; end(): void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ended, end };
}

describe('a worker that is told to stop in the middle of a change', () => {
  it('hands it over as soon as it may, and another one goes on at once and runs nothing twice', async () => {
    const { change } = await propose(bench, { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' });
    if (change === null) throw new Error('nothing was proposed');
    await approve(bench, change);
    const tools = stoppable();
    const ran = () => bench.lab.node('lpar2').ran('rmcctrl');
    const carrying = applyFix(change.id, tools, never);
    await expect.poll(async () => (await ran()).length, { timeout: 30_000 }).toBeGreaterThan(0);
    tools.stop();
    await carrying;
    const left = await bench.shared.changes.get(change.id);
    expect(['running', 'verifying']).toContain(left?.state);
    // Whoever has its job next finds the lease free.
    expect(await bench.shared.changes.takeLease(change.id, 'next', 1_000)).toBe(true);
    await bench.shared.changes.dropLease(change.id, 'next');
    const waiting = await bench.shared.redis.keys(`*apply-${change.id}-*`);
    expect(waiting.length).toBeGreaterThan(0);
    const done = await carryOn(change.id, bench.tools, { aheadMs: 0 });
    expect([done.state, await ran()]).toEqual(['verified', ['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']]);
  }, 120_000);
});

describe('a lease', () => {
  it('is let go of when its worker has waited for long enough, although the work does not end', async () => {
    const tools = stoppable();
    const begun = open();
    let held: Held | undefined;
    const holding = withLease('hangs', tools, never, (mine) => {
      held = mine;
      begun.end();
      return new Promise(() => undefined);
    });
    await begun.ended;
    expect([held?.signal.aborted, held?.mustStop()]).toEqual([false, false]);
    tools.handOver.letGo();
    await holding;
    expect([held?.signal.aborted, held?.mustStop()]).toEqual([true, true]);
    expect(await tools.changes.takeLease('hangs', 'next', 1_000)).toBe(true);
  });

  it('is kept while something is under way that nobody else could go on with', async () => {
    const tools = stoppable();
    const [begun, answered, over] = [open(), open(), open()];
    let isOver = false;
    const holding = withLease('hmc', tools, never, async ({ alone }) => {
      begun.end();
      await alone(() => answered.ended);
      await over.ended;
    }).then(() => (isOver = true));
    await begun.ended;
    tools.handOver.letGo();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([isOver, await tools.changes.takeLease('hmc', 'next', 1_000)]).toEqual([false, false]);
    answered.end();
    await holding;
    expect(await tools.changes.takeLease('hmc', 'next', 1_000)).toBe(true);
    over.end();
  });
});

describe('a job that will not be done any more', () => {
  it.each([
    ['late', 'No worker took this up in its time'],
    ['unknown', 'newer version of aixops'],
    ['failed', 'went wrong several times'],
    ['stalled', 'Several workers ended in the middle of this'],
  ] as const)('is told on its card: %s', async (why, words) => {
    const wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'] } as const;
    const request = await bench.desk.submit(wish, '/rmc-status lpar1', alice);
    await tellGivenUp(request.id, why, bench.tools);
    expect((await bench.shared.requests.get(request.id))?.phase).toBe('failed');
    const card = await bench.shared.outbox.get(cardKeyOf(request));
    expect(JSON.stringify(card?.content)).toContain(words);
  });

  it('leaves alone what is done, what nobody asked for, and what was withdrawn', async () => {
    await tellGivenUp('C0OPS', 'late', bench.tools);
    const wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'] } as const;
    const request = await bench.desk.submit(wish, '/rmc-status lpar1', alice);
    expect(await bench.shared.requests.withdraw(request.id)).toBe(true);
    await tellGivenUp(request.id, 'late', bench.tools);
    expect((await bench.shared.requests.get(request.id))?.phase).toBe('queued');
    expect(await bench.shared.requests.begin(request.id)).toBe(false);
  });

  it('is told beside the card of a request that a newer aixops wrote, once', async () => {
    const wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'] } as const;
    const request = await bench.desk.submit(wish, '/rmc-status lpar1', alice);
    const key = `{aixops}:request:${request.id}`;
    const newer = JSON.stringify({ ...request, v: 2, phase: 'pondering' });
    await bench.shared.redis.set(key, newer);
    await tellGivenUp(request.id, 'unknown', bench.tools);
    await tellGivenUp(request.id, 'unknown', bench.tools);
    expect(await bench.shared.redis.get(key)).toBe(newer);
    const told = await bench.shared.outbox.get(`${cardKeyOf(request)}:given-up`);
    expect([told?.version, JSON.stringify(told?.content).includes('newer version of aixops')]).toEqual([
      1,
      true,
    ]);
  });
});
