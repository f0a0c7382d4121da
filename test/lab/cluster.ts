import type { Estate, EstateCluster } from './estate.js';

export interface Member {
  readonly name: string;
  readonly address: string;
  /** From 1, in the order of the estate. */
  readonly number: number;
}

/** The cluster of a node, and which of its nodes that is. */
export interface ClusterPlace {
  readonly name: string;
  readonly cluster: EstateCluster;
  readonly members: readonly Member[];
  readonly own: Member;
}

/** Where in a cluster a node is; null where it is in none. */
export function clusterPlaceOf(estate: Estate, node: string): ClusterPlace | null {
  for (const [name, cluster] of Object.entries(estate.clusters)) {
    const members = cluster.nodes.map((one, index) => ({
      name: one,
      address: estate.nodes[one]?.address ?? '',
      number: index + 1,
    }));
    const own = members.find((member) => member.name === node);
    if (own !== undefined) return { name, cluster, members, own };
  }
  return null;
}
