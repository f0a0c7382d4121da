import { collect } from '../src/run/collect.js';
import type { Change } from '../src/approval/states.js';
import type { Check } from '../src/core/plan.js';
import type { NodeTarget } from '../src/core/target.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { checksHold } from '../src/runbooks/checks.js';
import { agrees } from '../src/runbooks/verify.js';
import type { Tools, VerifySettings } from './tools.js';

/** Reads both sides once and says whether they show what the plan promised, in words either way. */
export async function checkOnce(
  change: Change,
  node: NodeTarget,
  tools: Tools,
  signal: AbortSignal,
): Promise<{ agreed: boolean; note: string }> {
  return agrees(change.plan.verify, await readRmc(node, tools, signal));
}

/** Reads both sides now and holds them against checks, in words either way. */
export async function checksNow(
  checks: readonly Check[],
  node: NodeTarget,
  tools: Pick<Tools, 'ssh' | 'clock'>,
  signal: AbortSignal,
): Promise<{ agreed: boolean; note: string }> {
  return checksHold(checks, await readRmc(node, tools, signal));
}

async function readRmc(node: NodeTarget, tools: Pick<Tools, 'ssh' | 'clock'>, signal: AbortSignal) {
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
  const inARow = reads.length - 1 - reads.findLastIndex((entry) => !entry.agreed);
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
