import closeWithGrace from 'close-with-grace';
import type { Logger } from '../log.js';

/** What a process has started so far; whatever ends it ends the last started first. */
export interface Life {
  /** Fires when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** Remembers how to end what was just started. */
  onEnd(end: () => Promise<void>): void;
  /** Ends all of it and leaves signals to whoever comes next: for a start that failed. */
  giveUp(): Promise<void>;
}

/** A step on a node runs on by itself: so long is enough to hand over what this process only watches. */
const graceMs = 30_000;

/** From here on SIGTERM and Ctrl-C end what has been started, in order, and then the process. */
export function beginLife(log: Logger): Life {
  const ends: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const end = async (): Promise<void> => {
    stopping.abort();
    for (const one of ends.splice(0).reverse()) await one();
  };
  const grace = closeWithGrace({ delay: graceMs, logger: false }, async ({ signal, err }) => {
    if (err) log.error({ err }, 'stopping after an error of our own');
    else log.info({ signal }, 'stopping');
    await end();
    log.info('stopped');
  });
  return {
    stopping: stopping.signal,
    onEnd: (one) => void ends.push(one),
    giveUp: async () => {
      grace.uninstall();
      await end();
    },
  };
}
