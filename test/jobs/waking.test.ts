import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { expire } from '../../jobs/expire.js';
import type { Tools } from '../../jobs/tools.js';
import { openDeskBench, type DeskBench } from '../desk/desk-bench.js';

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

/** With what delay the clock has each channel looked at, when so many have something waiting. */
async function woken(channels: number): Promise<ReadonlyMap<string, number>> {
  for (let n = 0; n < channels; n += 1)
    await bench.outbox.put(
      { key: `card-${n}`, channel: `C${n}`, thread: null, priority: 'card', user: 'UALICE' },
      { kind: 'message', message: { text: 'card', blocks: [] } },
    );
  const delays = new Map<string, number>();
  const add: Tools['queue']['add'] = (queue, name, { id, notAfter }, { delayMs = 0 } = {}) => {
    expect([queue, name]).toEqual(['outbox', 'deliver']);
    expect(notAfter).toBe(bench.now + delayMs + 60_000);
    delays.set(id, delayMs);
    return Promise.resolve();
  };
  const own = { queue: { add }, tendAudit: () => Promise.resolve(), keepRunDirectoryMs: 60_000 };
  await expire({ ...bench.tools({}), ...own });
  return delays;
}

it('looks at every channel with something waiting, a few of them at once', async () => {
  const delays = await woken(3);
  expect([...delays.keys()].sort()).toEqual(['C0', 'C1', 'C2']);
  expect([...delays.values()]).toEqual([0, 30, 60]);
});

it('spreads hundreds over the time until the clock comes again', async () => {
  const delays = [...(await woken(500)).values()];
  expect(delays).toHaveLength(500);
  expect(Math.max(...delays)).toBe(7_984);
  expect(new Set(delays).size).toBe(500);
});
