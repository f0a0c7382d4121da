import { Secret as Key, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/approval/states.js';
import { RefusedError } from '../../src/core/errors.js';
import type { Origin, Wish } from '../../src/core/request.js';
import { examplePlan, exampleChange } from '../approval/example-change.js';
import { as } from './as.js';
import { openDeskBench, type DeskBench } from './desk-bench.js';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const origin: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
let bench: DeskBench;

beforeAll(async () => {
  bench = await openDeskBench({ UBOB: seed, UCAROL: seed });
});
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.fresh();
});

const codeAt = (ms: number): string => TOTP.generate({ secret: Key.fromBase32(seed), timestamp: ms });

async function proposed(patch: Partial<Change> = {}): Promise<Change> {
  const change = exampleChange({ channel: 'C1', ...patch });
  await bench.changes.create(change);
  return change;
}

async function now(id = 'c-1'): Promise<Change> {
  const change = await bench.changes.get(id);
  if (change === null) throw new Error('the change is gone');
  return change;
}

const codes = async (): Promise<string[]> =>
  (await bench.audit.read(0, 100)).map(({ code, detail }) =>
    `${code} ${String(detail['decision'] ?? detail['rule'] ?? '')}`.trim(),
  );

describe('a rejection', () => {
  it('asks for a reason, and decides nothing without one', async () => {
    await proposed();
    const desk = bench.desk({});
    expect(await desk.decide('c-1', 'reject', as('UBOB'))).toMatchObject({
      kind: 'ask',
      what: 'reject',
      problem: null,
    });
    expect(await desk.decide('c-1', 'reject', as('UBOB'), { reason: ' no ' })).toMatchObject({ kind: 'ask' });
    expect((await now()).state).toBe('proposed');
    expect(await codes()).toEqual([]);
  });

  it('is kept with its reason, redacted, in the history and the trail, and told to who asked', async () => {
    await proposed();
    const reason = 'The batch runs until six, token=abcdef123456';
    const answer = await bench.desk({}).decide('c-1', 'reject', as('UBOB'), { reason });
    expect(answer).toMatchObject({ kind: 'done' });
    const change = await now();
    expect(change).toMatchObject({ state: 'rejected' });
    expect(change.history.at(-1)).toMatchObject({ move: 'reject', by: 'UBOB' });
    expect(change.history.at(-1)?.note).toContain('The batch runs until six');
    const [record] = await bench.audit.read(0, 1);
    expect(record?.detail['reason']).toContain('The batch runs until six');
    const told = await bench.outbox.get('request:1:rejected');
    expect(JSON.stringify(told?.content)).toMatch(/<@UALICE>.*<@UBOB> rejected.*The batch runs until six/);
    const all = JSON.stringify([change, record, told, await bench.outbox.get('request:1')]);
    expect(all).not.toContain('abcdef123456');
    expect(JSON.stringify(await bench.outbox.get('request:1'))).toContain('The batch runs until six');
  });

  it('by who asked is a withdrawal, needs no reason and tells nobody', async () => {
    await proposed();
    expect(await bench.desk({}).decide('c-1', 'withdraw', as('UBOB'))).toMatchObject({ kind: 'refused' });
    expect(await bench.desk({}).decide('c-1', 'withdraw', as('UALICE'))).toMatchObject({ kind: 'done' });
    expect((await now()).state).toBe('rejected');
    expect(await bench.outbox.get('request:1:rejected')).toBeNull();
  });
});

