/**
 * Which fixes a finding may suggest, the least risky first: the one place where that is said. A rule may suggest fewer,
 * where the same finding has a cause that none of them cures, and never others.
 * Source of each: IBM technote T1020611; RSCT 3.2, "Checking the status of the RMC connections"; IBM Power Virtual
 * Server, "RSCT package levels for imported AIX images"; HMC commands, diagrmc; recfgct man page.
 */
const cures = {
  'rmc.hmc-views-disagree': ['hmc-rebuild-system'],
  'rmc.daemon-down': ['rmc-restart'],
  'rmc.ipv6-link-local-missing': ['rmc-ipv6-recovery', 'rmc-own-image-recovery'],
  'rsct.node-id-duplicate': ['rsct-rebuild'],
  'rsct.node-id-mismatch': ['rsct-rebuild'],
  'rmc.not-registered': ['rmc-refresh-domain', 'rmc-restart'],
  'rmc.foreign-hmc': ['rmc-restart'],
  'rmc.heartbeat-down': ['rmc-enable-remote', 'rmc-refresh-domain'],
  'rmc.pending-authentication': ['rmc-restart'],
  'rmc.drm-down': ['rmc-restart'],
  'rmc.dlpar-not-capable': ['rmc-restart'],
  'rmc.stale-hmc-entry': ['hmc-rebuild-system', 'hmc-autocorrect'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A finding of the `rmc` diagnostic that has a fix at all. */
export type Curable = keyof typeof cures;

/** The fixes for a finding, the least risky first. */
export function curesOf(finding: Curable): readonly string[] {
  return cures[finding];
}

/** The findings that a fix may cure: what the fix itself declares. */
export function curedBy(fix: string): readonly string[] {
  return Object.entries(cures).flatMap(([finding, fixes]) =>
    (fixes as readonly string[]).includes(fix) ? [finding] : [],
  );
}
