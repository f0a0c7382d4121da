import type { Change, JournalEntry } from '../approval/states.js';
import type { ConnectError } from '../core/errors.js';
import type { Check, Step } from '../core/plan.js';
import type { HmcTarget, NodeTarget } from '../core/target.js';
import type { Tracing } from '../core/tracing.js';
import type { Transport } from '../ssh/transport.js';

/** What the facts say of some checks, in words either way. */
export interface Seen {
  readonly agreed: boolean;
  readonly note: string;
}

/** A gate that is shut, or that could not be read, which counts as shut. */
export interface ShutGate {
  readonly gate: string;
  readonly reason: string;
  readonly source: string;
}

/** What running a plan needs. `journal` writes one entry and returns the change with it; it throws when that fails. */
export interface ApplyTools {
  readonly ssh: Transport;
  /** The HMC of that inventory name; undefined where there is none. */
  readonly hmc: (name: string) => HmcTarget | undefined;
  /** A node that the plan names: its target, or in a cluster's plan the node of a step or capture. */
  readonly node: (name: string) => NodeTarget;
  readonly journal: (entry: JournalEntry) => Promise<Change>;
  /** Written before an intent, so that the trail knows of it; throwing here stops the step. */
  readonly announce: (step: Step) => Promise<void>;
  /** Reads the facts of the node, or of the cluster, now and holds them against checks. */
  readonly check: (checks: readonly Check[]) => Promise<Seen>;
  /** Reads gates now; null when all are open. */
  readonly gates: (names: readonly string[]) => Promise<ShutGate | null>;
  readonly clock: () => number;
  readonly nonce: () => string;
  /** True when this worker may not go on: it was asked to stop, or its lease went to another. */
  readonly mustStop: () => boolean;
  readonly tracing?: Tracing;
}

/**
 * How far the steps came. `later`: look again after a while, with words for the card. `waits`: a person, or time, is
 * waited for; `afterMs` is null for a person. `unknown`: a step was started and neither an outcome nor a living process
 * was found. `not-started`: proven that a step could not begin. `failed`: a wait ended without what it waited for.
 */
export type Applied =
  | { readonly kind: 'finished'; readonly change: Change; readonly failedStep: string | null }
  | { readonly kind: 'later'; readonly change: Change; readonly note: string; readonly afterMs: number }
  | {
      readonly kind: 'waits';
      readonly change: Change;
      readonly note: string;
      readonly afterMs: number | null;
    }
  | { readonly kind: 'unknown'; readonly change: Change; readonly note: string }
  | { readonly kind: 'not-started'; readonly change: Change; readonly note: string }
  | { readonly kind: 'failed'; readonly change: Change; readonly note: string };

/** So long is a node or an HMC looked for that cannot be reached. */
const patienceMs = 30 * 60_000;

/** Not reached means that this try ran nothing; `mayRun` tells that an earlier one may have, and is looked for patiently. */
export function unreachable(
  change: Change,
  error: ConnectError,
  mayRun: boolean,
  tools: Pick<ApplyTools, 'clock'>,
): Applied {
  const runAt = change.history.findLast((entry) => entry.move === 'run' || entry.move === 'resume')?.at;
  const waited = tools.clock() - Date.parse(runAt ?? change.createdAt);
  if (waited < patienceMs) {
    const touched = mayRun ? 'A step may be running there.' : 'This step has not run.';
    const note = `${error.message} ${touched} Trying again every 10 s.`;
    return { kind: 'later', change, note, afterMs: 10_000 };
  }
  if (mayRun) return { kind: 'unknown', change, note: `${error.message} A step may have run.` };
  return { kind: 'not-started', change, note: `${error.message} The step was not started.` };
}

/** Writes down that a step is about to begin. */
export async function intend(step: Step, tools: ApplyTools): Promise<Change> {
  await tools.announce(step);
  return tools.journal({ kind: 'intent', step: step.id, at: iso(tools) });
}

/** Now, as ISO 8601 UTC. */
export function iso(tools: Pick<ApplyTools, 'clock'>): string {
  return new Date(tools.clock()).toISOString();
}
