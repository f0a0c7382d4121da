import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { expire } from '../../jobs/expire.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import { reviewGlasses } from '../../jobs/review-glass.js';
import { rollBack } from '../../jobs/roll-back.js';
import type { Change } from '../../src/approval/states.js';
import type { Wish } from '../../src/core/request.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { Answered } from '../../src/slack/tools.js';
import { as } from '../desk/as.js';
import { alice, never } from './carry-on.js';
import { carol, openTimeBench, type TimeBench } from './time-bench.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
let on: TimeBench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  await bench.lab.node('lpar6').setScenario('clients-disabled');
  on = openTimeBench(bench);
});

async function ask(wish: Wish): Promise<string> {
  const { id } = await on.desk.submit(wish, wish.job, alice);
  if (wish.job === 'roll-back') await rollBack(id, on.tools);
  else await proposeFix(id, on.tools, never);
  return `c-${id}`;
}

const proposed = (): Promise<string> =>
  ask({ job: 'propose-fix', fix: 'rmc-enable-remote', target: 'lpar6' });

async function look(id: string): Promise<Change> {
  await applyFix(id, on.tools, never);
  return on.change(id);
}

async function carryOn(id: string): Promise<Change> {
  for (;;) {
    const change = await look(id);
    if (!['approved', 'running', 'verifying'].includes(change.state) || change.held != null) return change;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const runs = async (): Promise<number> => (await bench.lab.node('lpar6').ran('rmcctrl')).length;
async function approve(id: string, user = 'UBOB'): Promise<Answered> {
  const answer = await on.desk.decide(id, 'approve', as(user));
  if (answer.kind === 'ask') throw new Error(`more is asked: ${answer.what}`);
  return answer;
}

const codes = async (): Promise<string[]> => (await bench.shared.audit.read(0, 500)).map(({ code }) => code);

/** The message of a change's card, or of any key. */
async function said(key: string): Promise<string> {
  const entry = await bench.shared.outbox.get(key);
  return entry?.content.kind === 'message' ? entry.content.message.text : '';
}

/** All that the channel was told under keys of this kind. */
async function told(kind: string): Promise<readonly string[]> {
  const waiting = await bench.shared.outbox.queue('C1', 100);
  return waiting.flatMap(({ key, content }) =>
    key.startsWith(`${kind}:`) && content.kind === 'message' ? [content.message.text] : [],
  );
}

describe('a freeze', () => {
  it('refuses an approval with who froze and why, and leaves the change proposed', async () => {
    const id = await proposed();
    expect(await on.time.freeze(true, 'quarter end', carol)).toEqual({ kind: 'done', sentence: '' });
    const answer = await approve(id);
    expect(answer.kind).toBe('refused');
    expect(answer.sentence).toMatch(
      /^All changes are frozen by <@UCAROL> since [\d-]+ [\d:]+ UTC: quarter end\. Nothing was decided\. The change stays proposed/,
    );
    expect((await on.change(id)).state).toBe('proposed');
    expect((await on.change(id)).approvals).toEqual([]);
    expect((await codes()).slice(-2)).toEqual(['freeze.on', 'request.refused']);
  }, 60_000);

  it('holds what was approved before, which goes on once when it is lifted, whoever looks', async () => {
    const id = await proposed();
    const before = await runs();
    expect(await approve(id)).toMatchObject({ kind: 'done' });
    await on.time.freeze(true, 'quarter end', carol);
    const held = await look(id);
    expect([held.state, held.note]).toEqual([
      'approved',
      expect.stringMatching(/^Waiting: all changes are frozen by UCAROL since .* UTC: quarter end$/),
    ]);
    const card = await said(held.cardKey);
    expect(card).toContain('*Waiting:* all changes are frozen by <@UCAROL> since <!date^');
    expect(card).toContain('Nothing has run and nothing is locked.');
    await look(id);
    expect(await runs()).toBe(before);
    expect((await codes()).filter((code) => code === 'change.held')).toHaveLength(1);
    expect(await bench.shared.redis.keys('*lock:*')).toEqual([]);

    on.queued.length = 0;
    expect(await on.time.freeze(false, '', carol)).toEqual({ kind: 'done', sentence: '' });
    expect(on.queued.map(({ name, id: of }) => [name, of])).toEqual([['apply-fix', id]]);
    const [first] = await Promise.all([carryOn(id), carryOn(id)]);
    expect(first.state).toBe('verified');
    expect((await runs()) - before).toBe(1);
    expect((await on.change(id)).letThrough).toBeUndefined();
  }, 60_000);

  it('that is over leaves no word of it on a card that waits for a lock then', async () => {
    const id = await proposed();
    await approve(id);
    await on.time.freeze(true, 'quarter end', carol);
    await look(id);
    await bench.shared.locks.take(['node:lpar6'], 'c-other');
    await on.time.freeze(false, '', carol);
    const waiting = await look(id);
    expect([waiting.held, waiting.note]).toEqual([null, 'Waiting: change c-other holds node:lpar6.']);
    const card = await said(waiting.cardKey);
    expect(card).toContain('holds node:lpar6');
    expect(card).not.toContain('frozen');
  }, 60_000);

  it('says in the channel who froze, why, and what goes on; and when it is lifted', async () => {
    const id = await proposed();
    await approve(id);
    const running = await proposed();
    await bench.shared.changes.update(running, () => ({ state: 'running' }));
    await on.time.freeze(true, 'quarter <!channel> end', carol);
    expect(await on.time.freeze(true, 'again', carol)).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('frozen already by <@UCAROL>') as string,
    });
    const [frozen = ''] = await told('freeze');
    expect(frozen).toContain('All changes are frozen* by <@UCAROL>');
    expect(frozen).toContain('quarter &lt;!channel&gt; end');
    expect(frozen).toMatch(
      new RegExp(`Already running, and carried on to its end:\n• .*${running}.*: running`),
    );
    expect(frozen).toMatch(new RegExp(`Approved, and waiting now:\n• .*${id}.*: approved, not begun`));
    expect(frozen).not.toContain('<!channel>');

    await on.time.freeze(false, 'books are closed', carol);
    expect(await on.time.freeze(false, '', carol)).toMatchObject({ kind: 'refused' });
    const lifted = (await told('freeze')).at(-1) ?? '';
    expect(lifted).toContain('lifted by <@UCAROL>');
    expect(lifted).toContain('books are closed.');
  }, 60_000);

  it('needs a reason, somebody who may, and a channel', async () => {
    expect(await on.time.freeze(true, '  ', carol)).toMatchObject({ kind: 'refused' });
    expect(await on.time.freeze(true, 'quarter end', { ...carol, channel: 'D1' })).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('Do this in a channel') as string,
    });
    expect(await bench.shared.calm.freeze()).toBeNull();
    expect(await told('freeze')).toEqual([]);
  });

  it('keeps no secret of a reason', async () => {
    await on.time.freeze(true, 'password=hunter2-Sesame until Monday', carol);
    const kept = await bench.shared.redis.get(`${keyPrefix}freeze`);
    const all = JSON.stringify([
      kept,
      await bench.shared.calm.freeze(),
      await bench.shared.audit.read(0, 10),
      await told('freeze'),
    ]);
    expect(all).not.toContain('hunter2');
    expect(all).toContain('until Monday');
  });

  it('that cannot be read starts nothing, and decides nothing', async () => {
    const id = await proposed();
    expect(await approve(id)).toMatchObject({ kind: 'done' });
    const later = await proposed();
    const before = await runs();
    await on.time.freeze(true, 'quarter end', carol);
    const key = `${keyPrefix}freeze`;
    expect(await bench.shared.redis.exists(key)).toBe(1);
    await bench.shared.redis.set(key, 'no freeze at all');
    await expect(applyFix(id, on.tools, never)).rejects.toThrow();
    await expect(approve(later)).rejects.toThrow();
    expect((await on.change(id)).state).toBe('approved');
    expect((await on.change(later)).state).toBe('proposed');
    expect(await runs()).toBe(before);
  }, 60_000);

  it('that comes while the facts are read again holds the change all the same', async () => {
    const id = await proposed();
    await approve(id);
    const before = await runs();
    let asked = 0;
    const gate = on.tools.timeGate;
    const tools = {
      ...on.tools,
      timeGate: async (plan: Parameters<typeof gate>[0]) => {
        asked += 1;
        if (asked === 2) await on.time.freeze(true, 'quarter end', carol);
        return gate(plan);
      },
    };
    await applyFix(id, tools, never);
    expect([(await on.change(id)).state, (await on.change(id)).held?.rule]).toEqual(['approved', 'freeze']);
    expect(await bench.shared.redis.keys('*lock:*')).toEqual([]);
    expect(await runs()).toBe(before);
  }, 60_000);
});

