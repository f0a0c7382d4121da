import type { Load } from './load.js';
import { orAborted } from './semaphore.js';

/** What a pace is set by. Milliseconds, unless said otherwise. */
export interface PaceOptions {
  /** How many go at once at the beginning, at the least, and at the most. */
  readonly first: number;
  readonly least: number;
  readonly most: number;
  /**
   * So many begin in one turn of the event loop, and the next ones in the next turn. What begins together is answered together:
   * spread like this a thousand answers leave others their turn, and a loop that is slow by itself is given less.
   */
  readonly perTurn: number;
  /** Who has waited so long for the far side gives its place to the next: waiting costs this process nothing. */
  readonly parkAfterMs: number;
}

/**
 * Lets work begin as fast as this process can keep up with it, and no faster: while the event loop has time to spare more
 * goes at once, and less as soon as it turns late or memory gets short. There is no number to be set by hand, because the
 * right one depends on the processor, the distance and what else the process does.
 */
export class Pace {
  private limit: number;
  private busy = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly lookers: (() => void)[] = [];
  private seen = 0;
  private begun = 0;

  constructor(
    private readonly options: PaceOptions,
    private readonly load: Load,
  ) {
    this.limit = options.first;
  }

  /** How many go at once now, and how many wait. */
  state(): { readonly limit: number; readonly busy: number; readonly waiting: number } {
    return { limit: this.limit, busy: this.busy, waiting: this.waiting.length };
  }

  /** Resolves, as soon as somebody may begin at once, with how many may; nobody's place is taken by that. */
  async room(signal: AbortSignal | undefined): Promise<number> {
    while (this.mayBegin() === 0 || this.waiting.length > 0) {
      let look: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => {
        look = resolve;
        this.lookers.push(look);
      });
      await orAborted(turn, signal).finally(() => {
        const at = this.lookers.indexOf(look);
        if (at >= 0) this.lookers.splice(at, 1);
      });
    }
    signal?.throwIfAborted();
    return this.mayBegin();
  }

  /** Runs `work` as soon as there is room. Rejects with the signal's reason when it is aborted while it waits. */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.enter(signal);
    let isParked = false;
    const leave = (): void => {
      if (isParked) return;
      isParked = true;
      clearTimeout(parking);
      this.leave();
    };
    const parking = setTimeout(leave, this.options.parkAfterMs);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  private async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.mayBegin() > 0) {
      this.begin();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', giveUp);
        this.begin();
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(enter);
    });
  }

  private leave(): void {
    this.busy -= 1;
    this.look();
    this.admit();
  }

  /** How many may begin in this turn. */
  private mayBegin(): number {
    return Math.max(0, Math.min(this.limit - this.busy, this.options.perTurn - this.begun));
  }

  private begin(): void {
    this.busy += 1;
    this.begun += 1;
    if (this.begun > 1) return;
    setImmediate(() => {
      this.begun = 0;
      this.admit();
    });
  }

  private admit(): void {
    while (this.mayBegin() > 0) {
      const next = this.waiting.shift();
      if (next === undefined) break;
      next();
    }
    if (this.mayBegin() > 0) for (const look of this.lookers.splice(0)) look();
  }

  /** Up by half while there is time to spare and somebody waits; down by a fifth when it is too much. */
  private look(): void {
    const { at, judgement } = this.load.look();
    if (at === this.seen) return;
    this.seen = at;
    if (judgement === 'too-much') this.limit = Math.max(this.options.least, Math.floor(this.limit * 0.8));
    else if (judgement === 'spare' && this.waiting.length + this.lookers.length > 0)
      this.limit = Math.min(this.options.most, this.limit + Math.max(4, this.limit >> 1));
  }
}
