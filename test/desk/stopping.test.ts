import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cardKeyOf, showRequest } from '../../jobs/show.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { as } from './as.js';
import { openDeskBench, type DeskBench } from './desk-bench.js';
import { requestIn, textIn } from '../jobs/stored.js';

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
const all: Wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['all'] };
const certificates: Wish = { job: 'cert-expiry', targets: ['all'], withinDays: 30 };
const nobody = { allow: { diagnose: 'nobody' } };
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

const submit = (wish: Wish = all, origin: Origin = alice): Promise<Request> =>
  bench.desk({}).submit(wish, '/rmc-status all', origin);

const get = ({ id }: Pick<Request, 'id'>): Promise<Request> => requestIn(bench, id);

/** What a worker does when it takes a request up. */
async function begin(request: Request): Promise<void> {
  expect(await bench.requests.begin(request.id)).toBe(true);
  await showRequest({ ...(await get(request)), phase: 'reading' }, bench);
}

const card = (request: Request): Promise<string> => textIn(bench, cardKeyOf(request));

const codes = async (): Promise<string[]> => (await bench.audit.read(0, 100)).map(({ code }) => code);

describe('Stop reading', () => {
  it('ends at once what no worker has begun with, and its job is never done', async () => {
    const request = await submit();
    const answer = await bench.desk({}).stopReading(request.id, as('UALICE'));
    expect(answer).toMatchObject({ kind: 'done', sentence: expect.stringContaining('Stopping') as string });
    expect(await get(request)).toMatchObject({ phase: 'stopped', stopped: { by: 'UALICE', newer: null } });
    expect(await card(request)).toMatch(
      /Stopped by <@UALICE> before there was a verdict:\* nothing is known/,
    );
    expect(await bench.requests.begin(request.id)).toBe(false);
    expect(await codes()).toEqual(['request.accepted', 'request.stopped']);
  });

  it('tells the worker of what is being read, which draws the card itself', async () => {
    const request = await submit();
    await begin(request);
    expect(await bench.requests.stopOf(request.id)).toBeNull();
    await bench.desk({}).stopReading(request.id, as('UBOB'));
    expect(await bench.requests.stopOf(request.id)).toMatchObject({ by: 'UBOB' });
    expect((await get(request)).phase).toBe('reading');
  });

  it('says who was first to whoever comes second', async () => {
    const request = await submit();
    await begin(request);
    const desk = bench.desk({});
    const answers = await Promise.all([
      desk.stopReading(request.id, as('UBOB')),
      desk.stopReading(request.id, as('UALICE')),
    ]);
    expect(answers.map((answer) => answer?.kind).sort()).toEqual(['done', 'refused']);
    const by = (await bench.requests.stopOf(request.id))?.by;
    const second = answers.find((answer) => answer?.kind === 'refused');
    expect(second?.sentence).toBe(`This was stopped already, by <@${by}> at 2026-03-01 02:10 UTC.`);
  });

  it('draws the card where whoever was first did not come to it', async () => {
    const request = await submit();
    await bench.requests.stop(request.id, { by: 'UBOB', at: new Date(bench.now).toISOString(), newer: null });
    expect(await bench.desk({}).stopReading(request.id, as('UALICE'))).toMatchObject({ kind: 'refused' });
    expect(await get(request)).toMatchObject({ phase: 'stopped', stopped: { by: 'UBOB' } });
  });

  it('comes too late when reading has ended, and says so', async () => {
    const request = await submit();
    await begin(request);
    expect(await bench.requests.endReading(request.id)).toBeNull();
    const late = 'This is not being read any more: there is nothing to stop. The card says what came of it.';
    expect(await bench.desk({}).stopReading(request.id, as('UBOB'))).toEqual({
      kind: 'refused',
      sentence: late,
    });
    await bench.requests.put({ ...(await get(request)), phase: 'done' });
    expect(await bench.desk({}).stopReading(request.id, as('UBOB'))).toEqual({
      kind: 'refused',
      sentence: late,
    });
    expect((await get(request)).phase).toBe('done');
  });

  it('knows nothing of requests that do more than read, and of those that are gone', async () => {
    expect(await bench.desk({}).stopReading('r-gone', as('UBOB'))).toBeNull();
    const other = await submit({ job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' });
    expect(await bench.desk({}).stopReading(other.id, as('UBOB'))).toBeNull();
  });

  it('ends the reading of certificates too, for whom the policy lets read them', async () => {
    const request = await submit(certificates);
    const rules = [{ who: ['UBOB'], may: ['diagnose'], what: ['rmc'] }];
    expect(await bench.desk({ ...nobody, rules }).stopReading(request.id, as('UBOB'))).toMatchObject({
      sentence: 'You may stop diagnostics, but not certificates.',
    });
    expect(await bench.desk({}).stopReading(request.id, as('UBOB'))).toEqual({
      kind: 'done',
      sentence: 'Stopping: no digest is made of what was read until now. Nothing was changed.',
    });
    expect(await get(request)).toMatchObject({ phase: 'stopped', stopped: { by: 'UBOB', newer: null } });
    expect(await card(request)).toContain('before any node was read: no digest is made.');
  });

  it('is for whoever asked, and for others who may run that diagnostic on these targets in this channel', async () => {
    const request = await submit();
    await begin(request);
    const refused = await bench.desk(nobody).stopReading(request.id, as('UBOB'));
    expect(refused).toMatchObject({ kind: 'refused' });
    expect(await bench.requests.stopOf(request.id)).toBeNull();
    const elsewhere = await bench.desk({}).stopReading(request.id, { user: 'UBOB', channel: 'C2' });
    expect(elsewhere?.sentence).toContain('another channel');
    const rules = [{ who: ['UBOB'], may: ['diagnose'], what: ['rsct-level'] }];
    expect(await bench.desk({ ...nobody, rules }).stopReading(request.id, as('UBOB'))).toMatchObject({
      sentence: 'You may stop diagnostics, but not rmc.',
    });
    expect(await codes()).toEqual(['request.accepted', ...Array<string>(3).fill('request.refused')]);
    expect(await bench.desk(nobody).stopReading(request.id, as('UALICE'))).toMatchObject({ kind: 'done' });
  });
});

describe('the same, asked again by the same person in the same channel', () => {
  it('takes the place of the earlier one, which says so', async () => {
    const earlier = await submit();
    const later = await submit();
    expect(await get(earlier)).toMatchObject({
      phase: 'stopped',
      stopped: { by: 'UALICE', newer: later.id },
    });
    expect(await card(earlier)).toContain(`request \`${later.id}\` took its place`);
    expect((await get(later)).phase).toBe('queued');
    const answer = await bench.desk({}).stopReading(earlier.id, as('UBOB'));
    expect(answer?.sentence).toBe(
      'This is not being read any more: there is nothing to stop. The card says what came of it.',
    );
  });

  it('takes the place of an earlier reading of certificates', async () => {
    const earlier = await submit(certificates);
    await submit({ ...certificates, withinDays: 90 });
    expect((await get(earlier)).phase).toBe('queued');
    const later = await submit(certificates);
    expect(await get(earlier)).toMatchObject({ phase: 'stopped', stopped: { newer: later.id } });
  });

  it('stops an earlier one that is being read', async () => {
    const earlier = await submit();
    await begin(earlier);
    const later = await submit();
    expect(await bench.requests.stopOf(earlier.id)).toMatchObject({ by: 'UALICE', newer: later.id });
    const answer = await bench.desk({}).stopReading(earlier.id, as('UBOB'));
    expect(answer?.sentence).toBe(
      `This was stopped already at 2026-03-01 02:10 UTC: request ${later.id} took its place.`,
    );
  });

  it('leaves one alone that was answered', async () => {
    const earlier = await submit();
    await begin(earlier);
    await bench.requests.endReading(earlier.id);
    await bench.requests.put({ ...(await get(earlier)), phase: 'done' });
    await submit();
    expect((await get(earlier)).phase).toBe('done');
  });

  it.each<[string, Wish, Partial<Origin>]>([
    ['another person', all, { user: 'UBOB' }],
    ['another channel', all, { channel: 'C2' }],
    ['other targets', { ...all, targets: ['lpar1', 'lpar2'] }, {}],
    ['another way to read', { ...all, deep: true }, {}],
    ['another diagnostic', { ...all, diagnostic: 'rsct-level' }, {}],
  ])('is not meant by %s', async (_what, wish, origin) => {
    const earlier = await submit();
    await submit(wish, { ...alice, ...origin });
    expect((await get(earlier)).phase).toBe('queued');
    expect(await bench.requests.stopOf(earlier.id)).toBeNull();
  });

  it('is not meant where one target is asked, which is answered sooner than it is stopped', async () => {
    const one: Wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'] };
    const earlier = await submit(one);
    await submit(one);
    expect((await get(earlier)).phase).toBe('queued');
  });
});
