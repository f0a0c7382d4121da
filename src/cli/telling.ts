import { redact } from '../core/redact.js';
import { untraced, type Tracing } from '../core/tracing.js';
import { openLog, type Logger } from '../log.js';
import { startTracing, type RunningTracing } from '../tracing/start.js';
import type { Settings } from './context.js';
import { version } from './version.js';

/** How a process tells what it does. */
interface Telling {
  readonly log: Logger;
  readonly tracing: RunningTracing;
}

/** Opens the log, and tracing where the environment asks for it; each line then says where in which trace it is. */
export async function openTelling(
  role: string,
  { config }: Settings,
  worker: number | null = null,
): Promise<Telling> {
  let current: Tracing['current'] = untraced.current;
  const log = await openLog({ ...config.log, noColor: config.noColor, worker }, config.known, () =>
    current(),
  );
  const tracing = await startTracing(config.tracing.isOn, {
    role,
    version,
    link: config.tracing.link ?? null,
    clean: (text) => config.known.hide(redact(text)),
    onTrouble: nowAndThen((problem, since) => {
      log.warn({ problem, since }, 'tracing has a problem; nothing else is held up by it');
    }),
  });
  current = tracing.current;
  return { log, tracing };
}

/** A collector that is away is told once a minute and not once per batch. */
const tellEveryMs = 60_000;

/** `tell` is called with the first problem, and then at most once a minute, with how many there were since. */
function nowAndThen(tell: (problem: string, since: number) => void): (problem: string) => void {
  let last = -Infinity;
  let since = 0;
  return (problem) => {
    since += 1;
    if (performance.now() - last < tellEveryMs) return;
    last = performance.now();
    tell(inShort(problem), since);
    since = 0;
  };
}

/** The SDK tells errors as JSON, with their stack. */
function inShort(problem: string): string {
  try {
    const { message } = JSON.parse(problem) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return message.slice(0, 500);
  } catch {
    // It is told in words.
  }
  return problem.slice(0, 500);
}
