import { digestOf } from '../core/canonical.js';
import { dayMs } from './calendar.js';
import type { DigestCluster, Item } from './item.js';
import type { Memory } from './memory.js';

/** A cluster whose yearly look is due. */
export interface Rotation {
  readonly cluster: string;
  readonly owner: string | null;
  readonly rotatedAt: string | null;
  readonly firstSeen: string;
  readonly certificates: number;
  readonly item: string;
  readonly version: string;
}

const yearMs = 365 * dayMs;

/**
 * Clusters whose communication certificates were last made more than a year ago. The last rotation is when the newest of
 * them was made; a cluster that declares none counts from when it was first seen. An acknowledgement ends it for as long as
 * it says, a rotation ends it by itself.
 */
export function rotationsDue(
  clusters: readonly DigestCluster[],
  items: readonly Item[],
  remembered: Memory['clusters'],
  nowMs: number,
): readonly Rotation[] {
  return clusters.flatMap(({ name }) => {
    const own = items.filter((item) => item.isClusterSecurity && item.cluster === name);
    const firstSeen = remembered.find((one) => one.name === name)?.firstSeen;
    if (firstSeen === undefined) return [];
    const rotatedAt =
      own
        .map(({ notBefore }) => notBefore)
        .sort()
        .at(-1) ?? null;
    if (nowMs - Date.parse(rotatedAt ?? firstSeen) < yearMs) return [];
    const fingerprints = new Set(own.map(({ fingerprint }) => fingerprint));
    return [
      {
        cluster: name,
        owner: own.find(({ owner }) => owner !== null)?.owner ?? null,
        rotatedAt,
        firstSeen,
        certificates: fingerprints.size,
        item: digestOf(['rotation', name]).slice(0, 20),
        version: rotatedAt ?? 'none',
      },
    ];
  });
}
