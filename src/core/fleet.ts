/** What was last read of a node's identity, kept so that one node's id can be held against all others'. */
export interface KnownNode {
  /** Inventory name. */
  readonly name: string;
  /** RSCT node id: 16 lower-case hex digits; null where it was read to be missing. */
  readonly nodeId: string | null;
  readonly lparId: number | null;
  /** Inventory name of its managed system. */
  readonly system: string | null;
  /** `8233-E8B*06C0ABC`, where the HMC told. */
  readonly machine: string | null;
  /** IPv4 addresses that the node itself shows. */
  readonly addresses: readonly string[];
  /** ISO 8601 UTC. */
  readonly readAt: string;
  /** Since when it has been known with this node id without a change; ISO 8601 UTC. */
  readonly nodeIdSince?: string;
  /** Whether it is in a cluster, by the inventory or by an RSCT peer domain of its own; null where that is not known. */
  readonly inCluster?: boolean | null;
}
