/** How long the parts of reading many nodes may take, so that its end is known at the start. Milliseconds. */
export interface SweepLimits {
  /** Of one node, from the moment at which it is turned to: login and all its answers. */
  readonly nodeMs: number;
  /** Of the HMCs' answers about their systems. */
  readonly hmcMs: number;
}

/** Nodes that are turned to in a second, counted low: several hundred are usual, and other work may go beside it. */
const beginPerSecond = 25;

/**
 * So long after its start a reading of `nodes` nodes is over, whatever they do: milliseconds. `afterHmc`: nodes are logged in
 * to only after their HMC has answered, or has not in its time. What has not answered by then is unknown.
 */
export function sweepEndsWithinMs(nodes: number, afterHmc: boolean, { nodeMs, hmcMs }: SweepLimits): number {
  const beginMs = Math.ceil(nodes / beginPerSecond) * 1_000;
  return beginMs + (afterHmc ? hmcMs + nodeMs : Math.max(hmcMs, nodeMs));
}

/**
 * Does some work with a signal of its own, which fires with `signal` or after `ms`. Null when it was the time. Rejects as
 * `work` does, and with the reason of `signal`.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const own = new AbortController();
  const late = new Error('the time is over');
  const onAbort = (): void => own.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => own.abort(late), ms);
  try {
    return await work(own.signal);
  } catch (error) {
    if (error === late) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
