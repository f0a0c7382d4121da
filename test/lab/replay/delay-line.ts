import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

interface Due {
  readonly at: number;
  readonly act: () => void;
}

/**
 * Does things a fixed time later, in their order. All that is delayed by the same time comes due in the order in which it
 * was given, so that one queue and one timer serve thousands of connections.
 */
export class Later {
  private readonly queue: Due[] = [];
  private head = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(readonly delayMs: number) {}

  do(act: () => void): void {
    if (this.delayMs === 0) {
      act();
      return;
    }
    this.queue.push({ at: performance.now() + this.delayMs, act });
    this.timer ??= setTimeout(() => this.run(), this.delayMs);
  }

  private run(): void {
    this.timer = null;
    const now = performance.now();
    for (let due = this.queue[this.head]; due !== undefined && due.at <= now; due = this.queue[this.head]) {
      this.head += 1;
      due.act();
    }
    if (this.head > 1024) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    const next = this.queue[this.head];
    if (next !== undefined) this.timer = setTimeout(() => this.run(), Math.max(0, next.at - now));
  }
}

/**
 * A socket as it looks from far away: whatever goes in or out takes the time of `oneWay`, and whoever connects waits a round
 * trip before anything goes at all, as TCP's own handshake would make it. Bandwidth is not limited.
 */
export class DelayLine extends Duplex {
  constructor(
    private readonly socket: Socket,
    private readonly oneWay: Later,
  ) {
    super({ allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => oneWay.do(() => this.destroyed || this.push(chunk)));
    socket.on('end', () => oneWay.do(() => this.destroyed || this.push(null)));
    socket.on('error', () => this.destroy());
    socket.on('close', () => oneWay.do(() => this.destroy()));
  }

  override _read(): void {
    // Whatever comes is passed on: SSH has windows of its own.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.oneWay.do(() => this.socket.destroyed || this.socket.write(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.oneWay.do(() => this.socket.destroyed || this.socket.end());
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.oneWay.do(() => this.socket.destroy());
    done(error);
  }
}
