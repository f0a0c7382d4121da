import { UsageError } from '../core/errors.js';
import type { Diagnostic, Fix } from './definition.js';
import { rmc } from './diagnostics/rmc.js';
import { rmcEnableRemote } from './fixes/rmc-enable-remote.js';
import { rmcRestart } from './fixes/rmc-restart.js';

/** Every diagnostic, in the order in which help lists them. */
export const diagnostics: readonly Diagnostic[] = [rmc];

/** Every fix, from low risk to high. */
export const fixes: readonly Fix[] = [rmcEnableRemote, rmcRestart];

/** The diagnostic with this id. Throws UsageError with the nearest id, or all of them, as the hint. */
export function findDiagnostic(id: string): Diagnostic {
  return pick('diagnostic', diagnostics, id);
}

/** The fix with this id. Throws UsageError with the nearest id, or all of them, as the hint. */
export function findFix(id: string): Fix {
  return pick('fix', fixes, id);
}

/** The fixes that may cure one of these findings, from low risk to high. */
export function fixesFor(findingIds: readonly string[]): readonly Fix[] {
  return fixes.filter((fix) => fix.cures.some((cure) => findingIds.includes(cure)));
}

function pick<T extends { readonly id: string }>(what: string, all: readonly T[], id: string): T {
  const found = all.find((one) => one.id === id);
  if (found !== undefined) return found;
  const near = all.filter((one) => distance(one.id, id) <= 2 || (id.length > 2 && one.id.includes(id)));
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((one) => one.id).join(' or ')}?`
      : `Known: ${all.map((one) => one.id).join(', ')}.`;
  throw new UsageError(`Unknown ${what} "${id}". ${hint}`, hint);
}

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
