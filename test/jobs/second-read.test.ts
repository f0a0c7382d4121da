import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../jobs/diagnose.js';
import { handlerOf } from '../../jobs/index.js';
import { readAgain } from '../../jobs/read-again.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { connectRedis } from '../../src/redis/connect.js';
import { startWorker } from '../../src/queue/queues.js';
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
  await bench.lab.node('lpar4').setScenario('pending-authentication');
});

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
const never = new AbortController().signal;

const get = (id: string): Promise<Request> => requestIn(bench.shared, id);

async function ask(more: Partial<Extract<Wish, { job: 'diagnose' }>> = {}): Promise<Request> {
  const wish: Wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar4'], ...more };
  const request = await bench.desk.submit(wish, '/rmc-status lpar4', alice);
  await diagnose(request.id, bench.tools, never);
  return get(request.id);
}

const textOf = (key: string): Promise<string> => textIn(bench.shared, key);

const verdictOn = (request: Request, name: string) => request.verdicts.find((one) => one.target === name);

describe('a verdict that one look cannot give', () => {
  it('is shown for the time being, with the time of the second read, and nobody sleeps until then', async () => {
    const began = Date.now();
    const request = await ask();
    expect(request.phase).toBe('waiting');
    expect(request.secondRead?.targets).toEqual(['lpar4']);
    expect(Date.parse(request.secondRead?.at ?? '') - began).toBeGreaterThanOrEqual(1_000);
    expect(verdictOn(request, 'lpar4')).toMatchObject({ verdict: 'warn' });
    expect(await textOf(cardKeyOf(request))).toMatch(
      /lpar4: the handshake is not finished; reading again at <!date\^\d+\^\{time\}\|\d\d:\d\d UTC>\./,
    );
  }, 60_000);

  it('is given by a second read of that target alone, with what was read before', async () => {
    const request = await ask({ targets: ['lpar1', 'lpar4'] });
    const before = bench.lab.node('lpar1').connections();
    const ran = (await bench.lab.node('lpar1').ran('lssrc')).length;
    await readAgain(request.id, bench.tools, never);
    const done = await get(request.id);
    expect(done.phase).toBe('done');
    expect(verdictOn(done, 'lpar4')).toMatchObject({ verdict: 'crit' });
    expect(verdictOn(done, 'lpar4')?.findings[0]).toMatchObject({ id: 'rmc.pending-authentication' });
    expect(verdictOn(done, 'lpar1')?.verdict).toBe('ok');
    expect(bench.lab.node('lpar1').connections()).toBe(before);
    expect(await bench.lab.node('lpar1').ran('lssrc')).toHaveLength(ran);
    expect(await textOf(cardKeyOf(request))).not.toContain('reading again');
    expect(await textOf(`${cardKeyOf(request)}:target:lpar4`)).toContain('authentication is failing');
  }, 60_000);

  it('is well where the handshake has finished meanwhile', async () => {
    await bench.lab.node('lpar4').setScenario('pending-once');
    const request = await ask();
    expect(request.phase).toBe('waiting');
    await bench.lab.node('lpar4').setScenario('healthy');
    await readAgain(request.id, bench.tools, never);
    expect(verdictOn(await get(request.id), 'lpar4')?.verdict).toBe('ok');
    expect(await textOf(`${cardKeyOf(request)}:target:lpar4`)).toContain('is healthy');
  }, 60_000);

  it('is left as it is with --now, which the card says', async () => {
    const request = await ask({ now: true });
    expect(request.phase).toBe('done');
    expect(request.secondRead).toBeUndefined();
    expect(verdictOn(request, 'lpar4')).toMatchObject({ verdict: 'warn', note: 'read only once (--now)' });
    const entry = await bench.shared.outbox.get(cardKeyOf(request));
    expect(JSON.stringify(entry?.content)).toContain('Read only once (--now).');
    await readAgain(request.id, bench.tools, never);
    expect(await get(request.id)).toEqual(request);
  }, 60_000);

  it('is read once more only, however often the job comes', async () => {
    const request = await ask();
    await readAgain(request.id, bench.tools, never);
    const done = await get(request.id);
    await readAgain(request.id, bench.tools, never);
    await diagnose(request.id, bench.tools, never);
    expect(await get(request.id)).toEqual(done);
  }, 60_000);

  it('comes by a delayed job that any worker may do', async () => {
    const request = await ask();
    const connection = connectRedis(bench.redis.url, () => undefined, 'worker');
    const worker = startWorker(
      {
        connection,
        queue: 'read',
        concurrency: 1,
        clock: Date.now,
        knows: () => true,
        again: bench.shared.queues,
        onLeft: () => undefined,
        onGivenUp: () => Promise.resolve(),
        onFailed: (_queue, name, _id, error) => {
          throw new Error(`${name} failed`, { cause: error });
        },
        onError: () => undefined,
      },
      handlerOf('read', bench.tools),
    );
    const deadline = Date.now() + 20_000;
    while ((await get(request.id)).phase !== 'done' && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await worker.close(8_000);
    connection.disconnect();
    const done = await get(request.id);
    expect([done.phase, verdictOn(done, 'lpar4')?.verdict]).toEqual(['done', 'crit']);
  }, 60_000);
});

describe('the thread of a large request', () => {
  it('has one message for each LPAR that is not well, and one for all others', async () => {
    const request = await ask({ targets: ['all'], deep: true });
    const many = {
      ...request,
      verdicts: request.verdicts.flatMap((one) => [one, { ...one, target: `${one.target}-b` }]),
    };
    const { showVerdicts } = await import('../../jobs/show-verdicts.js');
    await bench.shared.redis.flushall();
    await showVerdicts(many, many.verdicts, bench.tools);
    const keys = (await bench.shared.outbox.queue('C1', 100)).map((entry) =>
      entry.key.split(':').slice(2).join(':'),
    );
    const notWell = many.verdicts.filter((one) => one.verdict !== 'ok').map((one) => `target:${one.target}`);
    expect(keys.filter((key) => !key.endsWith(':file')).sort()).toEqual([...notWell, 'healthy'].sort());
    expect(await textOf(`${cardKeyOf(request)}:healthy`)).toMatch(
      /\*8 LPARs\* healthy: erp1, erp1-b, erp2, erp2-b, lpar1, lpar1-b, lpar7, lpar7-b/,
    );
  }, 60_000);
});

describe('a sweep asked for in Slack', () => {
  it('learns of the fleet what it reads, and says where it asked the HMC alone', async () => {
    const request = await ask({ targets: ['all'] });
    const notes = Object.fromEntries(request.verdicts.map(({ target, note }) => [target, note ?? '']));
    expect(notes).toMatchObject({ lpar1: 'seen from the HMC only (add --deep to log in)', lpar2: '' });
    const known = (await bench.shared.fleet.all()).map((node) => node.name);
    expect(known).toContain('lpar2');
    expect(known).not.toContain('lpar1');
    const entry = await bench.shared.outbox.get(cardKeyOf(request));
    expect(JSON.stringify(entry?.content)).toContain('seen from the HMC only (add --deep to log in)');
  }, 60_000);
});
