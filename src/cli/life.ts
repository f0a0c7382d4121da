import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from '../log.js';
import type { Tie } from './tie.js';

/** What a process has started so far. Whatever ends it first stops what takes work in, and then ends the last started first. */
export interface Life {
  /** Fires when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** Remembers how to stop what takes work in: all of it is stopped at the same time. */
  onStop(stop: () => Promise<void>): void;
  /** Remembers how to end what was just started. */
  onEnd(end: () => Promise<void>): void;
  /** Remembers what would outlive this process where it is ended at once. */
  onAtOnce(end: () => void): void;
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

/**
 * From here on SIGTERM and Ctrl-C end what has been started, in order, and then the process; a second one ends it at once.
 * A process that is tied to another one stops in order when that one lets go, too.
 */
export function beginLife(log: Logger, tie: Tie | null = null): Life {
  const ends: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const say = (err: unknown): void => log.warn({ err }, 'a part did not end as it should');
  const stops: (() => Promise<void>)[] = [];
  const lasts: (() => void)[] = [];
  const end = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(stops.splice(0).map((stop) => stop().catch(say)));
    // What hangs, such as a Redis that is away, keeps nothing behind it from its end.
    for (const one of ends.splice(0).reverse())
      await Promise.race([one().catch(say), sleep(closeMs, undefined, { ref: false })]);
  };
  const atOnce = (): void => {
    for (const last of lasts) last();
    log.warn('ended at once; others take up what was under way');
  };
  const skip = tie === null ? [] : [...tiedSignals];
  const told = { logger: false, onSecondSignal: atOnce, onTimeout: atOnce, skip } as const;
  const grace = closeWithGrace({ delay: graceMs, ...told }, async ({ signal, err }) => {
    if (err) log.error({ err }, 'stopping after an error of our own');
    else log.info({ signal }, 'stopping');
    await end();
    log.info('stopped');
  });
  const letGo = tie === null ? () => undefined : followTie(tie, { stopping, atOnce, stop: grace.close });
  return {
    stopping: stopping.signal,
    onStop: (one) => void stops.push(one),
    onEnd: (one) => void ends.push(one),
    onAtOnce: (one) => void lasts.push(one),
    giveUp: async () => {
      grace.uninstall();
      letGo();
      await end();
    },
  };
}

const tiedSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * To be let go is no signal: whoever stops every process of a service at the same time sends one as well, and it is the
 * first. Returns what ends the following.
 */
function followTie(
  tie: Tie,
  { stopping, atOnce, stop }: { stopping: AbortController; atOnce: () => void; stop: () => unknown },
): () => void {
  let isFollowing = true;
  let signals = 0;
  const stopOnce = (): void => {
    if (isFollowing && !stopping.signal.aborted) stop();
  };
  const onSignal = (): void => {
    signals += 1;
    if (signals === 1) {
      stopOnce();
      return;
    }
    atOnce();
    process.exit(1);
  };
  for (const signal of tiedSignals) process.on(signal, onSignal);
  tie.onCut(stopOnce);
  return () => {
    isFollowing = false;
    for (const signal of tiedSignals) process.off(signal, onSignal);
  };
}
