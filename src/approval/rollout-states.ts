/**
 * The life of a roll-out: one fix on many targets, approved as one list and carried out in waves. One table says which
 * moves exist; the store makes each by compare-and-set. What runs on a target is an ordinary change of its own.
 *
 *     proposed → approved → running → done
 *     proposed → rejected | expired    approved → expired    approved | running → stopping → stopped
 */
import { movesOf } from '../core/moves.js';
import type { Grounds } from '../core/grounds.js';
import type { Risk } from '../core/plan.js';
import type { KeptTrace } from '../core/tracing.js';
import { awaitedPerson } from './journal.js';
import type { Change } from './states.js';

export type RolloutState =
  | 'proposed'
  | 'approved'
  | 'running'
  /** Nothing new starts; what runs ends by itself. */
  | 'stopping'
  | 'done'
  | 'stopped'
  | 'rejected'
  | 'expired';

const moves = {
  approve: { from: ['proposed'], to: 'approved' },
  reject: { from: ['proposed'], to: 'rejected' },
  expire: { from: ['proposed', 'approved'], to: 'expired' },
  start: { from: ['approved'], to: 'running' },
  stop: { from: ['approved', 'running'], to: 'stopping' },
  finish: { from: ['running'], to: 'done' },
  end: { from: ['stopping'], to: 'stopped' },
} as const;

export type RolloutMove = keyof typeof moves;

/** `rolloutCan.stop(state)` decides; `rolloutCan.stop.from` fills the sentence that explains a refusal. */
export const rolloutCan = movesOf<RolloutState>()(moves);

/** Whether this process knows its state. */
export function isKnownRollout({ state }: Rollout): boolean {
  return Object.values(moves).some(
    ({ from, to }) => to === state || (from as readonly string[]).includes(state),
  );
}

/** States in which nothing more happens. */
export const rolloutEnds: readonly RolloutState[] = ['done', 'stopped', 'rejected', 'expired'];

/** A target that has a plan. Its change, once there is one, has an id made from the roll-out's and its place. */
export interface RolloutMember {
  readonly target: string;
  /** Of its plan. */
  readonly digest: string;
  readonly change: string;
}

/** A target without a plan, and why. `covered`: the plan of another target does the same for it. */
export interface LeftOut {
  readonly target: string;
  readonly why: 'nothing-to-do' | 'refused' | 'not-read' | 'covered';
  readonly reason: string;
}

/** Why nothing new starts any more. */
export interface RolloutStop {
  /** A person who pressed Stop, or `worker`. */
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The first target that was not verified; null where a person stopped it. */
  readonly target: string | null;
  readonly note: string;
}

/** Who moved it, and when (ISO 8601 UTC). */
export interface RolloutHistory {
  readonly at: string;
  readonly move: RolloutMove;
  readonly by: string;
}

/** A roll-out as kept in Redis; the plans are kept beside it. `version` grows with each write. */
export interface Rollout {
  readonly id: string;
  readonly version: number;
  readonly state: RolloutState;
  readonly fix: string;
  /** The fix's title. */
  readonly title: string;
  readonly risk: Risk;
  readonly interrupts: string;
  readonly args: readonly string[];
  /** What is named in it are clusters rather than nodes. */
  readonly ofClusters: boolean;
  readonly waves: readonly (readonly RolloutMember[])[];
  readonly leftOut: readonly LeftOut[];
  /** Over the fix, its words, every wave with every plan's digest, and what is left out: what is approved. */
  readonly digest: string;
  /** So many waves were begun; a wave is counted here before its first change is made. */
  readonly begun: number;
  readonly stop: RolloutStop | null;
  /** The roll-out whose rest this is. */
  readonly restOf: string | null;
  readonly requester: string;
  readonly approvals: readonly { readonly user: string; readonly at: string }[];
  readonly approvalsNeeded: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly channel: string;
  readonly teamId: string;
  readonly cardKey: string;
  readonly threadTs: string | null;
  readonly history: readonly RolloutHistory[];
  /** What is waited for, in words; '' for nothing worth saying. */
  readonly note: string;
  /** Why it is asked for, as whoever asked said it; absent where nothing was said. */
  readonly grounds?: Grounds;
  /** Where in which trace it was asked for; absent where that was not traced. */
  readonly trace?: KeptTrace;
}

/** Every target that has a plan, in the order in which they go. */
export function membersOf({ waves }: Pick<Rollout, 'waves'>): readonly RolloutMember[] {
  return waves.flat();
}

/** How one target stands. `waits`: approved and not begun, for a lock, a window or a worker. */
export type MemberStand =
  | 'to-come'
  | 'waits'
  | 'runs'
  | 'verified'
  /** It ended, and nothing of it ran. */
  | 'not-run'
  | 'not-verified'
  | 'needs-person';

/** Reads how a target stands from its change; null where it has none yet. */
export function standOf(change: Change | null): MemberStand {
  if (change === null) return 'to-come';
  switch (change.state) {
    case 'planned':
    case 'proposed':
    case 'approved':
      return 'waits';
    case 'running':
    case 'verifying':
      return 'runs';
    case 'waiting':
      return awaitedPerson(change) === undefined ? 'runs' : 'needs-person';
    case 'verified':
      return 'verified';
    case 'unknown':
      return 'needs-person';
    case 'rejected':
    case 'expired':
    case 'stale':
      return 'not-run';
    case 'failed':
    case 'rolling-back':
    case 'rolled-back':
    case 'rollback-failed':
      return 'not-verified';
  }
}

/** Whether one that stands so ends a roll-out. */
export function endsRollout(stand: MemberStand): boolean {
  return stand === 'not-run' || stand === 'not-verified' || stand === 'needs-person';
}

/** The targets that a new roll-out can take up: nothing was run on them. One that failed is for a person first. */
export function restOf(rollout: Rollout, standing: ReadonlyMap<string, MemberStand>): readonly string[] {
  return membersOf(rollout)
    .filter(({ target }) => ['to-come', 'waits', 'not-run'].includes(standing.get(target) ?? 'to-come'))
    .map(({ target }) => target);
}
