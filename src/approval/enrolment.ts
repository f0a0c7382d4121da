import { movesOf } from '../core/moves.js';
import type { PinnedKey } from '../core/host-key.js';

/**
 * The life of a card that shows host keys to be pinned:
 *
 *     shown → pinned | rejected | expired | outdated      nothing-to-pin
 *
 * `outdated`: while it stood there, another card pinned something for one of its hosts, so it would replace what its
 * approvers did not see. Nothing is fetched again between the card and the pin: what was shown is what is pinned.
 */
export type EnrolmentState = 'shown' | 'pinned' | 'rejected' | 'expired' | 'outdated' | 'nothing-to-pin';

const moves = {
  pin: { from: ['shown'], to: 'pinned' },
  reject: { from: ['shown'], to: 'rejected' },
  expire: { from: ['shown'], to: 'expired' },
  outdate: { from: ['shown'], to: 'outdated' },
} as const;

export type EnrolmentMove = keyof typeof moves;

/** `canEnrol.pin(state)` decides; `canEnrol.pin.from` fills the sentence that explains a refusal. */
export const canEnrol = movesOf<EnrolmentState>()(moves);

/** Whether this process knows its state. */
export function isKnownEnrolment({ state }: Enrolment): boolean {
  return (
    state === 'shown' || state === 'nothing-to-pin' || Object.values(moves).some(({ to }) => to === state)
  );
}

/** What was pinned from Slack for one host, and by which card: the card's id is the compare in compare-and-set. */
export interface StoredPins {
  readonly enrolment: string;
  readonly keys: readonly PinnedKey[];
  readonly requester: string;
  readonly approvers: readonly string[];
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** A host whose keys a card offers to pin. */
export interface Candidate {
  /** The name in the inventory. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly kind: 'node' | 'hmc' | 'jump host';
  /** The jump host on the way; null for none. */
  readonly through: string | null;
  /** Every key that it presented; all of them are pinned. */
  readonly keys: readonly PinnedKey[];
  /** What its known_hosts file pins; keys of a type that it presents are the same there. */
  readonly inFile: readonly PinnedKey[];
  /** What is in the store now and would be replaced; null for nothing. */
  readonly replaces: StoredPins | null;
}

/** A target of which nothing can be pinned here, and why, in words. */
export interface EnrolmentNote {
  readonly target: string;
  readonly kind: 'pinned' | 'not-fetched' | 'refused';
  readonly words: string;
}

/** A card with host keys as kept in Redis. `version` grows with each write: the compare in compare-and-set. */
export interface Enrolment {
  readonly id: string;
  readonly version: number;
  readonly state: EnrolmentState;
  /** `changed` replaces pinned keys, is for one host alone, and takes two approvers. */
  readonly kind: 'first' | 'changed';
  /** As it was asked for, e.g. `/enrol lpar1`. */
  readonly asked: string;
  readonly candidates: readonly Candidate[];
  readonly notes: readonly EnrolmentNote[];
  /** Targets without a pinned key for which this card had no place. */
  readonly remaining: number;
  readonly requester: string;
  readonly approvals: readonly { readonly user: string; readonly at: string }[];
  readonly approvalsNeeded: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly channel: string;
  readonly teamId: string;
  readonly threadTs: string | null;
  /** Outbox key of the card. */
  readonly cardKey: string;
  /** Who ended it, and when; null while it stands. */
  readonly ended: { readonly by: string; readonly at: string; readonly note: string } | null;
}

/** One approval pins the first key of a host; what replaces a pinned key takes two. */
export function enrolmentApprovals(kind: Enrolment['kind']): number {
  return kind === 'changed' ? 2 : 1;
}
