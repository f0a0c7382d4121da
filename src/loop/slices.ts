import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '../core/steps.js';

/** After so long the event loop has its turn: acknowledgements, locks and keepalives wait for it. Milliseconds. */
const sliceMs = 5;

let begunAt = 0;
let turns: Promise<unknown> = Promise.resolve();

/**
 * Gives the event loop a turn as soon as what this process does in slices, for whomever, has taken long enough since the
 * last one. Of many who wait each gets a turn of its own: together in one they would be as long as all of it.
 */
export async function pause(): Promise<void> {
  if (performance.now() - begunAt < sliceMs) return;
  turns = turns.then(() => nextTurn());
  await turns;
  begunAt = performance.now();
}

/** `map`, in slices: much work on many things, of which each takes a short time. */
export async function mapInSlices<T, U>(items: readonly T[], work: (item: T) => U): Promise<U[]> {
  const done: U[] = [];
  for (const item of items) {
    done.push(work(item));
    await pause();
  }
  return done;
}

/** Does all steps, in slices. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}
