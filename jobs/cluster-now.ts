import type { ClusterTarget } from '../src/core/target.js';
import { readCluster, type ClusterQuestions } from '../src/run/read-cluster.js';
import type { ClusterCollected } from '../src/runbooks/definition.js';
import type { Tools } from './tools.js';

export type ClusterNowTools = Pick<Tools, 'ssh' | 'clock' | 'certificates'>;

/** Reads every node of a cluster, its certificates, and so many rounds of all pairs, now. */
export function clusterNow(
  questions: ClusterQuestions,
  cluster: ClusterTarget,
  tools: ClusterNowTools,
  signal: AbortSignal | undefined,
): Promise<ClusterCollected> {
  const { ssh, clock, certificates } = tools;
  return readCluster(questions, cluster, { ssh, clock, parser: certificates }, signal);
}
