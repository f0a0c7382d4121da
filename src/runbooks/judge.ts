import { worst, type Verdict } from '../core/verdict.js';
import type { Collected, Diagnostic } from './definition.js';
import type { FactSet } from '../core/fact.js';

/** The verdict over what was read: the worst finding wins. `startedAt` is ISO 8601 UTC, `durationMs` milliseconds. */
export function judge(
  diagnostic: Diagnostic,
  collected: Collected<FactSet, FactSet>,
  startedAt: string,
  durationMs: number,
): Verdict {
  const findings = diagnostic.judge(collected);
  const verdict = worst(findings.map((finding) => finding.severity));
  return {
    target: collected.target.name,
    diagnostic: diagnostic.id,
    verdict,
    findings,
    startedAt,
    durationMs,
  };
}
