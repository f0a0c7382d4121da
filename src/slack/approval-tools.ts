import type { Grounds } from '../core/grounds.js';

/** What must be said before an act is taken; all texts are plain. Nothing is decided or queued by it. */
export type Demand = GroundsDemand | CodeDemand | RejectDemand;

/** Why a change is wanted, and its ticket, where the policy wants to know. */
export interface GroundsDemand {
  readonly kind: 'ask';
  readonly what: 'grounds';
  /** What is asked for: fix and target. */
  readonly title: string;
  readonly reason: boolean;
  /** The pattern of tickets; null where none is asked for. */
  readonly ticket: string | null;
  readonly said: Grounds;
  /** What is missing or does not fit, as a sentence. */
  readonly problem: string;
}

/** The code of an authenticator, before a change is approved. */
export interface CodeDemand {
  readonly kind: 'ask';
  readonly what: 'code';
  readonly title: string;
  /** What was wrong with the one that was given; null where none was. */
  readonly problem: string | null;
}

/** Why a change is rejected. */
export interface RejectDemand {
  readonly kind: 'ask';
  readonly what: 'reject';
  readonly title: string;
  readonly problem: string | null;
  /** Fewer characters are no answer. */
  readonly least: number;
}

/** What a person said together with a decision. */
export interface Said {
  readonly reason?: string;
  readonly code?: string;
}

/** What is done once more with what was said in a form. */
export type Again =
  | { readonly what: 'change' | 'rollout'; readonly id: string; readonly choice: 'approve' | 'reject' }
  | { readonly what: 'offer' | 'undo'; readonly id: string }
  | { readonly what: 'line'; readonly command: string; readonly text: string };
