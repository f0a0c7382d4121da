/**
 * How a replayed host fails. `refused`: nobody listens. `silent`: the connection is taken and nothing is ever said. `hang`: the
 * command is taken and never answered. `cut`: the connection goes in the middle of the answer. `garbage`: bytes that are no
 * answer. `slow`: the remote time twenty times over.
 */
export const faultKinds = ['refused', 'silent', 'hang', 'cut', 'garbage', 'slow'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Shares of the hosts, each from 0 to 1, together at most 1. */
export type FaultRates = Partial<Readonly<Record<FaultKind, number>>>;

/**
 * Which of `hosts` fail and how: exactly the shares that were asked for, spread evenly, and the same ones for the same list and `turn`.
 */
export function spreadFaults(
  hosts: readonly string[],
  rates: FaultRates,
  turn = 0,
): ReadonlyMap<string, FaultKind> {
  // A step that shares no factor with the number of hosts visits each of them once, far from its neighbours.
  const step = coprime(hosts.length, Math.floor(hosts.length * 0.618) || 1);
  const faults = new Map<string, FaultKind>();
  let at = turn;
  for (const kind of faultKinds) {
    const count = Math.round((rates[kind] ?? 0) * hosts.length);
    for (let taken = 0; taken < count && faults.size < hosts.length; taken += 1) {
      const host = hosts[(at * step) % hosts.length];
      at += 1;
      if (host !== undefined) faults.set(host, kind);
    }
  }
  return faults;
}

function coprime(size: number, from: number): number {
  let step = from;
  while (step > 1 && divisor(size, step) !== 1) step -= 1;
  return Math.max(1, step);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
