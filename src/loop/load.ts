import { totalmem } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** How this process is doing: it may take on more, has all it can do, or more than that. */
export type Judgement = 'spare' | 'full' | 'too-much';

/** A judgement of the time since the one before; `at` (milliseconds of this process) tells one from the next. */
export interface Load {
  look(): { readonly at: number; readonly judgement: Judgement };
}

/** Until this much of its time is used a process may take on more; beyond it more would only wait within. */
const fullUse = 0.92;
/** So late is too late for what else goes on here: Slack wants its acknowledgement, locks want to be renewed. */
const lateMs = 20;
const lookEveryMs = 50;

let watched: Load | null = null;

/** The load of this process: how busy its event loop is, how late it turns, and whether memory gets short. */
export function processLoad(): Load {
  watched ??= watch();
  return watched;
}

function watch(): Load {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let use = performance.eventLoopUtilization();
  let last: ReturnType<Load['look']> = { at: performance.now(), judgement: 'spare' };
  return {
    look: () => {
      const at = performance.now();
      if (at - last.at < lookEveryMs) return last;
      const used = performance.eventLoopUtilization(use).utilization;
      use = performance.eventLoopUtilization();
      const isLate = delay.max / 1e6 > lateMs;
      delay.reset();
      const judgement = isLate || isShortOfMemory() ? 'too-much' : used < fullUse ? 'spare' : 'full';
      last = { at, judgement };
      return last;
    },
  };
}

/** Less than a tenth of what the machine, or the container, has is left. */
function isShortOfMemory(): boolean {
  return process.availableMemory() < Math.min(process.constrainedMemory() || Infinity, totalmem()) / 10;
}
