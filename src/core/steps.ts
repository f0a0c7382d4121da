/** Work in short steps: whoever does it may do something else after each. The result is the same however often he does. */
export type Steps<T> = Generator<undefined, T>;

/** Does all steps at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** So many things are one step. */
const atOnce = 50;

/** `flatMap`, in steps. */
export function* flatMapSteps<T, U>(all: readonly T[], work: (one: T) => readonly U[]): Steps<U[]> {
  const done: U[] = [];
  for (const [at, one] of all.entries()) {
    done.push(...work(one));
    if (at % atOnce === atOnce - 1) yield;
  }
  return done;
}
