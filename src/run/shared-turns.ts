import type { FactSet } from '../core/fact.js';
import type { NodeTarget } from '../core/target.js';
import type { Collected } from '../runbooks/definition.js';
import type { CollectedInTime } from './collect.js';
import { entryOf, resultsTopic, sweepsTopic, type Sharing, type SweepAbout } from './sharing.js';
import type { Turns } from './turns.js';

/** What another process has read of a node; its HMC's side is known here. Times as in `CollectedInTime`. */
export type ReadElsewhere = Pick<CollectedInTime, 'startedAt' | 'durationMs'> &
  Pick<Collected<FactSet, FactSet>, 'node' | 'followUp'>;

/** A hint may be lost, and a process may die without a word. */
const lookEveryMs = 250;
const tendEveryMs = 2_000;

/**
 * Turns that other processes take part in: they take from the same nodes, and what they have read comes back here by
 * `onRead`. Where nobody else is, all of it is done here.
 */
export function sharedTurns(
  id: string,
  about: SweepAbout,
  sharing: Sharing,
  onRead: (target: NodeTarget, read: ReadElsewhere) => Promise<void>,
): Turns {
  const work = new SharedTurns(id, about, sharing, onRead);
  return {
    add: (targets) => work.add(targets),
    end: () => work.end(),
    take: (count) => work.take(count),
    done: (target) => work.done(target),
    close: () => work.close(),
  };
}

class SharedTurns {
  /** Nodes that nobody has read yet, by their entries. */
  private readonly pending = new Map<string, NodeTarget>();
  /** Those of them that must be read here. */
  private readonly own = new Set<string>();
  private readonly inHand = new Set<string>();
  private isEnded = false;
  private isClosed = false;
  private failure: { readonly error: unknown } | null = null;
  private laying: Promise<void> = Promise.resolve();
  private looking: Promise<void> | null = null;
  private waiter: () => void = () => undefined;
  /** So often something has come to pass: what does so while Redis is asked must not be slept through. */
  private moves = 0;
  private readonly timers: readonly NodeJS.Timeout[];
  private readonly unsubscribe: () => void;

  constructor(
    private readonly id: string,
    private readonly about: SweepAbout,
    private readonly sharing: Sharing,
    private readonly onRead: (target: NodeTarget, read: ReadElsewhere) => Promise<void>,
  ) {
    const { bus, sweeps, self, own } = sharing;
    own.add(id);
    this.unsubscribe = bus.subscribe(resultsTopic(id), () => this.look());
    this.timers = [
      setInterval(() => this.look(), lookEveryMs),
      setInterval(() => void this.try(sweeps.tend(id, self)), tendEveryMs),
    ];
  }

  add(targets: readonly NodeTarget[]): void {
    const entries = targets.map(entryOf);
    for (const [at, target] of targets.entries()) this.pending.set(entries[at] ?? '', target);
    const { sweeps, bus } = this.sharing;
    this.laying = this.laying.then(async () => {
      if (this.isClosed) return;
      await this.try(sweeps.lay(this.id, this.about, entries));
      await bus.publish(sweepsTopic, `open ${this.id}`);
      this.wake();
    });
  }

  end(): void {
    this.isEnded = true;
    this.wake();
  }

  async take(count: number): Promise<readonly NodeTarget[] | null> {
    for (;;) {
      const { moves } = this;
      if (this.failure !== null) throw this.failure.error;
      if (this.isClosed || (this.isEnded && this.pending.size === 0)) {
        this.close();
        return null;
      }
      const taken = [...this.own].slice(0, count);
      if (taken.length === 0 && this.pending.size > this.inHand.size) taken.push(...(await this.next(count)));
      const targets = taken.flatMap((entry) => this.begin(entry) ?? []);
      if (targets.length > 0) return targets;
      if (this.moves === moves) await new Promise<void>((resolve) => (this.waiter = resolve));
    }
  }

  done(target: NodeTarget): void {
    const entry = entryOf(target);
    this.pending.delete(entry);
    this.inHand.delete(entry);
    this.wake();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.timers.forEach(clearInterval);
    this.unsubscribe();
    const { sweeps, bus, own } = this.sharing;
    own.delete(this.id);
    void this.laying
      .then(() => sweeps.close(this.id))
      .catch(() => undefined)
      // Whoever misses it learns that it is over when it gives what it has read.
      .then(() => bus.publish(sweepsTopic, `over ${this.id}`));
    this.wake();
  }

  private wake(): void {
    this.moves += 1;
    this.waiter();
  }

  private begin(entry: string): NodeTarget | null {
    const target = this.pending.get(entry);
    this.own.delete(entry);
    if (target === undefined || this.inHand.has(entry)) return null;
    this.inHand.add(entry);
    return target;
  }

  private async next(count: number): Promise<readonly string[]> {
    await this.laying;
    const { sweeps, self } = this.sharing;
    const taken = await sweeps.take(this.id, self, count);
    if (taken !== null) return taken;
    // Redis has forgotten it: what nobody has in hand is read here.
    for (const entry of this.pending.keys()) if (!this.inHand.has(entry)) this.own.add(entry);
    return [...this.own].slice(0, count);
  }

  /** Fetches what others have read; one look at a time. */
  private look(): void {
    this.looking ??= this.try(this.fetch()).finally(() => {
      this.looking = null;
      this.wake();
    });
  }

  private async fetch(): Promise<void> {
    for (;;) {
      const given = this.isClosed ? [] : await this.sharing.sweeps.given(this.id);
      for (const { entry, text } of given) {
        const target = this.pending.get(entry);
        if (target === undefined || this.inHand.has(entry)) continue;
        if (text === null) {
          this.own.add(entry);
          continue;
        }
        // In hand: nobody else begins with it meanwhile.
        this.inHand.add(entry);
        await this.onRead(target, JSON.parse(text) as ReadElsewhere);
        this.done(target);
      }
      if (given.length === 0) return;
    }
  }

  private async try(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.failure ??= { error };
      this.wake();
    }
  }
}
