import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway } from '../core/errors.js';
import { unobserved, type Observe } from '../core/observe.js';
import type { Bus } from './bus.js';
import { createHmcLine, turnTopic, type HmcLine, type LineAnswer } from './hmc-line.js';
import type { RedisLink } from './link.js';

export interface HmcGateOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** Sessions at a time on one HMC, over all workers. An HMC is small: 2 to 4. */
  readonly limit: number;
  readonly clock: () => number;
  readonly newToken: () => string;
  /** Where it is told whose turn it is; without it those of other processes find out within a second. */
  readonly bus?: Bus;
  /** So long a Redis that is away is waited for, on the way in and on the way out; 15 s unless told. */
  readonly patienceMs?: number;
  /** Who waits looks so often by himself, for a message may be lost; it also shows that he lives. 1 s unless told. */
  readonly lookEveryMs?: number;
  readonly observe?: Observe;
}

/** Does work when it may; an aborted signal ends the waiting, and what has begun is the work's own affair. */
type Gate = <T>(hmc: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

const renewEveryMs = 5_000;
const awayRetryMs = 250;
/** Where workers of an older version look for places as often as this, and would get all of them. */
const contestedLookMs = 50;

/** Does work on an HMC as soon as fewer than `limit` sessions are open on it, counted over all workers in Redis; in turn. */
export function createHmcGate(options: HmcGateOptions): Gate {
  const { clock, newToken, observe = unobserved } = options;
  const line = createHmcLine(options);
  const waiting = new WaitingRoom(line, options);
  return async (hmc, work, signal) => {
    signal?.throwIfAborted();
    const token = `:${newToken()}`;
    const wantedAt = clock();
    observe({ kind: 'hmc-wanted', hmc });
    try {
      await waiting.turn(hmc, token, signal);
    } catch (error) {
      observe({ kind: 'hmc-gave-up', hmc });
      waiting.leave(hmc, token);
      throw error;
    }
    observe({ kind: 'hmc-entered', hmc, waitedMs: clock() - wantedAt });
    const renewing = setInterval(() => {
      // Forgotten at worst: one session too many for a moment.
      line.renew(hmc, token).catch(() => undefined);
    }, renewEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
      waiting.leave(hmc, token);
    }
  };
}

/** Those of this process who wait for one HMC. */
interface Queue {
  readonly hmc: string;
  readonly waiters: Map<string, Waiter>;
  timer: NodeJS.Timeout | null;
  isContested: boolean;
}

interface Waiter {
  readonly enter: () => void;
  readonly fail: (error: unknown) => void;
}

class WaitingRoom {
  private readonly queues = new Map<string, Queue>();
  /** In which queue a token waits. */
  private readonly where = new Map<string, Queue>();
  private isListening = false;

  constructor(
    private readonly line: HmcLine,
    private readonly options: HmcGateOptions,
  ) {}

  /** Resolves when it is that token's turn; rejects with the signal's reason, or when Redis was away for too long. */
  async turn(hmc: string, token: string, signal: AbortSignal | undefined): Promise<void> {
    this.listen();
    const queue = this.queues.get(hmc) ?? { hmc, waiters: new Map(), timer: null, isContested: false };
    this.queues.set(hmc, queue);
    let abort: () => void = () => undefined;
    const turn = new Promise<void>((resolve, reject) => {
      queue.waiters.set(token, { enter: resolve, fail: reject });
      abort = () => {
        reject(signal?.reason as Error);
      };
    });
    this.where.set(token, queue);
    signal?.addEventListener('abort', abort, { once: true });
    void this.look(queue, [token]);
    try {
      await turn;
    } finally {
      signal?.removeEventListener('abort', abort);
      queue.waiters.delete(token);
      this.where.delete(token);
    }
  }

  /** What the work has brought must not be lost over this; where Redis stays away the place ends by itself. */
  leave(hmc: string, token: string): void {
    this.patiently(() => this.line.leave(hmc, token)).then(
      (answer) => this.heed(answer),
      () => undefined,
    );
  }

  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    this.options.bus?.subscribe(turnTopic, (token) => this.wake(token));
  }

  /** It may be that token's turn: it asks. */
  private wake(token: string): void {
    const queue = this.where.get(token);
    if (queue !== undefined) void this.look(queue, [token]);
  }

  private async look(queue: Queue, tokens: readonly string[]): Promise<void> {
    const { hmc, waiters } = queue;
    const nobody: LineAnswer = { turns: [], isContested: queue.isContested };
    try {
      const answer = await this.patiently(() => {
        // Whoever has left meanwhile must not be put into the line again.
        const still = tokens.filter((token) => waiters.has(token));
        return still.length === 0 ? Promise.resolve(nobody) : this.line.ask(hmc, still);
      });
      queue.isContested = answer.isContested;
      const asked = new Set(tokens);
      for (const token of answer.turns) if (asked.has(token)) waiters.get(token)?.enter();
      this.heed({ ...answer, turns: answer.turns.filter((token) => !asked.has(token)) });
    } catch (error) {
      for (const token of tokens) waiters.get(token)?.fail(error);
    }
    this.lookAgain(queue);
  }

  /** Those of this process need no message. */
  private heed({ turns }: LineAnswer): void {
    for (const token of turns) this.wake(token);
  }

  private lookAgain(queue: Queue): void {
    if (queue.timer !== null || queue.waiters.size === 0) return;
    const look = async (): Promise<void> => {
      await this.look(queue, [...queue.waiters.keys()]);
      queue.timer = null;
      this.lookAgain(queue);
    };
    const { lookEveryMs = 1_000 } = this.options;
    queue.timer = setTimeout(() => void look(), queue.isContested ? contestedLookMs : lookEveryMs);
  }

  /** Does something again while Redis is away, for so long. */
  private async patiently<T>(act: () => Promise<T>): Promise<T> {
    const { clock, patienceMs = 15_000 } = this.options;
    const startedAt = clock();
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!isStoreAway(error) || clock() - startedAt >= patienceMs) throw error;
        await pause(awayRetryMs);
      }
    }
  }
}
