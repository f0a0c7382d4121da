import { setMaxListeners } from 'node:events';

/**
 * How a process that is being stopped parts with what it carries on: what can be gone on with elsewhere is let go of when
 * the signal fires; what no other process could go on with is waited for.
 */
export class HandOver {
  readonly #letGo = new AbortController();
  readonly #alone = new Set<Promise<unknown>>();

  constructor() {
    // Each change under way listens.
    setMaxListeners(0, this.#letGo.signal);
  }

  /** Fires when a worker lets go of what has not come to a halt by itself. */
  get signal(): AbortSignal {
    return this.#letGo.signal;
  }

  letGo(): void {
    this.#letGo.abort();
  }

  /** Counts work as something that only this process can end. */
  alone<T>(work: Promise<T>): Promise<T> {
    const ended = work.finally(() => this.#alone.delete(ended));
    this.#alone.add(ended);
    return ended;
  }

  /** Resolves when nothing of that kind is under way any more. */
  async settled(): Promise<void> {
    while (this.#alone.size > 0) await Promise.allSettled(this.#alone);
  }
}