describe('approvals', () => {
  it('come from different people: aliases count once, and never the requester, with whichever account', async () => {
    const people = { people: { UBOB: { aliases: ['UBOB2'] }, UALICE: { aliases: ['UALICE2'] } } };
    await proposed({ approvalsNeeded: 2 });
    const desk = bench.desk(people);
    expect(await desk.decide('c-1', 'approve', as('UALICE2'))).toMatchObject({ kind: 'refused' });
    expect(await desk.decide('c-1', 'approve', as('UBOB'))).toMatchObject({ kind: 'done' });
    expect(await desk.decide('c-1', 'approve', as('UBOB2'))).toMatchObject({ kind: 'refused' });
    expect((await now()).state).toBe('proposed');
    expect(await desk.decide('c-1', 'approve', as('UCAROL'))).toMatchObject({ kind: 'done' });
    expect((await now()).state).toBe('approved');
  });

  it('of one human with two accounts at the same moment are one', async () => {
    await proposed({ approvalsNeeded: 2 });
    const desk = bench.desk({ people: { UBOB: { aliases: ['UBOB2'] } } });
    const answers = await Promise.all(
      ['UBOB', 'UBOB2', 'UBOB', 'UBOB2'].map((user) => desk.decide('c-1', 'approve', as(user))),
    );
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect((await now()).approvals).toHaveLength(1);
  });

  it('tell who comes later who decided and when, also while it runs already', async () => {
    await proposed();
    const desk = bench.desk({});
    await desk.decide('c-1', 'approve', as('UBOB'));
    await bench.changes.move('c-1', 'run', { user: 'worker', at: '2026-03-01T02:11:00.000Z', note: '' });
    expect(await desk.decide('c-1', 'approve', as('UCAROL'))).toEqual({
      kind: 'refused',
      sentence:
        'This change is already approved by <@UBOB> at 2026-03-01 02:10 UTC, and it is running now; this can only be done while it is proposed.',
    });
  });
});

describe('a step-up code', () => {
  const strict = { approvals: { low: { stepUp: true } } };

  it('is asked for where the policy wants it, decides nothing when it is wrong, and then approves', async () => {
    await proposed();
    const desk = bench.desk(strict);
    const first = await desk.decide('c-1', 'approve', as('UBOB'));
    expect(first).toMatchObject({ kind: 'ask', what: 'code', problem: null });
    const wrong = await desk.decide('c-1', 'approve', as('UBOB'), { code: '12345' });
    expect(wrong).toMatchObject({
      kind: 'ask',
      what: 'code',
      problem: expect.stringContaining('not right') as string,
    });
    expect((await now()).state).toBe('proposed');
    expect(await desk.decide('c-1', 'approve', as('UBOB'), { code: codeAt(bench.now) })).toMatchObject({
      kind: 'done',
    });
    expect((await now()).state).toBe('approved');
    expect(await codes()).toEqual(['step-up.refused wrong', 'step-up.given', 'change.decided approve']);
    expect(JSON.stringify(await bench.audit.read(0, 100))).not.toContain(codeAt(bench.now));
  });

  it('is remembered for an hour, and not longer', async () => {
    const desk = bench.desk(strict);
    await proposed();
    await desk.decide('c-1', 'approve', as('UBOB'), { code: codeAt(bench.now) });
    const later = { createdAt: '2026-03-01T03:00:00.000Z', expiresAt: '2026-03-01T09:00:00.000Z' };
    await proposed({ ...later, id: 'c-2' });
    await proposed({ ...later, id: 'c-3' });
    bench.now += 59 * 60_000;
    expect(await desk.decide('c-2', 'approve', as('UBOB'))).toMatchObject({ kind: 'done' });
    bench.now += 2 * 60_000;
    expect(await desk.decide('c-3', 'approve', as('UBOB'))).toMatchObject({ kind: 'ask', what: 'code' });
  });

  it('locks after five wrong ones, which is written down, and says so', async () => {
    await proposed();
    const desk = bench.desk(strict);
    for (let at = 0; at < 4; at += 1) await desk.decide('c-1', 'approve', as('UBOB'), { code: '1' });
    const answer = await desk.decide('c-1', 'approve', as('UBOB'), { code: '1' });
    expect(answer).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('15 minutes') as string,
    });
    expect((await codes()).at(-1)).toBe('step-up.refused locked');
    expect(await desk.decide('c-1', 'approve', as('UBOB'), { code: codeAt(bench.now) })).toMatchObject({
      kind: 'refused',
    });
    expect((await now()).state).toBe('proposed');
  });

  it('lets nobody approve who has no secret, and says what to do', async () => {
    await proposed();
    const answer = await bench
      .desk(strict)
      .decide('c-1', 'approve', as('UDAVE'), { code: codeAt(bench.now) });
    expect(answer).toMatchObject({
      kind: 'refused',
      sentence: expect.stringMatching(/none is set up for you.*aixops step-up UDAVE/) as string,
    });
    expect((await now()).state).toBe('proposed');
  });

  it('is not asked of who rejects or withdraws, nor before it is known that one may approve', async () => {
    await proposed();
    const desk = bench.desk(strict);
    expect(await desk.decide('c-1', 'approve', as('UALICE'))).toMatchObject({ kind: 'refused' });
    expect(await desk.decide('c-1', 'reject', as('UBOB'), { reason: 'Not tonight' })).toMatchObject({
      kind: 'done',
    });
  });

  it('counts for every account of one human', async () => {
    await proposed();
    const desk = bench.desk({ ...strict, people: { UBOB: { aliases: ['UBOB2'] } } });
    const said = { code: codeAt(bench.now) };
    expect(await desk.decide('c-1', 'approve', as('UBOB2'), said)).toMatchObject({ kind: 'done' });
  });
});

