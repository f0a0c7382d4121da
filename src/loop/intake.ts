/** In one turn of the event loop so much is done of what came in; milliseconds. */
const turnMs = 5;

interface Waiting {
  readonly owner: object;
  readonly work: () => void;
}

/**
 * Does work as it comes in, and in its order. What comes in faster than it can be done, as the answers of a thousand nodes
 * do, is spread over turns of the event loop, so that everything else has its own between them.
 */
export class Intake {
  private waiting: Waiting[] = [];
  /** When the turn began in which something was done; null where nothing is to be done and nothing was just now. */
  private begunAt: number | null = null;

  /** Does it now or in one of the next turns. */
  take(owner: object, work: () => void): void {
    if (this.waiting.length === 0 && this.hasTime()) work();
    else this.waiting.push({ owner, work });
  }

  /** Does at once what still waits of an owner. */
  flush(owner: object): void {
    const his = this.waiting.filter((one) => one.owner === owner);
    if (his.length === 0) return;
    this.waiting = this.waiting.filter((one) => one.owner !== owner);
    for (const { work } of his) work();
  }

  private hasTime(): boolean {
    if (this.begunAt !== null) return performance.now() - this.begunAt < turnMs;
    this.begunAt = performance.now();
    setImmediate(this.nextTurn);
    return true;
  }

  private readonly nextTurn = (): void => {
    if (this.waiting.length === 0) {
      this.begunAt = null;
      return;
    }
    this.begunAt = performance.now();
    // First, for work may throw.
    setImmediate(this.nextTurn);
    for (let one = this.waiting.shift(); one !== undefined; one = this.waiting.shift()) {
      one.work();
      if (performance.now() - this.begunAt >= turnMs) break;
    }
  };
}
