import { digestOf } from '../src/core/canonical.js';
import { UsageError } from '../src/core/errors.js';
import type { Risk } from '../src/core/plan.js';
import type { Request, Wish } from '../src/core/request.js';
import type { Rollout, RolloutMember } from '../src/approval/rollout-states.js';
import { planWaves } from '../src/approval/rollout-waves.js';
import { namesInOrder } from '../src/inventory/choose.js';
import type { AnyFix } from '../src/runbooks/definition.js';
import { findFix } from '../src/runbooks/index.js';
import { mostRolledOut, neverRolledOut } from '../src/runbooks/rolled-out.js';
import { leftOutFile, noRolloutWords } from '../src/slack/views/rollout-file.js';
import { planAll, type PlannedAll } from './rollout-plans.js';
import { cardKeyOf, showFailure, showRequest } from './show.js';
import { announceRollout } from './show-rollout.js';
import type { Tools } from './tools.js';

type RolloutWish = Extract<Wish, { job: 'propose-rollout' }>;

/** Reads the facts of every target, makes their plans, puts them in waves, and asks for one approval of exactly that list. */
export async function proposeRollout(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.phase === 'done' || request.wish.job !== 'propose-rollout') return;
  try {
    await propose(request, request.wish, tools, signal);
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

async function propose(
  request: Request,
  wish: RolloutWish,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const id = rolloutIdOf(request);
  // Where the job runs a second time the list is there already, perhaps approved: it is not read into another one.
  const known = await tools.rollouts.get(id);
  if (known !== null) return finished(request, known, tools);
  const fix = findFix(wish.fix);
  const names = targetsOf(fix, wish, tools);
  let done = 0;
  const reading = { ...request, phase: 'reading' as const, total: names.length };
  await showRequest(reading, tools);
  const onDone = (): Promise<void> => {
    done += 1;
    return showRequest({ ...reading, done }, tools);
  };
  const asked = { words: wish.args ?? [], fleet: await tools.fleet.all() };
  const all = await planAll(fix, names, asked, { tools, signal, onDone });
  if (all.planned.length === 0) return nothingPlanned(request, all, tools);
  const rollout = newRollout(fix, all, request, tools);
  const { digest, risk } = rollout;
  const detail = {
    fix: fix.id,
    targets: all.planned.map(({ target }) => target).join(' '),
    leftOut: all.leftOut.length,
    waves: rollout.waves.length,
    digest,
    risk,
  };
  await tools.audit.append({ code: 'rollout.proposed', actor: rollout.requester, object: id, detail });
  await tools.rollouts.create(rollout, new Map(all.planned.map(({ target, plan }) => [target, plan])));
  await finished(request, (await tools.rollouts.get(id)) ?? rollout, tools);
}

async function finished(request: Request, rollout: Rollout, tools: Tools): Promise<void> {
  await announceRollout(rollout, tools);
  const { total } = request;
  await tools.requests.put({ ...request, phase: 'done', total, done: total });
}

/** The names, or a UsageError for what is never rolled out. */
function targetsOf(fix: AnyFix, wish: RolloutWish, tools: Tools): readonly string[] {
  const never = neverRolledOut(fix);
  if (never !== null) throw new UsageError(never);
  const names = namesInOrder(fix.kind, tools.inventory, wish.targets);
  if (names.length > mostRolledOut)
    throw new UsageError(`${names.length} targets are more than the ${mostRolledOut} of one roll-out.`);
  return names;
}

/** The request's id in another dress: a job that runs twice cannot make two roll-outs of one request. */
function rolloutIdOf(request: Pick<Request, 'id'>): string {
  return `o-${request.id}`;
}

/** Each target's change has an id made from the request's and its place in the approved order. */
function wavesOf(
  { planned }: PlannedAll,
  request: Request,
  tools: Tools,
): readonly (readonly RolloutMember[])[] {
  let place = 0;
  return planWaves(planned, tools.rolloutLimits).map((wave) =>
    wave.map(({ target, digest }) => {
      place += 1;
      return { target, digest, change: `c-${request.id}-${place}` };
    }),
  );
}

function newRollout(fix: AnyFix, all: PlannedAll, request: Request, tools: Tools): Rollout {
  const wish = request.wish as RolloutWish;
  const waves = wavesOf(all, request, tools);
  const { leftOut, planned } = all;
  const args = wish.args ?? [];
  const risk = highest(planned.map(({ plan }) => plan.risk));
  const now = tools.clock();
  const { user, channel, teamId, threadTs } = request.origin;
  return {
    id: rolloutIdOf(request),
    version: 1,
    state: 'proposed',
    fix: fix.id,
    title: fix.title,
    risk,
    interrupts: planned[0]?.plan.interrupts ?? fix.interrupts,
    args,
    ofClusters: fix.kind === 'cluster-fix',
    waves,
    leftOut,
    digest: digestOf({ version: 1, fix: fix.id, args, waves, leftOut }),
    begun: 0,
    stop: null,
    restOf: wish.restOf ?? null,
    requester: user,
    approvals: [],
    approvalsNeeded: tools.approvalsNeeded(risk),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + tools.approvalExpiryMs).toISOString(),
    channel,
    teamId,
    cardKey: cardKeyOf(request),
    threadTs,
    history: [],
    note: '',
    ...(wish.grounds !== undefined && { grounds: wish.grounds }),
    ...(request.trace !== undefined && { trace: request.trace }),
  };
}

const risks: readonly Risk[] = ['low', 'medium', 'high'];

function highest(all: readonly Risk[]): Risk {
  return risks[Math.max(0, ...all.map((risk) => risks.indexOf(risk)))] ?? 'high';
}

/** Nothing to approve: the card says so, and the file why for each target. */
async function nothingPlanned(request: Request, { leftOut }: PlannedAll, tools: Tools): Promise<void> {
  const { channel, user } = request.origin;
  const key = cardKeyOf(request);
  const letter = { key: `${key}:left-out`, channel, thread: { key }, priority: 'detail' as const, user };
  await tools.outbox.putOnce(letter, { kind: 'file', file: leftOutFile(leftOut, request.id) });
  const isDone = leftOut.every(({ why }) => why === 'nothing-to-do' || why === 'covered');
  const kind = isDone ? 'nothing-to-do' : 'refused';
  const total = leftOut.length;
  const conclusion = { kind, text: noRolloutWords(leftOut) } as const;
  await showRequest({ ...request, phase: 'done', total, done: total, conclusion }, tools);
}
