import { expect, it } from 'vitest';
import type { Judgement } from '../../src/loop/load.js';
import { Pace } from '../../src/ssh/pace.js';

/** A load that is what the test says, looked at anew each time. */
function saying(first: Judgement) {
  let at = 0;
  const load = { judgement: first, look: () => ({ at: (at += 1), judgement: load.judgement }) };
  return load;
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const options = { first: 50_000, least: 50_000, most: 50_000, atOnce: 9, parkAfterMs: 60_000 };
const many = (pace: Pace, count: number) =>
  Promise.all(Array.from({ length: count }, () => pace.run(undefined, () => settled() as Promise<void>)));

it('has no more under way at once than it may', async () => {
  const pace = new Pace(options, saying('spare'));
  let most = 0;
  await Promise.all(
    Array.from({ length: 40 }, () =>
      pace.run(undefined, async () => {
        most = Math.max(most, pace.state().busy);
        await settled();
        await settled();
      }),
    ),
  );
  expect(most).toBe(9);
  expect(pace.state()).toMatchObject({ busy: 0, waiting: 0 });
});

it('lets more begin in a second while there is time to spare and somebody waits, and fewer when it is too much', async () => {
  const load = saying('full');
  const pace = new Pace({ ...options, first: 1_000, least: 500, most: 4_000 }, load);
  await many(pace, 60);
  expect(pace.state().rate).toBe(1_000);
  load.judgement = 'spare';
  await many(pace, 200);
  expect(pace.state().rate).toBe(4_000);
  load.judgement = 'too-much';
  await many(pace, 200);
  expect(pace.state().rate).toBe(500);
});

it('gives the event loop a turn between those who begin', async () => {
  const pace = new Pace({ ...options, atOnce: 1_000 }, saying('full'));
  let [begun, most] = [0, 0];
  const turn = (): void => {
    most = Math.max(most, begun);
    begun = 0;
    if (pace.state().waiting > 0) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all(
    Array.from({ length: 100 }, () =>
      pace.run(undefined, () => {
        begun += 1;
        return Promise.resolve();
      }),
    ),
  );
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(40);
});

it('tells when there is room, and takes nobody’s place by that', async () => {
  const pace = new Pace({ ...options, atOnce: 1 }, saying('full'));
  const held = gate();
  const first = pace.run(undefined, () => held.opened);
  const stop = new AbortController();
  const aborted = expect(pace.room(stop.signal)).rejects.toThrow('enough');
  const room = pace.room(undefined);
  stop.abort(new Error('enough'));
  await aborted;
  held.open();
  await first;
  expect(await room).toBe(1);
  expect(await pace.room(undefined)).toBe(1);
});

it('gives the place of one who waits for the far side to the next', async () => {
  const pace = new Pace({ ...options, atOnce: 1, parkAfterMs: 20 }, saying('full'));
  const dead = gate();
  const first = pace.run(undefined, () => dead.opened);
  await expect(pace.run(undefined, () => Promise.resolve('second'))).resolves.toBe('second');
  dead.open();
  await first;
  expect(pace.state()).toMatchObject({ busy: 0, waiting: 0 });
});

it('lets nobody in who was aborted while waiting, and loses no place over it', async () => {
  const pace = new Pace({ ...options, atOnce: 1 }, saying('full'));
  const held = gate();
  const first = pace.run(undefined, () => held.opened);
  const stop = new AbortController();
  let ran = false;
  const waiting = pace.run(stop.signal, () => {
    ran = true;
    return Promise.resolve();
  });
  const refused = expect(waiting).rejects.toThrow('enough');
  stop.abort(new Error('enough'));
  await refused;
  held.open();
  await first;
  await pace.run(undefined, () => Promise.resolve());
  expect({ ran, ...pace.state() }).toMatchObject({ ran: false, busy: 0, waiting: 0 });
});

it('gives the place back when the work fails', async () => {
  const pace = new Pace({ ...options, atOnce: 1 }, saying('full'));
  await expect(pace.run(undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(pace.state().busy).toBe(0);
});