describe('a window', () => {
  it('refuses an approval outside, and says when it opens', async () => {
    const id = await proposed();
    on.rules.windows = [on.windowIn(30, 'lpar6')];
    const soon = await approve(id);
    expect(soon.sentence).toMatch(
      /^The window of lpar6 \(daily .* UTC\) opens at .* UTC\. Nothing was decided\. The change stays/,
    );
    on.rules.windows = [on.windowIn(300, 'lpar6')];
    const late = await approve(id);
    expect(late.sentence).toContain('This proposal expires before that');
    expect((await on.change(id)).approvals).toEqual([]);
  }, 60_000);

  it('wakes the change when it opens', async () => {
    const id = await proposed();
    await approve(id);
    const before = await runs();
    on.rules.windows = [on.windowIn(30, 'lpar6')];
    const held = await look(id);
    await look(id);
    expect(held.note).toMatch(/^Waiting: the window of lpar6 .* opens at /);
    expect(await said(held.cardKey)).toMatch(/\*Waiting:\* the window of lpar6 .* That is <!date\^/);
    const opens = on.queued.filter(({ jobId }) => jobId.includes('-opens-'));
    expect(new Set(opens.map(({ jobId }) => jobId)).size).toBe(1);
    expect(opens[0]?.delayMs).toBeGreaterThan(28 * 60_000);
    expect(opens[0]?.delayMs).toBeLessThanOrEqual(30 * 60_000);
    expect(await runs()).toBe(before);

    on.clock.aheadMs += 31 * 60_000;
    expect((await carryOn(id)).state).toBe('verified');
    expect((await runs()) - before).toBe(1);
  }, 60_000);

  it('that does not open in time lets the approval expire, and nothing runs', async () => {
    const id = await proposed();
    await approve(id);
    const before = await runs();
    on.rules.windows = [on.windowIn(300, 'lpar6')];
    const held = await look(id);
    expect(held.held?.rule).toBe('window');
    expect(on.queued.filter(({ jobId }) => jobId.includes('-opens-'))).toEqual([]);
    const due = await bench.shared.changes.due(Date.parse(held.expiresAt) + 1);
    expect(due).toEqual([id]);

    on.clock.aheadMs += 61 * 60_000;
    on.queued.length = 0;
    await expire(on.tools);
    expect(on.queued.map(({ name, id: of }) => [name, of])).toContainEqual(['apply-fix', id]);
    const over = await look(id);
    expect([over.state, over.note]).toEqual([
      'expired',
      expect.stringMatching(/^Approved, but not started in time\. The window of lpar6/),
    ]);
    on.clock.aheadMs += 250 * 60_000;
    expect((await look(id)).state).toBe('expired');
    expect(await runs()).toBe(before);
  }, 60_000);
});

