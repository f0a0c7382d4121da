import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handlerOf } from '../../jobs/index.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Tools } from '../../jobs/tools.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { never } from './carry-on.js';
import { Killed, mortal } from './mortal.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { requestIn, textIn } from './stored.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.tools.certificates.close();
  await bench.stop();
});
beforeEach(async () => {
  for (const name of ['lpar1', 'lpar2']) await bench.lab.node(name).setScenario('healthy');
});

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };

const get = (id: string): Promise<Request> => requestIn(bench.shared, id);

const textOf = (key: string): Promise<string> => textIn(bench.shared, key);

/** Does a job as a worker's queue has it done. */
async function work(name: string, id: string, tools: Tools): Promise<void> {
  const data = { v: 1, id, notAfter: Date.now() + 60_000 } as const;
  await handlerOf('read', tools)(name, data, never);
}

/**
 * Asks for something, once for each write that its worker makes, and has the worker die behind that one and another do the
 * job again. Resolves with how many writes there are.
 */
async function killedAtEach(
  wish: Wish,
  check: (request: Request, when: string) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    await bench.shared.redis.flushall();
    const { id } = await bench.desk.submit(wish, 'asked in a test', alice);
    const worker = mortal(bench.tools, at);
    const died = await work(wish.job, id, worker.tools).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return true;
      },
    );
    if (died) await work(wish.job, id, bench.tools);
    await check(await get(id), died ? `killed behind write ${at}` : 'not killed');
    if (!died) return worker.writes();
  }
}

describe('a worker that is killed while it reads is followed by another, and whatever it came to is seen', () => {
  it('in a diagnosis: its card and a message for each target', async () => {
    await bench.lab.node('lpar2').setScenario({ rsctLevel: '3.1.0.0' });
    const wish: Wish = { job: 'diagnose', diagnostic: 'rsct-level', targets: ['lpar1', 'lpar2'] };
    const writes = await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('done');
      const key = cardKeyOf(request);
      expect(await textOf(key), when).toContain('1 warning, 1 healthy');
      expect(await textOf(`${key}:target:lpar1`), when).toContain('healthy');
      expect(await textOf(`${key}:target:lpar2`), when).toContain('3.1.0.0');
    });
    expect(writes).toBeGreaterThan(6);
  }, 120_000);

  it('in a diagnosis with a second read: that is made, once', async () => {
    await bench.lab.node('lpar2').setScenario('pending-authentication');
    const wish: Wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1', 'lpar2'] };
    await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('waiting');
      expect(await textOf(cardKeyOf(request)), when).toContain('reading again at');
      // One job was there before, which was never taken: the diagnosis itself.
      expect(await bench.shared.queues.depth('read'), when).toBe(2);
      for (let at = 1; at < 6; at += 1)
        await work('read-again', request.id, mortal(bench.tools, at).tools).catch(() => undefined);
      await work('read-again', request.id, bench.tools);
      const done = await get(request.id);
      expect(done.phase, when).toBe('done');
      expect(await textOf(cardKeyOf(request)), when).not.toContain('reading again');
      expect(await textOf(`${cardKeyOf(request)}:target:lpar2`), when).toContain('authentication is failing');
    });
  }, 240_000);

  it('in a reading of certificates: the digest takes the place of the card', async () => {
    const wish: Wish = { job: 'cert-expiry', targets: ['all'], withinDays: 90 };
    await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('done');
      expect(await textOf(cardKeyOf(request)), when).toMatch(/certificates? on \d+ hosts? checked/);
    });
  }, 120_000);

  it('in making a plan: one change, its card, its plan, and the approvers are told', async () => {
    await bench.lab.node('lpar2').setScenario('drm-down');
    const wish: Wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' };
    await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('done');
      const key = cardKeyOf(request);
      expect(await textOf(key), when).toContain('Approval needed');
      expect(await textOf(`${key}:notice`), when).toContain('approv');
      expect((await bench.shared.outbox.get(`${key}:plan`))?.content.kind, when).toBe('file');
      const changes = await bench.shared.changes.recent(10);
      expect(
        changes.map(({ state }) => state),
        when,
      ).toEqual(['proposed']);
    });
  }, 120_000);

  it('in making the plans of a roll-out: one list for approval', async () => {
    for (const name of ['lpar1', 'lpar2']) await bench.lab.node(name).setScenario('drm-down');
    const wish: Wish = { job: 'propose-rollout', fix: 'rmc-restart', targets: ['lpar1', 'lpar2'] };
    await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('done');
      expect(await textOf(cardKeyOf(request)), when).toContain('2 LPARs');
      const rollout = await bench.shared.rollouts.get(`o-${request.id}`);
      expect(rollout?.state, when).toBe('proposed');
    });
  }, 240_000);

  it('in fetching host keys: the card that tells of them', async () => {
    await killedAtEach({ job: 'enrol', targets: ['lpar1'] }, async (request, when) => {
      expect(request.phase, when).toBe('done');
      expect(await textOf(cardKeyOf(request)), when).toContain('lpar1');
    });
  }, 120_000);

  it('in asking for a fix that is not needed: the card says so', async () => {
    const wish: Wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' };
    await killedAtEach(wish, async (request, when) => {
      expect(request.phase, when).toBe('done');
      expect(await textOf(cardKeyOf(request)), when).toMatch(/Nothing to do|No plan/);
    });
  }, 120_000);
});
