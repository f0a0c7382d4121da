import { digestOf } from '../src/core/canonical.js';
import type { KnownNode } from '../src/core/fleet.js';
import type { Observed } from '../src/core/observe.js';
import { worstOf, type Offer, type Request } from '../src/core/request.js';
import type { Verdict } from '../src/core/verdict.js';
import { examine, type Subject } from '../src/run/examine.js';
import type { Surveyed } from '../src/run/survey.js';
import { boundsOf } from '../src/run/limits.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { chooseSubjects, namedAlone } from '../src/inventory/choose.js';
import { drawing, sorted } from './drawing.js';
import { showRequest } from './show.js';
import { showVerdicts } from './show-verdicts.js';
import { endReading, stoppably, type Ends } from './stopping.js';
import type { Tools } from './tools.js';

/** A second read that is later than this by its worker's fault is not made any more. */
const readWithinMs = 3_600_000;

/** Reads what the diagnostic needs from every target, and posts one card and the verdicts in its thread. */
export async function diagnose(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.wish.job !== 'diagnose') return;
  // A job that runs a second time after its worker was killed finds its work done, or reads again: reading is harmless.
  if (request.phase === 'waiting') return readLater(request, tools);
  if (over.includes(request.phase)) return;
  const { wish } = request;
  await stoppably(request, tools, signal, (ends) => read(request, wish, tools, ends));
}

const over: readonly Request['phase'][] = ['done', 'stopped'];

type DiagnoseWish = Extract<Request['wish'], { job: 'diagnose' }>;

async function read(request: Request, wish: DiagnoseWish, tools: Tools, ends: Ends): Promise<void> {
  const diagnostic = findDiagnostic(wish.diagnostic);
  const targets = chooseSubjects(diagnostic.kind, tools.inventory, wish.targets);
  const mustLogIn = loginRule(wish, targets, tools);
  const bounds = boundsOf(diagnostic, targets, mustLogIn, tools.sweepLimits);
  const reading: Request = {
    ...{ ...request, phase: 'reading', total: targets.length, done: 0 },
    ...(bounds !== null && { endsWithinMs: bounds.withinMs }),
  };
  // What a worker before this one read and found well was not yet held against the rest: of those nothing is known.
  const kept = { verdicts: request.verdicts.filter(({ verdict }) => verdict !== 'ok'), again: [] };
  const { signal, stopping } = ends;
  if (stopping.signal.aborted) return end(reading, kept, tools, ends);
  await showRequest(reading, tools);
  const card = drawing(reading, tools);
  const surveyed = await examine(
    diagnostic,
    targets,
    { ...tools, parser: tools.certificates },
    {
      nodesAtOnce: tools.nodesAtOnce,
      signal,
      stop: stopping.signal,
      mustLogIn,
      ...bounds,
      share: { id: `${request.id}-${tools.newId()}`, sharing: tools.sharing },
      fleet: await knownFleet(tools),
      rsctLevels: tools.rsctLevels,
      now: wish.now === true,
      onVerdict: card.tell,
    },
  ).finally(() => card.end());
  await tools.fleet.put(surveyed.learned);
  await end(reading, surveyed, tools, ends);
}

/** From here on nobody stops it any more; who did before is on the card. */
async function end(
  reading: Request,
  surveyed: Pick<Surveyed, 'verdicts' | 'again'>,
  tools: Tools,
  ends: Ends,
): Promise<void> {
  const stopped = await endReading(reading, ends, tools);
  const verdicts = sorted(surveyed.verdicts);
  const read: Request = { ...reading, done: verdicts.length, verdicts };
  const next: Request =
    stopped !== null
      ? { ...read, phase: 'stopped', stopped }
      : surveyed.again.length === 0
        ? { ...read, phase: 'done' }
        : await waiting(read, surveyed, tools);
  await conclude(next, verdicts, tools);
  if (next.phase === 'waiting') await readLater(next, tools);
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

/** Keeps what was read of the targets that are read again, and says when that is. */
async function waiting(request: Request, { again }: Pick<Surveyed, 'again'>, tools: Tools): Promise<Request> {
  await tools.requests.putEarlier(request.id, again);
  const at = new Date(tools.clock() + tools.verify.gapMs).toISOString();
  return {
    ...request,
    phase: 'waiting',
    secondRead: { at, targets: again.map(({ target }) => target.name) },
  };
}

/** Has a delayed job read them again, once however often this is called: nobody sleeps meanwhile. */
async function readLater({ id, secondRead }: Request, { queue, clock }: Tools): Promise<void> {
  const due = secondRead === undefined ? clock() : Date.parse(secondRead.at);
  const data = { v: 1, id, notAfter: due + readWithinMs } as const;
  await queue.add('read', 'read-again', data, {
    delayMs: Math.max(0, due - clock()),
    jobId: `read-again-${id}`,
  });
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
      verdict: worstOf(request),
      ...(request.phase === 'stopped' && { unread: request.total - request.verdicts.length }),
      ...(request.phase === 'waiting' && { readAgain: request.secondRead?.targets.length ?? 0 }),
    },
  });
  for (const verdict of posted) if (!isReadAgain(request, verdict)) tools.observe(noticed(verdict));
  const answered = { ...request, offers };
  await showRequest(answered, tools, () => showVerdicts(answered, posted, tools));
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