describe('broken glass', () => {
  const breakIt = (target: string | null, reason = 'production is down, incident 4711') =>
    on.time.breakGlass(target, reason, carol);

  it('lets a rollback through a freeze, and stands on its card; without it the rollback is refused', async () => {
    const id = await proposed();
    await approve(id);
    expect((await carryOn(id)).state).toBe('verified');
    await on.time.freeze(true, 'quarter end', carol);
    const undo = await ask({ job: 'roll-back', change: id });
    expect(await approve(undo, 'UBOB')).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('frozen') as string,
    });
    expect(await breakIt('lpar6')).toEqual({ kind: 'done', sentence: '' });
    // Four eyes stay: who asked for it approves nothing, glass or not.
    expect(await approve(undo, 'UALICE')).toMatchObject({ kind: 'refused' });
    expect(await approve(undo, 'UBOB')).toMatchObject({ kind: 'done' });
    const done = await carryOn(undo);
    expect(done.state).toBe('verified');
    expect(done.letThrough).toMatchObject({ by: 'UCAROL', reason: 'production is down, incident 4711' });
    expect(await said(done.cardKey)).toContain(
      '*Let through by break-glass* of <@UCAROL>: production is down, incident 4711.',
    );
    const trail = await codes();
    expect(trail.indexOf('glass.broken')).toBeLessThan(trail.indexOf('glass.used'));
    expect(trail.indexOf('glass.used')).toBeLessThan(trail.lastIndexOf('change.started'));
    const other = await ask({ job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' });
    expect(await approve(other)).toMatchObject({ kind: 'refused' });
  }, 60_000);

  it('wakes what waits for it, and tells the channel aloud without calling anybody', async () => {
    const id = await proposed();
    await approve(id);
    await on.time.freeze(true, 'quarter end', carol);
    await look(id);
    on.queued.length = 0;
    await breakIt('lpar6', 'production is down <!here>');
    expect(on.queued.map(({ name, id: of }) => [name, of])).toEqual([['apply-fix', id]]);
    const [loud = ''] = await told('glass');
    expect(loud).toContain('BREAK-GLASS on lpar6 by <@UCAROL>');
    expect(loud).toContain('It approves nothing');
    expect(loud).toContain(id);
    expect(loud).not.toMatch(/<!(?:here|channel|everyone)/);
    expect((await carryOn(id)).state).toBe('verified');
  }, 60_000);

  it('is over after 15 minutes: what was approved under it and has not begun waits again', async () => {
    const id = await proposed();
    await on.time.freeze(true, 'quarter end', carol);
    await breakIt('lpar6');
    expect(await breakIt('lpar6')).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('broken already, by <@UCAROL>') as string,
    });
    expect(await approve(id)).toMatchObject({ kind: 'done' });
    on.clock.aheadMs += 15 * 60_000;
    const held = await look(id);
    expect([held.state, held.held?.rule]).toEqual(['approved', 'freeze']);
    const second = await proposed();
    expect(await approve(second)).toMatchObject({ kind: 'refused' });
  }, 60_000);

  it('opens a cluster with its nodes, and a node with its cluster', async () => {
    await breakIt('erp1');
    const [glass] = await bench.shared.calm.glasses();
    expect([...(glass?.covers ?? [])].sort()).toEqual(['erp', 'erp1', 'erp2']);
    expect(glass?.target).toBe('erp1');
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a target', () => breakIt(null), /Say for which node or cluster/],
    [
      'a target that is known',
      () => breakIt('lpar66'),
      /Unknown node or cluster "lpar66"\. Did you mean lpar6\?/,
    ],
    ['a reason', () => breakIt('lpar6', 'urgent'), /at least 10 characters/],
    ['somebody who may', () => on.time.breakGlass('lpar6', 'production is down', alice), /./],
    [
      'a channel',
      () => on.time.breakGlass('lpar6', 'production is down', { ...carol, channel: 'D1' }),
      /in a channel/,
    ],
  ])('needs %s', async (_what, act, why) => {
    expect(await act()).toMatchObject({ kind: 'refused', sentence: expect.stringMatching(why) as string });
    expect(await bench.shared.calm.glasses()).toEqual([]);
    expect(await told('glass')).toEqual([]);
    expect(await codes()).not.toContain('glass.broken');
  });

  it('asks for a code where the policy wants codes, and is broken once the right one is given', async () => {
    on.stepUp.fresh = false;
    const asked = await breakIt('lpar6');
    const wish = asked.kind === 'code' ? asked.wish : '';
    expect(asked).toEqual({ kind: 'code', wish, target: 'lpar6' });
    expect(await bench.shared.calm.glasses()).toEqual([]);
    expect(await on.time.giveCode('nothing', '123456', as('UCAROL'))).toBeNull();
    expect(await on.time.giveCode(wish, '123456', as('UBOB'))).toMatchObject({ kind: 'refused' });
    expect(await on.time.giveCode(wish, '999999', as('UCAROL'))).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('not right') as string,
    });
    expect(await bench.shared.calm.glasses()).toEqual([]);
    expect(await on.time.giveCode(wish, '123456', as('UCAROL'))).toEqual({ kind: 'done', sentence: '' });
    expect((await bench.shared.calm.glasses())[0]).toMatchObject({ by: 'UCAROL', target: 'lpar6' });
    expect((await codes()).filter((code) => /^(?:step-up|glass)/.test(code))).toEqual([
      'step-up.refused',
      'step-up.given',
      'glass.broken',
    ]);
    // Remembered for an hour.
    expect(await breakIt('lpar1')).toEqual({ kind: 'done', sentence: '' });
  });

  it('is not broken by who has no authenticator where the policy wants codes', async () => {
    on.stepUp.fresh = false;
    on.policy.breakGlass = { who: ['UALICE'], minutes: 15 };
    const answer = await on.time.breakGlass('lpar6', 'production is down', alice);
    expect(answer).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('none is set up for you') as string,
    });
    expect(await bench.shared.calm.glasses()).toEqual([]);
  });
});

