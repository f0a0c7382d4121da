import type { Attachment } from '../src/core/message.js';
import { collect } from '../src/run/collect.js';
import { escalationBundle, escalationQuestions } from '../src/runbooks/escalation.js';
import { clusterBundle, clusterEvidence } from '../src/runbooks/escalation-cluster.js';
import { judge } from '../src/runbooks/judge.js';
import { clusterNow } from './cluster-now.js';
import type { Subject } from './subject.js';
import type { Tools } from './tools.js';

/** Reads all that can be read of what fixes did not cure, as one file for a support case. */
export async function evidenceFile(subject: Subject, tools: Tools, signal: AbortSignal): Promise<Attachment> {
  if (subject.kind === 'cluster')
    return clusterBundle(await clusterNow(clusterEvidence, subject.cluster, tools, signal));
  const [collected] = await collect(escalationQuestions, [subject.node], tools, { nodesAtOnce: 1, signal });
  if (collected === undefined) throw new Error(`nothing was collected for ${subject.name}`);
  const whole = { ...collected, fleet: await tools.fleet.all() };
  const verdict = judge(escalationQuestions, whole, collected.startedAt, collected.durationMs);
  return escalationBundle(whole, verdict);
}
