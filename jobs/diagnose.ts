import { digestOf } from '../src/core/canonical.js';
import { errorInfo } from '../src/core/errors.js';
import type { Offer, Request } from '../src/core/request.js';
import { worst, type Verdict } from '../src/core/verdict.js';
import type { NodeTarget } from '../src/core/target.js';
import { collect } from '../src/run/collect.js';
import { judge } from '../src/runbooks/judge.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { verdictMessage } from '../src/slack/views/verdict-message.js';
import { cardKeyOf, fixNames, showRequest } from './show.js';
import type { Tools } from './tools.js';

/** Reads what the diagnostic needs from every target, and posts one card and one verdict each in its thread. */
export async function diagnose(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  // A job that runs a second time after its worker was killed finds its work done, or reads again: reading is harmless.
  if (request === null || request.phase === 'done' || request.wish.job !== 'diagnose') return;
  try {
    await read(request, request.wish, tools, signal);
  } catch (error) {
    const failed: Request = { ...request, phase: 'failed', error: errorInfo(error) };
    await showRequest(failed, tools);
    throw error;
  }
}

type DiagnoseWish = Extract<Request['wish'], { job: 'diagnose' }>;

async function read(request: Request, wish: DiagnoseWish, tools: Tools, signal: AbortSignal): Promise<void> {
  const diagnostic = findDiagnostic(wish.diagnostic);
  const targets = tools.chooseNodes(wish.targets);
  const verdicts: Verdict[] = [];
  let current: Request = { ...request, phase: 'reading', total: targets.length, done: 0 };
  await showRequest(current, tools);
  await collect(diagnostic, targets, tools, {
    nodesAtOnce: tools.nodesAtOnce,
    signal,
    onTarget: async (collected) => {
      verdicts.push(judge(diagnostic, collected, collected.startedAt, collected.durationMs));
      current = { ...current, done: verdicts.length, verdicts: sorted(verdicts) };
      if (verdicts.length < targets.length) await showRequest(current, tools);
    },
  });
  await conclude({ ...current, phase: 'done', verdicts: sorted(verdicts) }, targets, tools);
}

async function conclude(request: Request, targets: readonly NodeTarget[], tools: Tools): Promise<void> {
  const offers = request.verdicts.flatMap((verdict) => offersOf(request.id, verdict));
  await Promise.all(offers.map((offer) => tools.requests.putOffer({ ...offer, requestId: request.id })));
  await tools.audit.append({
    code: 'verdict.reached',
    actor: 'worker',
    object: request.id,
    detail: {
      asked: request.asked,
      targets: targets.length,
      verdict: worst(request.verdicts.map((v) => v.verdict)),
    },
  });
  await showRequest({ ...request, offers }, tools);
  for (const verdict of request.verdicts) await showVerdict(request, verdict, offers, tools);
}

async function showVerdict(
  request: Request,
  verdict: Verdict,
  offers: readonly Offer[],
  tools: Tools,
): Promise<void> {
  const own = offers.filter((offer) => offer.target === verdict.target);
  const { message, attachment } = verdictMessage(verdict, own, fixNames);
  const letter = {
    channel: request.origin.channel,
    thread: { key: cardKeyOf(request) },
    priority: 'detail' as const,
    user: request.origin.user,
  };
  const key = `${cardKeyOf(request)}:target:${verdict.target}`;
  await tools.outbox.put({ ...letter, key }, { kind: 'message', message });
  if (attachment !== null)
    await tools.outbox.put({ ...letter, key: `${key}:file` }, { kind: 'file', file: attachment });
}

/** One offer for each fix that the findings of a target suggest. The same request gives the same ids again. */
function offersOf(requestId: string, verdict: Verdict): Offer[] {
  const fixes = [...new Set(verdict.findings.flatMap((finding) => finding.fixes))];
  return fixes.map((fix) => ({
    id: digestOf([requestId, verdict.target, fix]).slice(0, 20),
    fix,
    target: verdict.target,
  }));
}

const order = { crit: 0, unknown: 1, warn: 2, ok: 3 } as const;

/** Worst first, then by name. */
function sorted(verdicts: readonly Verdict[]): Verdict[] {
  return [...verdicts].sort(
    (a, b) => order[a.verdict] - order[b.verdict] || a.target.localeCompare(b.target),
  );
}
