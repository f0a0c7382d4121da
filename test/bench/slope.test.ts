import { describe, expect, it } from 'vitest';
import { slopeOf } from './slope.js';

/** The same numbers each time, from -1 to 1, as scattered as chance. */
function scatter(count: number): readonly number[] {
  let state = 42;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  });
}

describe('a slope', () => {
  it('is found where there is one, and its error is small', () => {
    const noise = scatter(60);
    const { perX, plusMinus } = slopeOf(noise.map((off, x) => [x, 100 + 0.5 * x + off]));
    expect(Math.abs(perX - 0.5)).toBeLessThan(plusMinus);
    expect(perX - plusMinus).toBeGreaterThan(0.4);
  });

  it('is not claimed where values only swing', () => {
    const { perX, plusMinus } = slopeOf(scatter(60).map((off, x) => [x, 100 + 20 * off]));
    expect(Math.abs(perX)).toBeLessThan(plusMinus);
  });

  it('is less sure where each value is like the one before it', () => {
    const noise = scatter(120);
    const wandering = noise.map((_, at) =>
      noise.slice(Math.max(0, at - 12), at + 1).reduce((a, b) => a + b, 0),
    );
    const alone = slopeOf(noise.map((y, x) => [x, y]));
    const alike = slopeOf(wandering.map((y, x) => [x, y]));
    expect(alike.plusMinus).toBeGreaterThan(2 * alone.plusMinus);
  });

  it('is exact for a line, and unknown for too few points', () => {
    expect(slopeOf([0, 1, 2, 3, 4].map((x) => [x, 3 * x + 1]))).toEqual({ perX: 3, plusMinus: 0 });
    expect(
      slopeOf([
        [0, 1],
        [1, 5],
        [2, 4],
      ]).plusMinus,
    ).toBe(Infinity);
  });
});