describe('the review of broken glass', () => {
  it('is posted once the next morning, with what ran, by however many workers and after a restart', async () => {
    const id = await proposed();
    await approve(id);
    await on.time.freeze(true, 'quarter end', carol);
    await on.time.breakGlass('lpar6', 'production is down', carol);
    expect((await carryOn(id)).state).toBe('verified');
    const [glass] = await bench.shared.calm.glasses();
    expect(glass?.reviewAt).toMatch(/T09:00:00\.000Z$/);
    expect(Date.parse(glass?.reviewAt ?? '')).toBeGreaterThanOrEqual(Date.parse(glass?.until ?? ''));

    await reviewGlasses(on.tools);
    expect(await told('glass-review')).toEqual([]);
    on.clock.aheadMs = Date.parse(glass?.reviewAt ?? '') - Date.now() + 60_000;
    const again = await bench.restart();
    const other = { ...again.tools, clock: () => on.now() };
    await Promise.all([reviewGlasses(on.tools), reviewGlasses(other)]);
    await reviewGlasses(other);
    await again.close();
    expect((await codes()).filter((code) => code === 'glass.review-posted')).toHaveLength(1);
    const [item = '', ...more] = await told('glass-review');
    expect(more).toEqual([]);
    expect(item).toContain('To be reviewed: break-glass on lpar6');
    expect(item).toContain('Broken by <@UCAROL>');
    expect(item).toContain('production is down');
    expect(item).toMatch(new RegExp(`${id}.*: done and verified`));
    const entry = await bench.shared.outbox.get(`glass-review:${glass?.glass ?? ''}`);
    expect(entry?.version).toBe(1);
  }, 60_000);

  it('is posted once where a worker died right before it was crossed off', async () => {
    await on.time.breakGlass('lpar6', 'production is down', carol);
    on.clock.aheadMs += 2 * 86_400_000;
    const calm = { ...bench.shared.calm, setPosted: () => Promise.reject(new Error('killed')) };
    await expect(reviewGlasses({ ...on.tools, calm })).rejects.toThrow('killed');
    await bench.shared.redis.del(...(await bench.shared.redis.keys('*glass:*:review')));
    await reviewGlasses(on.tools);
    const [id = ''] = (await bench.shared.redis.keys('*outbox:entry:glass-review:*')).map(
      (key) => key.split('entry:')[1],
    );
    expect((await bench.shared.outbox.get(id))?.version).toBe(1);
    expect(await bench.shared.calm.glasses()).toEqual([]);
  });

  it('is reviewed by an approver other than who broke it, once, and its button goes', async () => {
    await on.time.breakGlass('lpar6', 'production is down', carol);
    const [glass] = await bench.shared.calm.glasses();
    const id = glass?.glass ?? '';
    on.clock.aheadMs += 2 * 86_400_000;
    await reviewGlasses(on.tools);
    expect(JSON.stringify(await bench.shared.outbox.get(`glass-review:${id}`))).toContain(`"value":"${id}"`);
    expect(await on.time.reviewed('nothing', as('UBOB'))).toBeNull();
    expect(await on.time.reviewed(id, as('UCAROL'))).toEqual({
      kind: 'refused',
      sentence: 'You broke this glass, so another approver reviews it. Nothing was done.',
    });
    const answers = await Promise.all([on.time.reviewed(id, as('UBOB')), on.time.reviewed(id, as('UDAVE'))]);
    expect(answers.filter((answer) => answer?.kind === 'done')).toHaveLength(1);
    const winner = (await bench.shared.calm.reviewed(id))?.by ?? '';
    expect(['UBOB', 'UDAVE']).toContain(winner);
    const item = JSON.stringify(await bench.shared.outbox.get(`glass-review:${id}`));
    expect(item).toContain(`Reviewed by <@${winner}>`);
    expect(item).not.toContain('"action_id"');
    expect(await on.time.reviewed(id, as('UEVE'))).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining(`reviewed by <@${winner}> already`) as string,
    });
  });
});
