/** What a process that is killed runs into from then on. */
export class Killed extends Error {}

/** Reads leave nothing behind: to die before a write is to die behind the one before it. */
const reads = [
  ...['get', 'plan', 'plans', 'recent', 'open', 'due', 'renewLease', 'all', 'history', 'proposedLast'],
  ...['stopOf', 'earlier', 'edition', 'allMarks', 'marks', 'rechecks'],
];

const edges = ['rollouts', 'changes', 'audit', 'outbox', 'queue', 'requests', 'digest', 'fleet'];

/** Tools of a process that dies right behind its `at`-th write, whichever edge takes it. */
export function mortal<T extends object>(
  tools: T,
  at: number,
): { readonly tools: T; readonly writes: () => number } {
  let writes = 0;
  const edge = <T extends object>(object: T): T =>
    new Proxy(object, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          // From then on nothing works any more, giving the lease back included.
          if (writes >= at) throw new Killed();
          const answer: unknown = await Reflect.apply(value, target, args);
          if (!reads.includes(String(key))) writes += 1;
          if (writes === at) throw new Killed();
          return answer;
        };
      },
    });
  const dying = Object.entries(tools).map(([name, value]: [string, unknown]) => [
    name,
    edges.includes(name) && typeof value === 'object' && value !== null ? edge(value) : value,
  ]);
  return { tools: Object.fromEntries(dying) as T, writes: () => writes };
}
