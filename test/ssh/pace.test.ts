import { expect, it } from 'vitest';
import type { Judgement } from '../../src/ssh/load.js';
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

it('begins more at once while there is time to spare and somebody waits, up to its end', async () => {
  const pace = new Pace(
    { first: 2, least: 2, most: 9, perTurn: 1_000, parkAfterMs: 60_000 },
    saying('spare'),
  );
  let most = 0;
  await Promise.all(
    Array.from({ length: 40 }, () =>
      pace.run(undefined, async () => {
        most = Math.max(most, pace.state().busy);
        await settled();
      }),
    ),
  );
  expect(most).toBe(9);
  expect(pace.state()).toEqual({ limit: 9, busy: 0, waiting: 0 });
});

it('keeps its number while the process has all it can do, and goes back when that is too much', async () => {
  const load = saying('full');
  const pace = new Pace({ first: 4, least: 4, most: 100, perTurn: 1_000, parkAfterMs: 60_000 }, load);
  const many = () =>
    Promise.all(Array.from({ length: 60 }, () => pace.run(undefined, () => settled() as Promise<void>)));
  await many();
  expect(pace.state().limit).toBe(4);
  load.judgement = 'spare';
  await many();
  const high = pace.state().limit;
  expect(high).toBeGreaterThan(20);
  load.judgement = 'too-much';
  await many();
  expect(pace.state().limit).toBe(4);
});

it('gives the place of one who waits for the far side to the next', async () => {
  const pace = new Pace({ first: 1, least: 1, most: 1, perTurn: 1_000, parkAfterMs: 20 }, saying('full'));
  const dead = gate();
  const first = pace.run(undefined, () => dead.opened);
  await expect(pace.run(undefined, () => Promise.resolve('second'))).resolves.toBe('second');
  dead.open();
  await first;
  expect(pace.state()).toEqual({ limit: 1, busy: 0, waiting: 0 });
});

it('lets nobody in who was aborted while waiting, and loses no place over it', async () => {
  const pace = new Pace({ first: 1, least: 1, most: 1, perTurn: 1_000, parkAfterMs: 60_000 }, saying('full'));
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
  expect({ ran, ...pace.state() }).toEqual({ ran: false, limit: 1, busy: 0, waiting: 0 });
});

it('gives the place back when the work fails', async () => {
  const pace = new Pace({ first: 1, least: 1, most: 1, perTurn: 1_000, parkAfterMs: 60_000 }, saying('full'));
  await expect(pace.run(undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(pace.state().busy).toBe(0);
});
