import type { Load } from '../loop/load.js';
import { orAborted } from './semaphore.js';

/** What a pace is set by. */
export interface PaceOptions {
  /** So many begin in a second at first, at the least, and at the most. */
  readonly first: number;
  readonly least: number;
  readonly most: number;
  /** So many are under way at once at the most. */
  readonly atOnce: number;
  /** Who has waited so long for the far side gives its place to the next: waiting costs this process nothing. Milliseconds. */
  readonly parkAfterMs: number;
}

/** So much may begin together, in milliseconds of its pace: what begins together is answered together, and keeps others from their turn. */
const burstMs = 6;
/** In one turn of the event loop no more begin, however long it takes: a slow loop is given less by that. */
const perTurn = 8;
/** More, and less, at each look at the load. */
const [faster, slower] = [1.3, 0.8] as const;

/**
 * Lets work begin as fast as this process can keep up with it, and no faster: while the event loop has time to spare more
 * begins in a second, and less as soon as it turns late or memory gets short. There is no number to be set by hand, because
 * the right one depends on the processor, the distance and what else the process does.
 */
export class Pace {
  /** In a second. */
  private rate: number;
  private busy = 0;
  /** How many may begin now; grows with time. */
  private saved: number;
  private savedAt = performance.now();
  private begun = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly lookers: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private seen = 0;

  constructor(
    private readonly options: PaceOptions,
    private readonly load: Load,
  ) {
    this.rate = options.first;
    this.saved = this.burst();
  }

  /** How many begin in a second now, how many are under way, and how many wait. */
  state(): { readonly rate: number; readonly busy: number; readonly waiting: number } {
    return { rate: this.rate, busy: this.busy, waiting: this.waiting.length };
  }

  /** Resolves, as soon as somebody may begin at once, with how many may; nobody's place is taken by that. */
  async room(signal: AbortSignal | undefined): Promise<number> {
    while (this.mayBegin() === 0 || this.waiting.length > 0) {
      let look: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => {
        look = resolve;
        this.lookers.push(look);
      });
      this.admitLater();
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
      this.busy -= 1;
      this.admit();
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
    if (this.waiting.length === 0 && this.mayBegin() > 0) {
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
      this.admitLater();
    });
  }

  private begin(): void {
    this.busy += 1;
    this.saved -= 1;
    this.begun += 1;
    if (this.begun > 1) return;
    setImmediate(() => {
      this.begun = 0;
      if (this.waiting.length + this.lookers.length > 0) this.admit();
    });
  }

  private burst(): number {
    return Math.max(1, (this.rate * burstMs) / 1_000);
  }

  private mayBegin(): number {
    const now = performance.now();
    this.saved = Math.min(this.burst(), this.saved + ((now - this.savedAt) * this.rate) / 1_000);
    this.savedAt = now;
    const places = Math.min(this.options.atOnce - this.busy, perTurn - this.begun);
    return Math.max(0, Math.min(places, Math.floor(this.saved)));
  }

  private admit(): void {
    this.look();
    while (this.mayBegin() > 0) {
      const next = this.waiting.shift();
      if (next === undefined) break;
      next();
    }
    if (this.mayBegin() > 0) for (const look of this.lookers.splice(0)) look();
    this.admitLater();
  }

  /** Where places are missing, whoever leaves admits the next; where it is too early, time does. */
  private admitLater(): void {
    if (this.timer !== undefined || this.waiting.length + this.lookers.length === 0) return;
    if (this.busy >= this.options.atOnce) return;
    const untilMs = ((1 - this.saved) * 1_000) / this.rate;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.admit();
      },
      Math.max(1, untilMs),
    );
  }

  private look(): void {
    const { at, judgement } = this.load.look();
    if (at === this.seen) return;
    this.seen = at;
    const { least, most } = this.options;
    if (judgement === 'too-much') this.rate = Math.max(least, this.rate * slower);
    else if (judgement === 'spare' && this.waiting.length + this.lookers.length > 0)
      this.rate = Math.min(most, this.rate * faster);
  }
}
