import { collect } from '../src/run/collect.js';
import type { Change, JournalEntry } from '../src/approval/states.js';
import type { Check, ClusterCheck } from '../src/core/plan.js';
import type { ClusterTarget, NodeTarget } from '../src/core/target.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { checksHold, type Agreement } from '../src/runbooks/checks.js';
import { clusterChecksHold, clusterQuestions, isClusterCheck } from '../src/runbooks/checks-cluster.js';
import { agrees } from '../src/runbooks/verify.js';
import { clusterNow, type ClusterNowTools } from './cluster-now.js';
import type { Subject } from './subject.js';
import type { VerifySettings } from './tools.js';

type CheckTools = ClusterNowTools;

/** Reads both sides, or the whole cluster, once and says whether they show what the plan promised, in words either way. */
export async function checkOnce(
  change: Change,
  subject: Subject,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<Agreement> {
  const { verify } = change.plan;
  if (subject.kind === 'node') return agrees(verify, await readRmc(subject.node, tools, signal));
  if (verify.kind !== 'checks') throw new Error(`a cluster cannot be checked for ${verify.kind}`);
  return clusterNowHolds(verify.checks, subject.cluster, tools, signal);
}

/** Reads both sides, or the whole cluster, now and holds them against checks, in words either way. */
export async function checksNow(
  checks: readonly Check[],
  subject: Subject,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<Agreement> {
  if (subject.kind === 'cluster') return clusterNowHolds(checks, subject.cluster, tools, signal);
  return checksHold(checks, await readRmc(subject.node, tools, signal));
}

async function clusterNowHolds(
  checks: readonly Check[],
  cluster: ClusterTarget,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<Agreement> {
  const own = checks.filter((check): check is ClusterCheck => isClusterCheck(check));
  const other = checks.find((check) => !isClusterCheck(check));
  if (other !== undefined) throw new Error(`a cluster cannot be checked for ${other.kind}`);
  const collected = await clusterNow(clusterQuestions(own), cluster, tools, signal);
  return clusterChecksHold(own, collected);
}

async function readRmc(node: NodeTarget, tools: CheckTools, signal: AbortSignal) {
  const [collected] = await collect(findDiagnostic('rmc'), [node], tools, { nodesAtOnce: 1, signal });
  if (collected === undefined) throw new Error(`nothing was collected for ${node.name}`);
  return collected;
}

export type NextLook =
  | { readonly kind: 'verified'; readonly note: string }
  | { readonly kind: 'failed'; readonly note: string }
  | { readonly kind: 'wait'; readonly note: string; readonly afterMs: number };

/**
 * What the reads so far mean. Verified needs the plan's number of agreeing reads in a row, each a gap after the one
 * before; failed comes at the deadline, or at once where a step ended badly and the first read disagrees.
 */
export function nextLook(change: Change, nowMs: number, settings: VerifySettings): NextLook {
  const since = change.history.findLast((entry) => entry.move === 'verify');
  const start = since === undefined ? nowMs : Date.parse(since.at);
  const reads = change.journal
    .filter((entry) => entry.kind === 'read')
    .filter((entry) => Date.parse(entry.at) >= start);
  const needed = change.plan.verify.kind === 'as-found' ? 1 : change.plan.verify.reads;
  const last = reads.at(-1);
  const inARow = agreeingInARow(reads);
  if (inARow >= needed) return { kind: 'verified', note: last?.note ?? '' };
  if (last?.agreed === true) {
    const note = `${last.note} Read ${inARow} of ${needed}; the next in ${Math.round(settings.gapMs / 1000)} s.`;
    return { kind: 'wait', note, afterMs: settings.gapMs };
  }
  const seen = last?.note ?? 'Nothing was read.';
  const stepFailed = since !== undefined && since.note !== '';
  if (stepFailed)
    return { kind: 'failed', note: `"${since.note}" ended badly, and the check disagrees: ${seen}` };
  if (nowMs - start >= settings.deadlineMs)
    return {
      kind: 'failed',
      note: `Not verified within ${Math.round(settings.deadlineMs / 60_000)} min: ${seen}`,
    };
  const left = Math.ceil((settings.deadlineMs - (nowMs - start)) / 60_000);
  return {
    kind: 'wait',
    note: `Not yet: ${seen} Looking again; at most ${left} min more.`,
    afterMs: settings.pollMs,
  };
}

/** How many of the last reads agree, and about the same: a subsystem that was restarted in between starts the count anew. */
function agreeingInARow(reads: readonly Extract<JournalEntry, { kind: 'read' }>[]): number {
  const mark = reads.at(-1)?.mark;
  return reads.length - 1 - reads.findLastIndex((entry) => !entry.agreed || entry.mark !== mark);
}
