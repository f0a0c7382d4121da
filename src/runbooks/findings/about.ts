import type { Level } from '../../core/verdict.js';

/** What is known of a finding beforehand: what help and the manual say of it. The finding itself adds names and numbers. */
export interface FindingAbout {
  /** Each severity that it may have, the usual one first; a finding that follows from another is never worse than that. */
  readonly severities: readonly Level[];
  /** Ids of the diagnostics that report it. */
  readonly from: readonly string[];
  /** What it means, and what of it. */
  readonly means: string;
  /** What would have been well. */
  readonly expected: string;
  /** What is shown as its proof. */
  readonly evidence: string;
  /** What a person does about it, in this order. */
  readonly byHand: readonly string[];
}

/** Findings by their ids. */
export type FindingsAbout = Readonly<Record<string, FindingAbout>>;
