/** Milliseconds of processor time that `work` takes: what else the machine does at the time does not count. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/**
 * How many times more eight times the work costs, at best of three: about 8 where the cost is linear, about 64 where it is
 * quadratic. What is too short to be measured counts as 20 ms.
 */
export function growth(work: (scale: number) => unknown): number {
  const best = (scale: number): number => Math.min(...[1, 2, 3].map(() => cost(() => work(scale))));
  return best(8) / Math.max(20, best(1));
}
