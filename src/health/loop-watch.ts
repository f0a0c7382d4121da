import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Whether the event loop turns as it should. */
export interface LoopWatch {
  /** What is wrong with it, in a sentence; null when all is well. */
  problem(): string | null;
  close(): void;
}

const windowMs = 10_000;
const mostMs = 5_000;
/** A long pause of the machine is over by itself: only what lasts is a fault. */
const mostWindows = 3;

/**
 * Watches how late timers fire. One long pause (the machine was suspended, a large inventory was read) is nothing that
 * a restart cures; half a minute in which half of all turns take longer than 5 s is.
 */
export function watchLoop(): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: 100 });
  delay.enable();
  let slowWindows = 0;
  const timer = setInterval(() => {
    slowWindows = delay.percentile(50) / 1e6 > mostMs ? slowWindows + 1 : 0;
    delay.reset();
  }, windowMs).unref();
  return {
    problem: () =>
      slowWindows < mostWindows
        ? null
        : `The event loop has been slower than ${mostMs / 1000} s a turn for ${(slowWindows * windowMs) / 1000} s.`,
    close: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
