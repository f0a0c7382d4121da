import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../jobs/diagnose.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { requestIn, textIn } from './stored.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  for (const name of ['lpar1', 'lpar2', 'lpar3']) await bench.lab.node(name).setScenario('healthy');
});

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
const never = new AbortController().signal;
const wish: Wish = { job: 'diagnose', diagnostic: 'rsct-level', targets: ['lpar1', 'lpar2', 'lpar3'] };
const ask = (): Promise<Request> => bench.desk.submit(wish, '/rsct-level lpar1 lpar2 lpar3', alice);

const get = ({ id }: Pick<Request, 'id'>): Promise<Request> => requestIn(bench.shared, id);

const textOf = (key: string): Promise<string> => textIn(bench.shared, key);

/** Begins to read, with one node that never answers. */
async function beginOn(request: Request): Promise<{ readonly ended: Promise<void> }> {
  await bench.lab.node('lpar3').setScenario({ hang: ['lslpp'] });
  expect(await bench.shared.requests.begin(request.id)).toBe(true);
  return { ended: diagnose(request.id, bench.tools, never) };
}

describe('a reading that somebody stops', () => {
  it('ends, keeps what was read, and knows nothing of the rest', async () => {
    const request = await ask();
    const reading = await beginOn(request);
    await expect.poll(async () => (await get(request)).verdicts.length, { timeout: 20_000 }).toBe(2);
    expect(await bench.desk.stopReading(request.id, { user: 'UBOB', channel: 'C1' })).toMatchObject({
      kind: 'done',
    });
    await reading.ended;
    const stopped = await get(request);
    expect(stopped).toMatchObject({
      phase: 'stopped',
      total: 3,
      done: 2,
      stopped: { by: 'UBOB', newer: null },
    });
    expect(stopped.verdicts.map(({ target }) => target).sort()).toEqual(['lpar1', 'lpar2']);
    expect(await textOf(cardKeyOf(request))).toContain(
      'Stopped by <@UBOB> after 2 of 3 LPARs: 2 healthy.* The other one was not read: nothing is known of it.',
    );
    expect(await textOf(`${cardKeyOf(request)}:target:lpar1`)).toContain('healthy');
    expect(await bench.shared.outbox.get(`${cardKeyOf(request)}:target:lpar3`)).toBeNull();
    const [reached] = (await bench.shared.audit.read(0, 100)).filter(
      ({ code }) => code === 'verdict.reached',
    );
    expect(reached?.detail).toMatchObject({ targets: 2, unread: 1, verdict: 'unknown' });
  }, 60_000);

  it('is not read again by the worker that takes it up after another one was killed', async () => {
    const request = await ask();
    await bench.shared.requests.begin(request.id);
    await bench.shared.requests.stop(request.id, { by: 'UBOB', at: '2026-03-01T02:10:00.000Z', newer: null });
    const before = bench.lab.connections();
    await diagnose(request.id, bench.tools, never);
    expect(await get(request)).toMatchObject({ phase: 'stopped', verdicts: [] });
    expect(bench.lab.connections()).toBe(before);
    expect(await textOf(cardKeyOf(request))).toContain('nothing is known of the 3 LPARs');
    await diagnose(request.id, bench.tools, never);
    expect(bench.lab.connections()).toBe(before);
  }, 60_000);

  it('is left alone once it has ended', async () => {
    const request = await ask();
    await diagnose(request.id, bench.tools, never);
    expect((await get(request)).phase).toBe('done');
    expect(await bench.shared.requests.stop(request.id, { by: 'UBOB', at: '', newer: null })).toBe('ended');
  }, 60_000);
});
