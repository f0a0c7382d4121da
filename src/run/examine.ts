import { setMaxListeners } from 'node:events';
import { redactIn } from '../core/redact.js';
import type { ClusterTarget, NodeTarget } from '../core/target.js';
import { worst, type Verdict } from '../core/verdict.js';
import type { AnyDiagnostic, CertificateDiagnostic, ClusterDiagnostic } from '../runbooks/definition.js';
import { readCertificates } from './read-certificates.js';
import { readCluster, type ClusterTools } from './read-cluster.js';
import { mapInSlices } from '../loop/slices.js';
import { survey, unlessStopped, type Surveyed, type SurveyOptions } from './survey.js';

/** What one verdict is about: a node, or a cluster as a whole. */
export type Subject = NodeTarget | ClusterTarget;

/** A few clusters are read side by side: each already asks all its nodes at once. */
const clustersAtOnce = 4;

/**
 * Reads and judges subjects by the kind of their diagnostic, one verdict each and in their order. Throws the abort of
 * `signal` or what `onVerdict` threw. Subjects of another kind than the diagnostic is for are a fault of the caller.
 * Verdicts leave without secrets of known shapes: they are kept, posted and printed.
 */
export async function examine(
  diagnostic: AnyDiagnostic,
  subjects: readonly Subject[],
  tools: ClusterTools,
  options: SurveyOptions,
): Promise<Surveyed> {
  const { onVerdict, signal, stop } = options;
  const reading = stop === undefined ? {} : { signal: either(signal, stop) };
  const telling = onVerdict && { onVerdict: (verdict: Verdict) => onVerdict(redactIn(verdict)) };
  const surveyed = await examined(diagnostic, subjects, tools, { ...options, ...reading, ...telling });
  const [verdicts, again] = [
    await mapInSlices(surveyed.verdicts, redactIn),
    await mapInSlices(surveyed.again, redactIn),
  ];
  return { ...surveyed, verdicts, again };
}

/** Fires with the first of the two, and for its reason. */
export function either(signal: AbortSignal | undefined, stop: AbortSignal): AbortSignal {
  const both = AbortSignal.any(signal === undefined ? [stop] : [signal, stop]);
  // Each read listens to it.
  setMaxListeners(0, both);
  return both;
}

async function examined(
  diagnostic: AnyDiagnostic,
  subjects: readonly Subject[],
  tools: ClusterTools,
  options: SurveyOptions,
): Promise<Surveyed> {
  switch (diagnostic.kind) {
    case 'diagnostic':
      return survey(diagnostic, subjects.map(asNode), tools, options);
    case 'cluster-diagnostic': {
      const verdicts = await inLanes(subjects.map(asCluster), clustersAtOnce, options, (cluster) =>
        verdictOnCluster(diagnostic, cluster, tools, options.signal),
      );
      return { verdicts, learned: [], again: [] };
    }
    case 'certificate-diagnostic': {
      const verdicts = await inLanes(subjects.map(asNode), options.nodesAtOnce, options, (node) =>
        verdictOnCertificates(diagnostic, node, tools, options.signal),
      );
      return { verdicts, learned: [], again: [] };
    }
  }
}

async function verdictOnCluster(
  diagnostic: ClusterDiagnostic,
  cluster: ClusterTarget,
  tools: ClusterTools,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const collected = await readCluster(diagnostic, cluster, tools, signal);
  const findings = diagnostic.judge(collected);
  // What is for information alone does not keep a cluster from being healthy.
  const isHealthy = findings.every((finding) => finding.severity === 'ok');
  const remark = isHealthy ? (diagnostic.remark?.(collected) ?? null) : null;
  return {
    target: cluster.name,
    diagnostic: diagnostic.id,
    verdict: worst(findings.map((finding) => finding.severity)),
    findings,
    startedAt: collected.startedAt,
    durationMs: collected.durationMs,
    ...(remark === null ? {} : { note: remark }),
    ...(diagnostic.matrix === undefined ? {} : { matrix: diagnostic.matrix(collected) }),
  };
}

/** The node's own certificates, those of its cluster and those of rules that choose it, as the inventory resolved them. */
async function verdictOnCertificates(
  diagnostic: CertificateDiagnostic,
  node: NodeTarget,
  tools: ClusterTools,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const read = await readCertificates(node, node.certificates ?? [], tools, signal);
  const findings = diagnostic.judge(node, read);
  const remark = findings.length === 0 ? diagnostic.remark(node, read) : null;
  return {
    target: node.name,
    diagnostic: diagnostic.id,
    verdict: worst(findings.map((finding) => finding.severity)),
    findings,
    startedAt: read.startedAt,
    durationMs: read.durationMs,
    ...(remark === null ? {} : { note: remark }),
  };
}

/** Works on subjects a few at a time and tells of each verdict as it comes, one call at a time. */
async function inLanes<S extends Subject>(
  subjects: readonly S[],
  lanes: number,
  { signal, stop, onVerdict }: Pick<SurveyOptions, 'signal' | 'stop' | 'onVerdict'>,
  work: (subject: S) => Promise<Verdict>,
): Promise<readonly Verdict[]> {
  const done = new Map<S, Verdict>();
  const waiting = [...subjects];
  let told = Promise.resolve();
  const lane = async (): Promise<void> => {
    for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) {
      signal?.throwIfAborted();
      const verdict = await work(subject);
      // What was broken off proves nothing of the subject.
      signal?.throwIfAborted();
      done.set(subject, verdict);
      told = told.then(() => onVerdict?.(verdict));
      await told;
    }
  };
  const working = Promise.all(Array.from({ length: Math.min(lanes, subjects.length) }, lane));
  await unlessStopped(working, stop, () => []);
  return subjects.flatMap((subject) => done.get(subject) ?? []);
}

function asNode(subject: Subject): NodeTarget {
  if (subject.kind !== 'node') throw new TypeError(`${subject.name} is a cluster and not a node`);
  return subject;
}

function asCluster(subject: Subject): ClusterTarget {
  if (subject.kind !== 'cluster') throw new TypeError(`${subject.name} is a node and not a cluster`);
  return subject;
}
