import type { Evidence } from './fact.js';
import type { PairMatrix } from './pair-matrix.js';

/** From good to bad; the worst finding wins. */
export const levels = ['ok', 'warn', 'unknown', 'crit'] as const;
export type Level = (typeof levels)[number];

/** One thing noticed. `follows` names the finding that caused it, so that one root fault is not reported twice. */
export interface Finding {
  readonly id: string;
  readonly severity: Level;
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly string[];
  readonly follows?: string;
  /** One look cannot tell: the same target is read again after a while, and judged with both. */
  readonly needsSecondRead?: boolean;
}

/** The judgement of one diagnostic on one target. `startedAt` is ISO 8601 UTC, `durationMs` milliseconds. */
export interface Verdict {
  readonly target: string;
  readonly diagnostic: string;
  readonly verdict: Level;
  readonly findings: readonly Finding[];
  readonly startedAt: string;
  readonly durationMs: number;
  /** What it rests on, in a few words: that only the HMC was asked, that a second read was left out, the level found. */
  readonly note?: string;
  /** Of a cluster: who reached whom. */
  readonly matrix?: PairMatrix;
}

/** The worst of many levels; `ok` for none. */
export function worst(all: readonly Level[]): Level {
  return all.reduce<Level>((a, b) => (levels.indexOf(b) > levels.indexOf(a) ? b : a), 'ok');
}
