/**
 * In which order the targets of a roll-out go: one first, then a few, then more, and never two at once that stand in for
 * each other. Pure: the same targets and limits give the same waves.
 */

/** How many targets a wave may have: `ramp` says it for the first waves, `atMost` for those behind and for all. */
export interface WaveLimits {
  readonly ramp: readonly number[];
  readonly atMost: number;
}

/** A target and what it must not share with another one of its wave: locks, its cluster, its pair of VIOS. */
export interface Member {
  readonly target: string;
  readonly apart: readonly string[];
}

/** What is known of a node that a plan is for; null for a cluster. */
interface Place {
  readonly cluster: string | null;
  readonly system: { readonly name: string } | null;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * What a plan's target must not share with another one of its wave: the plan's own locks (which hold its cluster, and the
 * managed system of a change on the HMC), and for a VIOS its managed system, whose other VIOS carries the disks meanwhile.
 */
export function apartOf(locks: readonly string[], place: Place | null, isVios: boolean): readonly string[] {
  const cluster = place?.cluster ?? null;
  const system = place?.system?.name ?? null;
  return [
    ...new Set([
      ...locks,
      ...(cluster === null ? [] : [`cluster:${cluster}`]),
      ...(system !== null && (isVios || isTaggedVios(place)) ? [`vios:${system}`] : []),
    ]),
  ];
}

function isTaggedVios(place: Place | null): boolean {
  return Object.hasOwn(place?.tags ?? {}, 'role') && place?.tags['role']?.toLowerCase() === 'vios';
}

/**
 * Every member once, in waves. The first one given goes first and alone; behind it those go early whose neighbours can
 * only follow one by one, so that they do not make the end long.
 */
export function planWaves<T extends Member>(
  members: readonly T[],
  { ramp, atMost }: WaveLimits,
): readonly (readonly T[])[] {
  const waves: T[][] = [];
  let rest = [...members];
  while (rest.length > 0) {
    const size = waves.length === 0 ? 1 : Math.max(1, Math.min(ramp[waves.length] ?? atMost, atMost));
    const wave = waves.length === 0 ? rest.slice(0, 1) : filled(rest, size);
    waves.push(wave);
    rest = rest.filter((member) => !wave.includes(member));
  }
  return waves;
}

/** At least one member, for nothing stands against the first. */
function filled<T extends Member>(rest: readonly T[], size: number): T[] {
  const queues = countsOf(rest);
  const longest = ({ apart }: T): number => Math.max(0, ...apart.map((key) => queues.get(key) ?? 0));
  // Sorting keeps the order of equals.
  const ordered = [...rest].sort((a, b) => longest(b) - longest(a));
  const used = new Set<string>();
  const wave: T[] = [];
  for (const member of ordered) {
    if (wave.length === size) break;
    if (member.apart.some((key) => used.has(key))) continue;
    wave.push(member);
    for (const key of member.apart) used.add(key);
  }
  return rest.filter((member) => wave.includes(member));
}

function countsOf(rest: readonly Member[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { apart } of rest) for (const key of apart) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
