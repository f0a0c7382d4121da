import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '../core/steps.js';

/** After so long the event loop has its turn: acknowledgements, locks and keepalives wait for it. Milliseconds. */
const sliceMs = 8;

/** Gives the event loop a turn as soon as what was done since the last one has taken long enough. */
export function slicing(): () => Promise<void> {
  let begunAt = performance.now();
  return async () => {
    if (performance.now() - begunAt < sliceMs) return;
    await nextTurn();
    begunAt = performance.now();
  };
}

/** `map`, in slices: much work on many things, of which each takes a short time. */
export async function mapInSlices<T, U>(items: readonly T[], work: (item: T) => U): Promise<U[]> {
  const pause = slicing();
  const done: U[] = [];
  for (const item of items) {
    done.push(work(item));
    await pause();
  }
  return done;
}

/** Does all steps, in slices. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  const pause = slicing();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}
