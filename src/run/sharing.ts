import type { NodeTarget } from '../core/target.js';
import { digestOf } from '../core/canonical.js';
import type { SweepLimits } from './limits.js';

/** What another process must know to take part in a sweep. */
export interface SweepAbout {
  readonly v: 1;
  /** The program's version: only the same one asks and understands the same. */
  readonly version: string;
  readonly diagnostic: string;
  readonly limits: SweepLimits;
  /** Whether nodes are asked further by what their HMC said: then its sides are laid out too. */
  readonly needsSides: boolean;
}

/**
 * Nodes of sweeps, laid out for every process that takes jobs. What one process has taken no other takes, unless nothing is
 * heard of it any more: then the node is read again, which is harmless. Nothing is left once a sweep is over.
 */
export interface SharedSweeps {
  /** Lays out more nodes of a sweep, which begins with the first call; it is over when it is not tended for half a minute. */
  lay(id: string, about: SweepAbout, entries: readonly string[]): Promise<void>;
  about(id: string): Promise<SweepAbout | null>;
  /** Up to `count` nodes, taken by `by`; null when the sweep is over. */
  take(id: string, by: string, count: number): Promise<readonly string[] | null>;
  /** What was read of nodes that `by` had taken, or null for one that it cannot read; false when the sweep is over. */
  give(
    id: string,
    by: string,
    read: readonly { readonly entry: string; readonly text: string | null }[],
  ): Promise<boolean>;
  /** Says that `by` is still at it; false when the sweep is over. */
  beat(id: string, by: string): Promise<boolean>;
  /** Lays out again what `by` has taken and not given. */
  handBack(id: string, by: string): Promise<void>;
  /** What others have given since the last call, each once. */
  given(id: string): Promise<readonly { readonly entry: string; readonly text: string | null }[]>;
  /** Keeps the sweep from being over, and lays out again what processes had taken of which nothing is heard; never what `own` has. */
  tend(id: string, own: string): Promise<void>;
  /** An HMC's side of a system, for processes that need it to ask further. */
  putSide(id: string, system: string, text: string): Promise<void>;
  side(id: string, system: string): Promise<string | null>;
  close(id: string): Promise<void>;
}

/** Words to all processes that listen: hints only, for what counts is in the store. */
export interface Hints {
  publish(topic: string, text: string): Promise<void>;
  subscribe(topic: string, hear: (text: string) => void): () => void;
}

/** Everything that sharing needs. */
export interface Sharing {
  readonly sweeps: SharedSweeps;
  readonly bus: Hints;
  /** This process among all. */
  readonly self: string;
  readonly version: string;
  /** Sweeps that this process itself has begun. */
  readonly own: Set<string>;
}

/** Where sweeps are announced: `open ID` when there is more of one to take, `over ID` when nobody needs it any more. */
export const sweepsTopic = 'sweeps';

/** Where the process that a sweep belongs to hears of results. */
export function resultsTopic(id: string): string {
  return `sweep:${id}`;
}

/** A node as it is laid out: its name, and a digest by which another process sees whether its settings mean the same node. */
export function entryOf(target: NodeTarget): string {
  const known = entries.get(target);
  if (known !== undefined) return known;
  const { name, endpoint, system, lparId } = target;
  const entry = `${digestOf([name, endpoint, system?.name ?? null, lparId]).slice(0, 16)} ${name}`;
  entries.set(target, entry);
  return entry;
}

const entries = new WeakMap<NodeTarget, string>();

/** The name in an entry. */
export function nameIn(entry: string): string {
  return entry.slice(entry.indexOf(' ') + 1);
}