describe('a reason and a ticket', () => {
  const strict = { approvals: { medium: { reason: true, ticket: 'CHG[0-9]{7}' } } };
  const wish: Wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' };
  const grounds = { reason: 'DLPAR hangs', ticket: 'CHG0001234' };

  it('are asked for where the policy wants them, and nothing is queued without', async () => {
    const desk = bench.desk(strict);
    expect(await desk.lacking(wish)).toMatchObject({
      what: 'grounds',
      title: 'rmc-restart on lpar1',
      problem: 'A reason of 3 to 300 characters is needed. A ticket is needed, of this shape: CHG[0-9]{7}.',
    });
    await expect(desk.submit(wish, '/rmc-fix lpar1 rmc-restart', origin)).rejects.toThrow(RefusedError);
    for (const ticket of ['CHG123', 'xCHG0001234', 'CHG0001234 '])
      expect(await desk.lacking({ ...wish, grounds: { ...grounds, ticket } })).toMatchObject({
        problem: `"${ticket}" is no ticket as the policy wants it: CHG[0-9]{7}.`,
      });
    expect(bench.queued).toEqual([]);
    expect(await bench.audit.read(0, 10)).toEqual([]);
  });

  it('are kept with the request', async () => {
    const request = await bench.desk(strict).submit({ ...wish, grounds }, 'asked', origin);
    expect(request.wish).toMatchObject({ grounds });
    expect(bench.queued).toHaveLength(1);
  });

  it('are not asked for at other risks, for what only reads, or without a policy', async () => {
    expect(await bench.desk(strict).lacking({ ...wish, fix: 'rmc-enable-remote' })).toBeNull();
    expect(
      await bench.desk(strict).lacking({ job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'] }),
    ).toBeNull();
    expect(await bench.desk({}).lacking(wish)).toBeNull();
  });

  it('are asked for by the offer and by the rollback, which then queue with them', async () => {
    const desk = bench.desk(strict);
    await bench.requests.putOffer({ id: 'o1', fix: 'rmc-restart', target: 'lpar1', requestId: 'r1' });
    expect(await desk.takeOffer('o1', origin)).toMatchObject({ kind: 'ask', what: 'grounds' });
    expect(await desk.takeOffer('o1', origin, grounds)).toMatchObject({ kind: 'done' });
    await proposed({ state: 'verified', plan: { ...examplePlan, risk: 'medium' } });
    expect(await desk.rollBack('c-1', as('UBOB'))).toMatchObject({ kind: 'ask', what: 'grounds' });
    expect(await desk.rollBack('c-1', as('UBOB'), grounds)).toMatchObject({ kind: 'done' });
    expect(bench.queued.map(({ name }) => name)).toEqual(['propose-fix', 'roll-back']);
    const request = await bench.requests.get(bench.queued[1]?.id ?? '');
    expect(request?.wish).toMatchObject({ grounds });
  });
});
