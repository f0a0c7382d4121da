/** Whether something grows, or only swings. */

/** A straight line through points: units of y for each unit of x, and how far it may be off (95 %, both ways). */
export interface Slope {
  readonly perX: number;
  readonly plusMinus: number;
}

/**
 * The least squares line through points that follow one another. Neighbours are alike, as memory is from one look to the
 * next: the error counts only as many points as would be worth the same if they were independent, n(1-r)/(1+r) for a
 * correlation r between neighbours (Santer and others, J. Geophys. Res. 105, 2000, p. 7337). With fewer than three of
 * those nothing is known, and `plusMinus` is infinite.
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const meanX = sum(points.map(([x]) => x)) / n;
  const meanY = sum(points.map(([, y]) => y)) / n;
  const squaresX = sum(points.map(([x]) => (x - meanX) ** 2));
  const perX = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / squaresX;
  const rest = points.map(([x, y]) => y - meanY - perX * (x - meanX));
  const squares = sum(rest.map((one) => one ** 2));
  const alike = squares === 0 ? 0 : sum(rest.slice(1).map((one, at) => one * (rest[at] ?? 0))) / squares;
  const worth = Math.min(n, (n * (1 - alike)) / (1 + alike));
  if (worth <= 3) return { perX, plusMinus: Infinity };
  return { perX, plusMinus: 2 * Math.sqrt(squares / (worth - 2) / squaresX) };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
