import { afterAll, beforeAll, expect, it } from 'vitest';
import { handlerOf } from '../../jobs/index.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { never } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(() => bench.stop());

const glass = {
  ...{ glass: 'g1', by: 'UCAROL', reason: 'The payroll waits for it.', target: 'lpar1', covers: ['lpar1'] },
  ...{ at: '2026-11-20T02:00:00.000Z', until: '2026-11-20T02:15:00.000Z' },
  ...{ channel: 'C1', teamId: 'T1', reviewAt: '2026-11-20T09:00:00.000Z', zone: 'UTC' },
};

it('gives every part of a tick its turn when one of them fails, and says so', async () => {
  const { calm, redis } = bench.shared;
  await calm.keepGlass(glass);
  // What the clock looks at first is of another type than it should be.
  await redis.set(`${keyPrefix}changes:due`, 'somebody wrote here');
  const clock = handlerOf('clock', bench.tools);
  const data = { v: 1, id: 'clock', notAfter: Date.now() + 60_000 } as const;
  await expect(clock('expire', data, never)).rejects.toThrow(/WRONGTYPE/);
  expect(await calm.glasses()).toEqual([]);

  await redis.del(`${keyPrefix}changes:due`);
  await expect(clock('expire', data, never)).resolves.toBeUndefined();
});
