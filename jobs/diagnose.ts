import { digestOf } from '../src/core/canonical.js';
import type { KnownNode } from '../src/core/fleet.js';
import type { Observed } from '../src/core/observe.js';
import type { Offer, Request } from '../src/core/request.js';
import { worst, type Verdict } from '../src/core/verdict.js';
import { examine, type Subject } from '../src/run/examine.js';
import type { Surveyed } from '../src/run/survey.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { chooseSubjects, namedAlone } from '../src/inventory/choose.js';
import { showFailure, showRequest, showVerdicts } from './show.js';
import type { Tools } from './tools.js';

/** A card is drawn at most so often while a sweep is under way. */
const drawEveryMs = 1_000;
/** A second read that is later than this by its worker's fault is not made any more. */
const readWithinMs = 3_600_000;

/** Reads what the diagnostic needs from every target, and posts one card and the verdicts in its thread. */
export async function diagnose(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  // A job that runs a second time after its worker was killed finds its work done, or reads again: reading is harmless.
  if (request === null || request.phase === 'done' || request.phase === 'waiting') return;
  if (request.wish.job !== 'diagnose') return;
  try {
    await read(request, request.wish, tools, signal);
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

type DiagnoseWish = Extract<Request['wish'], { job: 'diagnose' }>;

async function read(request: Request, wish: DiagnoseWish, tools: Tools, signal: AbortSignal): Promise<void> {
  const diagnostic = findDiagnostic(wish.diagnostic);
  const targets = chooseSubjects(diagnostic.kind, tools.inventory, wish.targets);
  const reading: Request = { ...request, phase: 'reading', total: targets.length, done: 0 };
  await showRequest(reading, tools);
  const surveyed = await examine(
    diagnostic,
    targets,
    { ...tools, parser: tools.certificates },
    {
      nodesAtOnce: tools.nodesAtOnce,
      signal,
      mustLogIn: loginRule(wish, targets, tools),
      fleet: await knownFleet(tools),
      rsctLevels: tools.rsctLevels,
      now: wish.now === true,
      onVerdict: drawing(reading, tools),
    },
  );
  await tools.fleet.put(surveyed.learned);
  const done: Request = {
    ...reading,
    phase: 'done',
    done: targets.length,
    verdicts: sorted(surveyed.verdicts),
  };
  const next = surveyed.again.length === 0 ? done : await readLater(done, surveyed, tools);
  await conclude(next, next.verdicts, tools);
}

/** Who was named one by one is read from both sides; of a group, those of whom their HMC does not prove how they are. */
function loginRule(
  wish: DiagnoseWish,
  targets: readonly Subject[],
  tools: Tools,
): (target: Pick<Subject, 'name'>) => boolean {
  if (wish.deep === true || targets.length === 1) return () => true;
  const named = namedAlone(tools.inventory, wish.targets);
  return (target) => named.has(target.name);
}

/** What is known of the nodes that the inventory still has. */
export async function knownFleet(tools: Pick<Tools, 'fleet' | 'inventory'>): Promise<readonly KnownNode[]> {
  const all = await tools.fleet.all();
  return all.filter((node) => tools.inventory.nodes.has(node.name));
}

function drawing(reading: Request, tools: Tools): (verdict: Verdict) => Promise<void> {
  const verdicts: Verdict[] = [];
  let drawnAt = tools.clock();
  return async (verdict) => {
    verdicts.push(verdict);
    if (tools.clock() - drawnAt < drawEveryMs || verdicts.length === reading.total) return;
    drawnAt = tools.clock();
    await showRequest({ ...reading, done: verdicts.length, verdicts: sorted(verdicts) }, tools);
  };
}

/** Keeps what was read of the targets that are read again, and has a delayed job do it: nobody sleeps meanwhile. */
async function readLater(request: Request, { again }: Surveyed, tools: Tools): Promise<Request> {
  const due = tools.clock() + tools.verify.gapMs;
  await tools.requests.putEarlier(request.id, again);
  const data = { v: 1, id: request.id, notAfter: due + readWithinMs } as const;
  const jobId = `read-again-${request.id}-${tools.newId()}`;
  await tools.queue.add('read', 'read-again', data, { delayMs: tools.verify.gapMs, jobId });
  const targets = again.map(({ target }) => target.name);
  return { ...request, phase: 'waiting', secondRead: { at: new Date(due).toISOString(), targets } };
}

/** Offers the fixes that the findings suggest, draws the card, and posts these verdicts in its thread. */
export async function conclude(request: Request, posted: readonly Verdict[], tools: Tools): Promise<void> {
  const offers = request.verdicts.flatMap((verdict) => offersOf(request.id, verdict));
  await Promise.all(offers.map((offer) => tools.requests.putOffer({ ...offer, requestId: request.id })));
  await tools.audit.append({
    code: 'verdict.reached',
    actor: 'worker',
    object: request.id,
    detail: {
      asked: request.asked,
      targets: request.verdicts.length,
      verdict: worst(request.verdicts.map((v) => v.verdict)),
      ...(request.phase === 'waiting' && { readAgain: request.secondRead?.targets.length ?? 0 }),
    },
  });
  for (const verdict of posted) if (!isReadAgain(request, verdict)) tools.observe(noticed(verdict));
  await showRequest({ ...request, offers }, tools);
  await showVerdicts({ ...request, offers }, posted, tools);
}

/** A target that is read a second time has no verdict to be counted yet. */
function isReadAgain({ phase, secondRead }: Request, { target }: Verdict): boolean {
  return phase === 'waiting' && secondRead?.targets.includes(target) === true;
}

function noticed({ diagnostic, verdict, findings }: Verdict): Observed {
  return { kind: 'verdict', diagnostic, verdict, findings: findings.map(({ id }) => id) };
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
export function sorted(verdicts: readonly Verdict[]): readonly Verdict[] {
  return [...verdicts].sort(
    (a, b) => order[a.verdict] - order[b.verdict] || a.target.localeCompare(b.target),
  );
}
