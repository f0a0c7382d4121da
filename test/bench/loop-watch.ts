/** How long the event loop of this process was kept from anything else. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds. */
export interface Blocked {
  /** By the clock on the wall: what other processes took from us counts too. */
  readonly wallMs: number;
  /** Processor time that our thread took in the longest spell without a turn; null where the system does not tell. */
  readonly cpuMs: number | null;
}

const lookEveryMs = 2;

/** Watches from now on; `stop` tells the longest spell. */
export function watchLoop(): { stop(): Blocked } {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let longestCpu = 0;
  let before = threadCpuMs();
  const timer = setInterval(() => {
    const now = threadCpuMs();
    longestCpu = Math.max(longestCpu, now - before);
    before = now;
  }, lookEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      delay.disable();
      longestCpu = Math.max(longestCpu, threadCpuMs() - before);
      return { wallMs: delay.max / 1e6, cpuMs: Number.isFinite(longestCpu) ? longestCpu : null };
    },
  };
}

/** What the main thread has taken so far; NaN where the system does not tell. Source: Linux, scheduler/sched-stats, /proc/PID/schedstat. */
function threadCpuMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return NaN;
  }
}
