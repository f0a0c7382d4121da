import { setMaxListeners } from 'node:events';
import type { AnyDiagnostic } from '../runbooks/definition.js';
import type { Subject } from './examine.js';

/** How long the parts of reading many nodes may take, so that its end is known at the start. Milliseconds. */
export interface SweepLimits {
  /** Of one node, from the moment at which it is turned to: login and all its answers. */
  readonly nodeMs: number;
  /** Of the HMCs' answers about their systems. */
  readonly hmcMs: number;
}

/** Nodes that are turned to in a second, counted low: several hundred are usual, and other work may go beside it. */
const beginPerSecond = 25;

/** What bounds the time of many nodes. */
export interface Bounds {
  readonly limits: SweepLimits;
  /** The whole is over after so long. */
  readonly withinMs: number;
}

/** The bounds for some subjects; null for one alone, which may take as long as its commands do, and for what is no node. */
export function boundsOf(
  diagnostic: AnyDiagnostic,
  subjects: readonly Subject[],
  mustLogIn: (subject: Subject) => boolean,
  limits: SweepLimits,
): Bounds | null {
  if (diagnostic.kind !== 'diagnostic' || subjects.length < 2) return null;
  const afterHmc = diagnostic.fromHmc !== undefined && !subjects.every(mustLogIn);
  return { limits, withinMs: sweepEndsWithinMs(subjects.length, afterHmc, limits) };
}

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
  // Everything within listens to it, which may be a thousand reads.
  setMaxListeners(0, own.signal);
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
