import { compareVrmf, type Fileset } from '../../../aix/lslpp.js';
import type { ConfiguredLevels, Platform } from '../../../core/target.js';

/** RSCT levels of one platform, as VRMF. `recommended` is null where nobody recommends one. */
interface Levels {
  readonly minimum: string;
  readonly recommended: string | null;
}

/**
 * What IBM asks for. Source: IBM technote T1020611 (HMC: 3.1.0.x); IBM Power Virtual Server, "RSCT package levels for
 * imported AIX images" (3.2.1 is the minimum, for IPv6; 3.2.6.2 is recommended).
 */
export const defaultRsctLevels: Readonly<Record<Platform, Levels>> = {
  hmc: { minimum: '3.1.0.0', recommended: null },
  powervs: { minimum: '3.2.1.0', recommended: '3.2.6.2' },
};

/** The levels that the settings ask for, and the default where they leave one out. */
export function levelsOf(configured: ConfiguredLevels = {}): Readonly<Record<Platform, Levels>> {
  const of = (platform: Platform): Levels => ({
    minimum: configured.minimum?.[platform] ?? defaultRsctLevels[platform].minimum,
    recommended: configured.recommended?.[platform] ?? defaultRsctLevels[platform].recommended,
  });
  return { hmc: of('hmc'), powervs: of('powervs') };
}

/** Levels at which RMC to the HMC needs an APAR. Source: IBM technote T1020611. */
const needAnApar: readonly string[] = ['3.1.5.0', '3.2.0.0'];

export type LevelJudgement =
  | { readonly kind: 'fine' }
  | { readonly kind: 'too-old'; readonly minimum: string }
  | { readonly kind: 'needs-apar' }
  | { readonly kind: 'below-recommended'; readonly recommended: string };

/** Judges a VRMF by number, field by field. */
export function judgeLevel(
  level: string,
  platform: Platform,
  levels: Readonly<Record<Platform, Levels>>,
): LevelJudgement {
  const { minimum, recommended } = levels[platform];
  if (compareVrmf(level, minimum) < 0) return { kind: 'too-old', minimum };
  if (needAnApar.some((one) => compareVrmf(level, one) === 0)) return { kind: 'needs-apar' };
  if (recommended !== null && compareVrmf(level, recommended) < 0)
    return { kind: 'below-recommended', recommended };
  return { kind: 'fine' };
}

/** The level of `rsct.core.rmc`, the highest where updates are listed beside the base; null where it is not there. */
export function rmcLevel(filesets: readonly Fileset[]): string | null {
  const levels = filesets.filter((one) => one.fileset === 'rsct.core.rmc').map((one) => one.level);
  return levels.reduce<string | null>(
    (highest, level) => (highest === null || compareVrmf(level, highest) > 0 ? level : highest),
    null,
  );
}
