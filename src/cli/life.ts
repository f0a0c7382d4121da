import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from '../log.js';

/** What a process has started so far. Whatever ends it first stops what takes work in, and then ends the last started first. */
export interface Life {
  /** Fires when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** Remembers how to stop what takes work in: all of it is stopped at the same time. */
  onStop(stop: () => Promise<void>): void;
  /** Remembers how to end what was just started. */
  onEnd(end: () => Promise<void>): void;
  /** Ends all of it and leaves signals to whoever comes next: for a start that failed. */
  giveUp(): Promise<void>;
}

/**
 * The end whatever happens. Bot and worker keep to times of their own, 25 s for all; only a command that an HMC is carrying
 * out is waited for as long as its limit, 320 s, because nobody else would learn its outcome.
 */
const graceMs = 350_000;
/** What only closes something may take so long. */
const closeMs = 3_000;

/** From here on SIGTERM and Ctrl-C end what has been started, in order, and then the process; a second one ends it at once. */
export function beginLife(log: Logger): Life {
  const ends: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const say = (err: unknown): void => log.warn({ err }, 'a part did not end as it should');
  const stops: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(stops.splice(0).map((stop) => stop().catch(say)));
    // What hangs, such as a Redis that is away, keeps nothing behind it from its end.
    for (const one of ends.splice(0).reverse())
      await Promise.race([one().catch(say), sleep(closeMs, undefined, { ref: false })]);
  };
  const atOnce = (): void => log.warn('ended at once; others take up what was under way');
  const told = { logger: false, onSecondSignal: atOnce, onTimeout: atOnce } as const;
  const grace = closeWithGrace({ delay: graceMs, ...told }, async ({ signal, err }) => {
    if (err) log.error({ err }, 'stopping after an error of our own');
    else log.info({ signal }, 'stopping');
    await end();
    log.info('stopped');
  });
  return {
    stopping: stopping.signal,
    onStop: (one) => void stops.push(one),
    onEnd: (one) => void ends.push(one),
    giveUp: async () => {
      grace.uninstall();
      await end();
    },
  };
}
