import { movesOf } from '../core/moves.js';
import type { ErrorInfo } from '../core/errors.js';
import type { Closed, LetThrough } from '../core/may-start.js';
import type { Grounds } from '../core/grounds.js';
import type { Plan } from '../core/plan.js';
import type { KeptTrace } from '../core/tracing.js';

/**
 * The life of a change. One table says which moves exist; the store makes each move by compare-and-set.
 *
 *     planned → proposed → approved → running ⇄ waiting → verifying → verified | failed | unknown
 *     proposed → rejected | expired | stale      unknown → failed (closed by hand)      verified | failed → rolling-back → rolled-back | rollback-failed
 */
export type ChangeState =
  | 'planned'
  | 'proposed'
  | 'approved'
  | 'running'
  | 'waiting'
  | 'verifying'
  | 'verified'
  | 'failed'
  | 'unknown'
  | 'rejected'
  | 'expired'
  | 'stale'
  | 'rolling-back'
  | 'rolled-back'
  | 'rollback-failed';

/** From where each move may start, and where it ends. */
const moves = {
  propose: { from: ['planned'], to: 'proposed' },
  approve: { from: ['proposed'], to: 'approved' },
  reject: { from: ['proposed'], to: 'rejected' },
  expire: { from: ['proposed', 'approved'], to: 'expired' },
  outdate: { from: ['proposed', 'approved'], to: 'stale' },
  /** A newer proposal for the same took its place; its note names that one. */
  supersede: { from: ['proposed'], to: 'stale' },
  run: { from: ['approved'], to: 'running' },
  wait: { from: ['running'], to: 'waiting' },
  resume: { from: ['waiting'], to: 'running' },
  cancel: { from: ['waiting'], to: 'failed' },
  /** Its roll-out was stopped before this began: nothing was run. */
  callOff: { from: ['approved'], to: 'rejected' },
  verify: { from: ['running'], to: 'verifying' },
  succeed: { from: ['verifying'], to: 'verified' },
  fail: { from: ['running', 'waiting', 'verifying', 'unknown'], to: 'failed' },
  lose: { from: ['running', 'verifying'], to: 'unknown' },
  find: { from: ['unknown'], to: 'running' },
  /** A person's word on what was seen: never `verified`, which two sides prove and no word does. */
  close: { from: ['unknown'], to: 'failed' },
  rollBack: { from: ['verified', 'failed'], to: 'rolling-back' },
  rolledBack: { from: ['rolling-back'], to: 'rolled-back' },
  rollBackFailed: { from: ['rolling-back'], to: 'rollback-failed' },
} as const;

export type Move = keyof typeof moves;

/** `can.approve(state)` decides; `can.approve.from` fills the sentence that explains a refusal. */
export const can = movesOf<ChangeState>()(moves);

/** Whether this process knows a change's state and every kind of its steps. */
export function isKnownChange({ state, plan }: Change): boolean {
  const isState = Object.values(moves).some(
    ({ from, to }) => to === state || (from as readonly string[]).includes(state),
  );
  const kinds: readonly (string | undefined)[] = [undefined, 'node', 'hmc', 'person', 'wait'];
  return isState && plan.steps.every(({ kind }) => kinds.includes(kind));
}

/** States in which nothing more happens unless a person asks for it; locks are released here. */
export const endStates: readonly ChangeState[] = [
  'verified',
  'failed',
  'rejected',
  'expired',
  'stale',
  'rolled-back',
  'rollback-failed',
];

/**
 * Journal line: written before each step (`intent`) and after it (`result`). `withdrawn` takes an intent back: it is
 * proven that nothing of the step ran. `continued` is a person's word that a step for people is done; `look` is what
 * the facts said of it, or of what a waiting step waits for.
 */
export type JournalEntry =
  | {
      readonly kind: 'capture';
      readonly id: string;
      readonly at: string;
      readonly output: string;
      readonly exitCode: number | null;
    }
  | { readonly kind: 'intent'; readonly step: string; readonly at: string }
  | { readonly kind: 'result'; readonly step: string; readonly at: string; readonly outcome: StepOutcome }
  | { readonly kind: 'withdrawn'; readonly step: string; readonly at: string; readonly reason: string }
  | { readonly kind: 'continued'; readonly step: string; readonly at: string; readonly by: string }
  | {
      readonly kind: 'look';
      readonly step: string;
      readonly at: string;
      readonly agreed: boolean;
      readonly note: string;
    }
  | {
      readonly kind: 'read';
      readonly at: string;
      readonly agreed: boolean;
      readonly note: string;
      /** What must be the same in all reads that count together, such as process ids. */
      readonly mark?: string;
    };

/**
 * How a step ended. `exited`: by itself, from its run directory or the HMC's answer. `done`: a person's step whose
 * checks held, or a wait that is over. `unknown`: started, but neither an outcome nor a living process was found.
 */
export type StepOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'done'; readonly note: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Who did what to a change, and when (ISO 8601 UTC). */
export interface HistoryEntry {
  readonly at: string;
  readonly move: Move;
  readonly by: string;
  readonly note: string;
}

/** A proposal that came after another one for the same fix on the same target, and what became of its approvals. */
export interface Follows {
  readonly change: string;
  /** What differs between the two plans, in words; null where they have the same digest, and the approvals hold. */
  readonly difference: string | null;
  readonly approvalsKept: number;
  /** Of another plan, or by who asks now. */
  readonly approvalsLost: number;
}

/** A change as kept in Redis. `version` grows with each write: the compare in compare-and-set. */
export interface Change {
  readonly id: string;
  readonly version: number;
  readonly state: ChangeState;
  readonly plan: Plan;
  readonly digest: string;
  /** Set when this change undoes another one. */
  readonly rollbackOf: string | null;
  /** Set on a change that is being or was undone. */
  readonly rolledBackBy: string | null;
  readonly requester: string;
  /** Why it is wanted, as the requester said it; no part of the plan. */
  readonly grounds?: Grounds;
  /** Set where it took the place of an earlier proposal. */
  readonly follows?: Follows;
  /** Who carries it where a person's hands are needed; the requester until somebody takes it over. */
  readonly carriedBy?: string;
  readonly approvals: readonly { readonly user: string; readonly at: string }[];
  readonly approvalsNeeded: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly channel: string;
  readonly teamId: string;
  /** Outbox key of the card; its thread holds the details. */
  readonly cardKey: string;
  /** Set when it was asked for inside a thread: the card is there. */
  readonly threadTs: string | null;
  /** Set on one target's change of a roll-out: it was approved with all the others, and its card stands in their thread. */
  readonly rollout?: { readonly id: string; readonly cardKey: string };
  readonly history: readonly HistoryEntry[];
  readonly journal: readonly JournalEntry[];
  /** Set once the outputs in the journal were removed, after the days that the settings keep them. */
  readonly outputsRemovedAt?: string;
  /** Why it ended as it did, in words, or what is waited for. */
  readonly note: string;
  readonly error: ErrorInfo | null;
  /** While it is approved and may not begin: the window or the freeze that it waits for. */
  readonly held?: Closed | null;
  /** Set for ever on a change that began because somebody had broken the glass. */
  readonly letThrough?: LetThrough;
  /** Where in which trace it was asked for; absent where that was not traced. */
  readonly trace?: KeptTrace;
}
