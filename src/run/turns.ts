import type { NodeTarget } from '../core/target.js';

/** The nodes that are still to be read, handed out as fast as this process keeps up with them. */
export interface Turns {
  /** More nodes to read; they come behind those that wait already. */
  add(targets: readonly NodeTarget[]): void;
  /** No more will be added. */
  end(): void;
  /** Up to `count` nodes to read now; waits until there is one, and gives null when there will be none any more. */
  take(count: number): Promise<readonly NodeTarget[] | null>;
  /** Says that a node which was taken here has been read. */
  done(target: NodeTarget): void;
  /** Ends all of it at once, here and wherever else nodes of it are read. */
  close(): void;
}

/** Turns for this process alone. */
export function turnsHere(): Turns {
  const waiting: NodeTarget[] = [];
  let isEnded = false;
  let wake: () => void = () => undefined;
  return {
    add: (targets) => {
      waiting.push(...targets);
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    take: async (count) => {
      while (waiting.length === 0) {
        if (isEnded) return null;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return waiting.splice(0, count);
    },
    done: () => undefined,
    close: () => {
      isEnded = true;
      waiting.length = 0;
      wake();
    },
  };
}

/** What reading in turn needs. */
export interface InTurnOptions {
  /** How many may begin at once; see `Transport.room`. */
  readonly room: (signal?: AbortSignal) => Promise<number>;
  readonly atOnce: number;
  readonly signal: AbortSignal | undefined;
}

/** So many at the most are taken at one time: of what one process has taken, no other can take any. */
const takeAtMost = 8;

/**
 * Reads nodes as their turn comes, until there are none any more. Rejects with the first failure of `read` or the abort of
 * `signal`; what is under way then goes on by itself.
 */
export async function readInTurn(
  turns: Turns,
  { room, atOnce, signal }: InTurnOptions,
  read: (target: NodeTarget) => Promise<void>,
): Promise<void> {
  let busy = 0;
  let failure: { readonly error: unknown } | null = null;
  let wake: () => void = () => undefined;
  const moved = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const stop = (error: unknown): void => {
    failure ??= { error };
    turns.close();
    wake();
  };
  const onAbort = (): void => stop(signal?.reason);
  const check = (): void => {
    if (failure !== null) throw failure.error;
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  const one = async (target: NodeTarget): Promise<void> => {
    try {
      await read(target);
      turns.done(target);
    } catch (error) {
      stop(error);
    } finally {
      busy -= 1;
      wake();
    }
  };
  try {
    for (;;) {
      while (busy >= atOnce) await moved();
      const taken = await turns.take(Math.min(await room(signal), atOnce - busy, takeAtMost));
      check();
      if (taken === null) break;
      busy += taken.length;
      for (const target of taken) void one(target);
    }
    while (busy > 0) {
      await moved();
      check();
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
