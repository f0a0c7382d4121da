import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { carryRollout } from '../../jobs/carry-rollout.js';
import { expire } from '../../jobs/expire.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import { wakeRollouts } from '../../jobs/rollout-clock.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Tools } from '../../jobs/tools.js';
import type { Change } from '../../src/approval/states.js';
import { Desk } from '../../src/desk/desk.js';
import { RolloutDesk } from '../../src/desk/rollout.js';
import { as } from '../desk/as.js';
import { never } from './carry-on.js';
import { Killed, mortal } from './mortal.js';
import { kept, proposedRollout, rolloutTools } from './rollout-bench.js';
import { deskTools, openWorkbench, type Workbench } from './workbench.js';
import { changeIn, textIn } from './stored.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.lab.node('lpar2').setScenario('drm-down');
});

async function propose(): Promise<Change> {
  const origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
  const wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' } as const;
  const request = await bench.desk.submit(wish, '/rmc-fix lpar2 rmc-restart', origin);
  await proposeFix(request.id, bench.tools, never);
  return get(`c-${request.id}`);
}

const get = (id: string): Promise<Change> => changeIn(bench.shared, id);

const textOf = (key: string): Promise<string> => textIn(bench.shared, key);

const later = (ms: number): Tools => ({ ...bench.tools, clock: () => Date.now() + ms });
const dueNow = (): Promise<readonly string[]> => bench.shared.changes.due(Number.MAX_SAFE_INTEGER);

/** What the clock has workers do a little later: it ticks, and they take what it has queued. */
async function clockTicks(): Promise<void> {
  await expire(later(20_000));
  for (const id of await dueNow()) await applyFix(id, bench.tools, never);
}

function orKilled(error: unknown): false {
  if (!(error instanceof Killed)) throw error;
  return false;
}

/** Does something once for each of its writes, and dies behind that one. Resolves with how many there are. */
async function killedAtEach(
  act: (change: Change, at: number) => Promise<{ readonly writes: () => number }>,
  check: (change: Change, when: string) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    await bench.shared.redis.flushall();
    const change = await propose();
    let writes: number | null = null;
    try {
      writes = (await act(change, at)).writes();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await clockTicks();
    await check(await get(change.id), writes === null ? `killed behind write ${at}` : 'not killed');
    if (writes !== null) return writes;
  }
}

describe('a process that is killed while it ends a change is followed by another, and the card says so', () => {
  it('when somebody rejects it: whoever asked is told why', async () => {
    let rejected = 0;
    await killedAtEach(
      async ({ id }, at) => {
        const { tools, writes } = mortal(deskTools(bench.settings, bench.shared), at);
        await new Desk(tools).decide(id, 'reject', as('UBOB'), { reason: 'Not during the month end.' });
        return { writes };
      },
      async ({ state, cardKey }, when) => {
        // The click may have come to nothing: then Bob was told that it failed.
        if (state === 'proposed') return;
        rejected += 1;
        expect(state, when).toBe('rejected');
        expect(await textOf(cardKey), when).toContain('Rejected');
        expect(await textOf(`${cardKey}:rejected`), when).toContain('Not during the month end.');
        expect(await dueNow(), when).toEqual([]);
      },
    );
    expect(rejected).toBeGreaterThan(3);
  }, 120_000);

  it('when somebody rejects a roll-out', async () => {
    for (let at = 1, isThrough = false; !isThrough; at += 1) {
      await bench.shared.redis.flushall();
      const { rollout } = await proposedRollout(bench, 'rmc-restart', ['lpar2', 'lpar4']);
      const id = rollout?.id ?? '';
      const { tools } = mortal(rolloutTools(bench), at);
      const deciding = new RolloutDesk(tools).decide(id, 'reject', as('UBOB'), { reason: 'Not tonight.' });
      isThrough = await deciding.then(() => true, orKilled);
      await wakeRollouts(later(20_000));
      for (const due of await bench.shared.rollouts.due(Number.MAX_SAFE_INTEGER))
        await carryRollout(due, bench.tools, never);
      const { state, cardKey } = await kept(bench, id);
      if (state === 'proposed') continue;
      expect(state, `killed behind write ${at}`).toBe('rejected');
      expect(await textOf(cardKey), `killed behind write ${at}`).toContain('Rejected');
      expect(await textOf(`${cardKey}:rejected`), `killed behind write ${at}`).toContain('Not tonight.');
      expect(await bench.shared.rollouts.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    }
  }, 120_000);

  it('when nobody decided in time', async () => {
    await killedAtEach(
      async ({ expiresAt }, at) => {
        const { tools, writes } = mortal(later(Date.parse(expiresAt) - Date.now() + 1_000), at);
        await expire(tools);
        return { writes };
      },
      async ({ state, cardKey }, when) => {
        if (state === 'proposed') return;
        expect(state, when).toBe('expired');
        expect(await textOf(cardKey), when).toContain('Nobody decided in time');
        expect(await dueNow(), when).toEqual([]);
      },
    );
  }, 120_000);

  it('when the same is asked for again: the earlier card gives way', async () => {
    await killedAtEach(
      async (_change, at) => {
        const { tools, writes } = mortal(bench.tools, at);
        const origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
        const wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' } as const;
        const again = await bench.desk.submit(wish, '/rmc-fix lpar2 rmc-restart', origin);
        await proposeFix(again.id, tools, never);
        expect(await textOf(cardKeyOf(again))).toContain('Approval needed');
        return { writes };
      },
      async ({ state, cardKey }, when) => {
        if (state === 'proposed') return;
        expect(state, when).toBe('stale');
        expect(await textOf(cardKey), when).toContain('took its place');
      },
    );
  }, 120_000);
});
