import { setMaxListeners } from 'node:events';

/** So long may a job that was told to end go on before it is given back all the same. */
const deafMs = 2_000;

/**
 * The jobs that one worker has in hand. Each has a signal of its own, which fires when its lock is lost and when the
 * worker gives back what it could not finish in time.
 */
export class InHand {
  readonly #jobs = new Set<AbortController>();
  #wide = 0;
  #isGivingBack = false;

  /** `onWide` is told how many of them are wide, whenever that changes. */
  constructor(private readonly onWide: (count: number) => void = () => undefined) {}

  get size(): number {
    return this.#jobs.size;
  }

  /** Does the work of one job. Rejects as `work` does; `given-back` when it was told to end before it was through. */
  async run(
    lost: AbortSignal | undefined,
    isWide: boolean,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<'done' | 'given-back'> {
    const own = new AbortController();
    // One job may read from many nodes at once, and each read listens.
    setMaxListeners(0, own.signal);
    const onLost = (): void => own.abort(lost?.reason);
    lost?.addEventListener('abort', onLost, { once: true });
    if (lost?.aborted === true) onLost();
    this.#jobs.add(own);
    if (isWide) this.onWide((this.#wide += 1));
    if (this.#isGivingBack) own.abort(new GivenBack());
    try {
      const working = work(own.signal);
      // Whoever does not hear the signal is not waited for; nobody looks at its end any more.
      working.catch(() => undefined);
      await Promise.race([working, deaf(own.signal)]);
    } catch (error) {
      if (!isGivenBack(own.signal)) throw error;
    } finally {
      this.#jobs.delete(own);
      if (isWide) this.onWide((this.#wide -= 1));
      lost?.removeEventListener('abort', onLost);
    }
    return isGivenBack(own.signal) ? 'given-back' : 'done';
  }

  /** Tells all of them to end, and those that come yet. */
  giveBack(): void {
    this.#isGivingBack = true;
    for (const job of this.#jobs) job.abort(new GivenBack());
  }
}

/** Why a job's signal fired: another worker is to do it. */
class GivenBack extends Error {
  constructor() {
    super('this worker is stopping: another one does it');
    this.name = 'GivenBack';
  }
}

function isGivenBack(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof GivenBack;
}

function deaf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wait = (): void => {
      if (isGivenBack(signal)) setTimeout(resolve, deafMs).unref();
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}
