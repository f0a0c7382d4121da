import { describe, expect, it } from 'vitest';
import { inSlices, mapInSlices, pause } from '../../src/loop/slices.js';

/** Does nothing for a millisecond by the clock. */
function busy(): void {
  const until = performance.now() + 1;
  while (performance.now() < until);
}

/** Does something in each turn of the event loop until `work` is over. */
async function eachTurn(work: Promise<unknown>, look: () => void): Promise<void> {
  let isOver = false;
  const beat = (): void => {
    look();
    if (!isOver) setImmediate(beat);
  };
  setImmediate(beat);
  await work;
  isOver = true;
}

describe('work in slices', () => {
  it('gives way to others however many do it at once', async () => {
    let done = 0;
    let seen = 0;
    let most = 0;
    const loop = async (): Promise<void> => {
      for (let step = 0; step < 20; step += 1) {
        busy();
        done += 1;
        await pause();
      }
    };
    await eachTurn(Promise.all(Array.from({ length: 20 }, loop)), () => {
      most = Math.max(most, done - seen);
      seen = done;
    });
    expect(done).toBe(400);
    // The first step of each loop, and a slice of eight milliseconds; each loop a slice of its own would be 160.
    expect(most).toBeLessThan(60);
  });

  it('keeps the order and the results', async () => {
    const numbers = Array.from({ length: 50 }, (_, at) => at);
    const doubled = await mapInSlices(numbers, (one) => {
      busy();
      return one * 2;
    });
    expect(doubled).toEqual(numbers.map((one) => one * 2));
    const steps = function* () {
      let sum = 0;
      for (const one of numbers) {
        sum += one;
        busy();
        yield;
      }
      return sum;
    };
    expect(await inSlices(steps())).toBe(1225);
  });

  it('throws what the work throws', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    await expect(mapInSlices([1], broken)).rejects.toThrow('broken');
  });
});
