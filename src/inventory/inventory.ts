import type { ClusterTarget, HmcTarget, ManagedSystem, NodeTarget } from '../core/target.js';

/** Everything that people may name, by name. Names are unique over nodes, HMCs, systems and clusters together. */
export interface Inventory {
  readonly nodes: ReadonlyMap<string, NodeTarget>;
  readonly hmcs: ReadonlyMap<string, HmcTarget>;
  readonly systems: ReadonlyMap<string, ManagedSystem>;
  readonly clusters: ReadonlyMap<string, ClusterTarget>;
}
