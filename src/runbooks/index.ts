import { didYouMean } from '../core/did-you-mean.js';
import { UsageError } from '../core/errors.js';
import type { AnyDiagnostic, AnyFix, ClusterFix, Diagnostic, Fix } from './definition.js';
import { certificates } from './diagnostics/certificates.js';
import { clcomd } from './diagnostics/clcomd.js';
import { rmc } from './diagnostics/rmc.js';
import { rmcErrors } from './diagnostics/rmc-errors.js';
import { rsctLevel } from './diagnostics/rsct-level.js';
import { clcomdRefresh } from './fixes/clcomd-refresh.js';
import { clcomdRenewCertificates } from './fixes/clcomd-renew-certificates.js';
import { clcomdRhosts } from './fixes/clcomd-rhosts.js';
import { clcomdStart } from './fixes/clcomd-start.js';
import { hmcAutocorrect } from './fixes/hmc-autocorrect.js';
import { hmcRebuildSystem } from './fixes/hmc-rebuild-system.js';
import { rmcEnableRemote } from './fixes/rmc-enable-remote.js';
import { rmcIpv6Recovery } from './fixes/rmc-ipv6-recovery.js';
import { rmcOwnImageRecovery } from './fixes/rmc-own-image-recovery.js';
import { rmcRefreshDomain } from './fixes/rmc-refresh-domain.js';
import { rmcRestart } from './fixes/rmc-restart.js';
import { rsctRebuild } from './fixes/rsct-rebuild.js';

/** Every diagnostic, in the order in which help lists them. */
export const diagnostics: readonly AnyDiagnostic[] = [rmc, rmcErrors, rsctLevel, clcomd, certificates];

/** Every fix: of one node from low risk to high, then of a cluster. */
export const fixes: readonly AnyFix[] = [
  rmcEnableRemote,
  rmcRefreshDomain,
  rmcRestart,
  hmcRebuildSystem,
  hmcAutocorrect,
  rsctRebuild,
  rmcIpv6Recovery,
  rmcOwnImageRecovery,
  clcomdStart,
  clcomdRefresh,
  clcomdRhosts,
  clcomdRenewCertificates,
];

/** The diagnostic with this id. Throws UsageError with the nearest id, or all of them, as the hint. */
export function findDiagnostic(id: 'rmc' | 'rsct-level'): Diagnostic;
export function findDiagnostic(id: string): AnyDiagnostic;
export function findDiagnostic(id: string): AnyDiagnostic {
  return pick('diagnostic', diagnostics, id);
}

type NodeFixId = `${'rmc' | 'rsct' | 'hmc'}-${string}`;

/** The fix with this id. Throws UsageError with the nearest id, or all of them, as the hint. */
export function findFix(id: NodeFixId): Fix;
export function findFix(id: `clcomd-${string}`): ClusterFix;
export function findFix(id: string): AnyFix;
export function findFix(id: string): AnyFix {
  return pick('fix', fixes, id);
}

/** The fixes that may cure one of these findings, from low risk to high. */
export function fixesFor(findingIds: readonly string[]): readonly AnyFix[] {
  return fixes.filter((fix) => fix.cures.some((cure) => findingIds.includes(cure)));
}

function pick<T extends { readonly id: string }>(what: string, all: readonly T[], id: string): T {
  const found = all.find((one) => one.id === id);
  if (found !== undefined) return found;
  const meant = didYouMean(
    id,
    all.map((one) => one.id),
  );
  const hint = meant === null ? `Known: ${all.map((one) => one.id).join(', ')}.` : `Did you mean ${meant}?`;
  throw new UsageError(`Unknown ${what} "${id}". ${hint}`, hint);
}
