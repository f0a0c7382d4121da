/** Which entries of the error log are about RMC, and what they tell. */
import { detailOf, type ErrorEntry } from '../../../aix/errpt.js';
import type { Subsystem } from '../../../aix/lssrc.js';

/** RSCT's own daemons, by the names under which they write. Source: captures of errpt (`RMCdaemon`, `ctcasd`, `ConfigRM`). */
const ownResources = ['RMCdaemon', 'ctcasd', 'ConfigRM'];

/** Who is asked for: RSCT itself, the SRC that starts its daemons again, and the system, which tells of core files and boots. */
export const resources = [...ownResources, 'SRC', 'SYSPROC'];

/** What the error log tells of RMC. Each list is newest first. */
export interface Told {
  /** Entries of RSCT's own that are no information. */
  readonly errors: readonly ErrorEntry[];
  /** By subsystem: that it ended by itself, from the SRC and from core files. */
  readonly ended: ReadonlyMap<string, readonly ErrorEntry[]>;
  /** Entries that should say which program ended and do not. */
  readonly untold: readonly ErrorEntry[];
  readonly starts: readonly ErrorEntry[];
  readonly boots: readonly ErrorEntry[];
}

/** Sorts the entries; `subsystems` is the SRC's table, null where it was not read. */
export function toldBy(entries: readonly ErrorEntry[], subsystems: readonly Subsystem[] | null): Told {
  const ends = entries.filter(isEnd).map((entry) => ({ entry, name: endedName(entry) }));
  const names = new Set(
    ends.flatMap(({ name }) => (name !== null && isOurs(name, subsystems) ? [name] : [])),
  );
  return {
    errors: entries.filter(({ resource, type }) => ownResources.includes(resource) && type !== 'INFO'),
    ended: new Map(
      [...names].map((name) => [name, ends.filter((one) => one.name === name).map(({ entry }) => entry)]),
    ),
    untold: ends.filter(({ name }) => name === null).map(({ entry }) => entry),
    starts: entries.filter(({ label }) => label === 'RMCD_INFO_0_ST'),
    boots: entries.filter(({ label }) => label === 'REBOOT_ID'),
  };
}

/**
 * The SRC writes of nothing else than subsystems that ended: SRC_RSTRT started again, SRC_SVKO not, SRC_TRYX tried too
 * often. Source: sys/errids.h of AIX.
 */
function isEnd({ resource, label }: ErrorEntry): boolean {
  return resource === 'SRC' || (resource === 'SYSPROC' && label.startsWith('CORE_DUMP'));
}

/** The subsystem that ended; null where the entry does not say. */
function endedName(entry: ErrorEntry): string | null {
  if (entry.resource === 'SRC') return detailOf(entry, 'FAILING MODULE');
  const program = detailOf(entry, 'PROGRAM NAME');
  return program === null ? null : subsystemOf(program);
}

/** RSCT's programs are called as their subsystems, with a `d` behind: `IBM.DRMd`. Source: RSCT 3.2, trace and core file information. */
function subsystemOf(program: string): string {
  const known: Readonly<Record<string, string>> = { rmcd: 'ctrmc', ctcasd: 'ctcas' };
  return known[program] ?? program.replace(/^(IBM\.\w*RM)d$/, '$1');
}

function isOurs(name: string, subsystems: readonly Subsystem[] | null): boolean {
  const group = subsystems?.find((one) => one.name === name)?.group ?? null;
  return (
    group === 'rsct' || group === 'rsct_rm' || name === 'ctrmc' || name === 'ctcas' || /^IBM\./.test(name)
  );
}
