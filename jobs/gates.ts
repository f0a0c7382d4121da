import type { Plan } from '../src/core/plan.js';
import type { ShutGate } from '../src/run/applied.js';
import { collect } from '../src/run/collect.js';
import { clusterGateFacts, readClusterGates } from '../src/runbooks/fixes/clcomd/gates.js';
import { gateFacts, readGates } from '../src/runbooks/fixes/rmc/gates.js';
import { clusterNow, type ClusterNowTools } from './cluster-now.js';
import type { Subject } from './subject.js';

/** Reads what these gates ask, now, and says which is shut; what could not be read is shut. null when all are open. */
export async function gatesNow(
  names: readonly string[],
  plan: Plan,
  subject: Subject,
  tools: ClusterNowTools,
  signal: AbortSignal,
): Promise<ShutGate | null> {
  if (subject.kind === 'cluster') {
    const questions = { node: clusterGateFacts(names, subject.cluster), rounds: 0 };
    const collected = await clusterNow(questions, subject.cluster, tools, signal);
    return readClusterGates(names, collected, plan);
  }
  const questions = { kind: 'fix', ...gateFacts(names) } as const;
  const [collected] = await collect(questions, [subject.node], tools, { nodesAtOnce: 1, signal });
  if (collected === undefined) throw new Error(`nothing was collected for ${subject.name}`);
  return readGates(names, collected);
}
