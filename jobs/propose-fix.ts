import { digestOf } from '../src/core/canonical.js';
import type { Plan, Proposal } from '../src/core/plan.js';
import type { Request } from '../src/core/request.js';
import type { Change } from '../src/approval/states.js';
import { collect } from '../src/run/collect.js';
import type { Asked } from '../src/runbooks/definition.js';
import { findFix } from '../src/runbooks/index.js';
import { planFile } from '../src/slack/views/change-card.js';
import { approvalNotice } from '../src/slack/views/change-thread.js';
import { clusterNow, type ClusterNowTools } from './cluster-now.js';
import { evidenceFile } from './evidence.js';
import { isApproved, putForward, startIfApproved } from './proposal.js';
import { cardKeyOf, showChange, showFailure, showRequest } from './show.js';
import { subjectFor, type Subject } from './subject.js';
import type { Tools } from './tools.js';

/** Reads the facts, makes the plan and asks for approval of exactly that plan. */
export async function proposeFix(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.phase === 'done' || request.wish.job !== 'propose-fix') return;
  try {
    if (await isProposed(request, tools)) return;
    const subject = subjectFor(findFix(request.wish.fix), request.wish.target, tools);
    await showRequest({ ...request, phase: 'reading', total: 1 }, tools);
    const failed = failedLately(subject.name, await tools.changes.recent(200), tools.clock());
    if (failed.length >= mostFailures) {
      await escalate(request, subject, failed, tools, signal);
      return;
    }
    const asked = { words: request.wish.args ?? [], fleet: await tools.fleet.all() };
    const proposal = await makeProposal(request.wish.fix, subject, asked, tools, signal);
    if (proposal.kind === 'plan') await propose(request, proposal.plan, tools);
    else
      await showRequest(
        { ...request, phase: 'done', total: 1, done: 1, conclusion: conclusionOf(proposal) },
        tools,
      );
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

/** After so many failed fixes within a day no other one is tried: the next step is a person with IBM's support. */
export const mostFailures = 2;
const dayMs = 24 * 3_600_000;
const notWorked: readonly Change['state'][] = [
  'failed',
  'unknown',
  'rolling-back',
  'rolled-back',
  'rollback-failed',
];

/**
 * The fixes of a node that failed within a day and since the last one that worked, newest first; cancelled ones do not
 * count. `recent` are changes newest first.
 */
export function failedLately(target: string, recent: readonly Change[], nowMs: number): readonly Change[] {
  const own = recent.filter(
    (change) =>
      change.plan.target === target &&
      change.rollbackOf === null &&
      nowMs - Date.parse(change.createdAt) < dayMs,
  );
  const worked = own.findIndex((change) => change.state === 'verified');
  return (worked < 0 ? own : own.slice(0, worked)).filter(
    ({ state, history }) =>
      notWorked.includes(state) && history.some(({ move }) => move === 'fail' || move === 'lose'),
  );
}

/** Refuses one more fix and puts all that can be read into a file in the thread. */
async function escalate(
  request: Request,
  subject: Subject,
  failed: readonly Change[],
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const file = await evidenceFile(subject, tools, signal);
  const thread = { key: cardKeyOf(request) };
  const letter = {
    channel: request.origin.channel,
    thread,
    priority: 'detail' as const,
    user: request.origin.user,
  };
  await tools.outbox.putOnce({ ...letter, key: `${thread.key}:evidence` }, { kind: 'file', file });
  const which = failed.map((change) => `${change.plan.fix} (${change.id})`).join(' and ');
  const text = `${which} failed on ${subject.name} within a day: no other fix is proposed, for each failed one makes the next one's ground less certain. What was read now, and what IBM support asks for, is in the file in the thread.`;
  const conclusion = { kind: 'refused', text } as const;
  await showRequest({ ...request, phase: 'done', total: 1, done: 1, conclusion }, tools);
}

/** Reads a fix's facts from its node, or from every node of its cluster, and makes the plan that they and the words behind its name give now. */
export async function makeProposal(
  fixId: string,
  subject: Subject,
  asked: Asked,
  tools: ClusterNowTools,
  signal?: AbortSignal,
): Promise<Proposal> {
  const fix = findFix(fixId);
  if (fix.kind === 'cluster-fix' && subject.kind === 'cluster') {
    const { cluster } = subject;
    const { rounds, certificatesNamed } = fix;
    const node = { ...fix.node, ...fix.ofCluster?.(cluster) };
    const questions = { node, rounds, ...(certificatesNamed !== undefined && { certificatesNamed }) };
    return fix.plan(await clusterNow(questions, cluster, tools, signal), asked);
  }
  if (fix.kind !== 'fix' || subject.kind !== 'node') throw new Error(`${fixId} is not for a ${subject.kind}`);
  const [collected] = await collect(fix, [subject.node], tools, {
    nodesAtOnce: 1,
    ...(signal === undefined ? {} : { signal }),
  });
  if (collected === undefined) throw new Error(`nothing was collected for ${subject.name}`);
  return fix.plan(collected, asked);
}

async function propose(request: Request, plan: Plan, tools: Tools): Promise<void> {
  await proposeChange(newChange(plan, { request }, tools), tools);
  await tools.requests.put({ ...request, phase: 'done', total: 1, done: 1 });
}

/**
 * Whether the change of a request is there already: its job runs a second time, because its worker ended in the middle.
 * Nothing is read again then, for the change may be under way by now; what that worker did not come to is made up for.
 */
export async function isProposed(request: Request, tools: Tools): Promise<boolean> {
  const change = await tools.changes.get(changeIdOf(request));
  if (change === null) return false;
  await announce(change, tools);
  await startIfApproved(change, tools);
  await tools.requests.put({ ...request, phase: 'done', total: 1, done: 1 });
  return true;
}

/** Puts a proposal forward and shows it; starts it where the same plan was approved by enough people just before. */
export async function proposeChange(change: Change, tools: Tools): Promise<void> {
  const proposal = await putForward(change, tools);
  const now = proposal ?? (await tools.changes.get(change.id)) ?? change;
  await announce(now, tools);
  await startIfApproved(now, tools);
}

/**
 * Writes the proposal down, then shows it for approval, with the whole plan as a file in the thread; each once, however
 * often it is called. The card is drawn as the change is now.
 */
export async function announce(change: Change, tools: Tools): Promise<void> {
  const { id: object, requester: actor, digest, grounds, plan } = change;
  const known = await tools.audit.history(object, 100);
  const detail = { fix: plan.fix, target: plan.target, digest, risk: plan.risk, ...grounds };
  if (!known.some(({ code }) => code === 'change.proposed'))
    await tools.audit.append({ code: 'change.proposed', actor, object, detail });
  await showChange(change, tools);
  const { channel, cardKey, requester } = change;
  // Details would wait behind every card of the channel, and nobody can decide on what they were not told of.
  const letter = { channel, thread: { key: cardKey }, priority: 'approval' as const, user: requester };
  if (!isApproved(change, tools)) {
    const message = approvalNotice(change, tools.approversHint);
    await tools.outbox.putOnce({ ...letter, key: `${cardKey}:notice` }, { kind: 'message', message });
  }
  await tools.outbox.putOnce({ ...letter, key: `${cardKey}:plan` }, { kind: 'file', file: planFile(change) });
}

/** A change in state `proposed`. A plan that undoes another change names it. */
export function newChange(plan: Plan, from: { request: Request; rollbackOf?: string }, tools: Tools): Change {
  const now = tools.clock();
  const at = new Date(now).toISOString();
  const { user, channel, teamId, threadTs } = from.request.origin;
  const { wish } = from.request;
  return {
    id: changeIdOf(from.request),
    version: 1,
    state: 'proposed',
    plan,
    digest: digestOf(plan),
    rollbackOf: from.rollbackOf ?? null,
    rolledBackBy: null,
    requester: user,
    ...('grounds' in wish && { grounds: wish.grounds }),
    approvals: [],
    approvalsNeeded: tools.approvalsNeeded(plan.risk),
    createdAt: at,
    expiresAt: new Date(now + tools.approvalExpiryMs).toISOString(),
    channel,
    teamId,
    cardKey: cardKeyOf(from.request),
    threadTs,
    history: [{ at, move: 'propose', by: user, note: '' }],
    journal: [],
    note: '',
    error: null,
    ...(from.request.trace !== undefined && { trace: from.request.trace }),
  };
}

/** The request's id in another dress: a job that runs twice cannot make two changes of one request. */
function changeIdOf(request: Request): string {
  return `c-${request.id}`;
}

function conclusionOf(proposal: Exclude<Proposal, { kind: 'plan' }>): NonNullable<Request['conclusion']> {
  if (proposal.kind === 'nothing-to-do') return { kind: 'nothing-to-do', text: proposal.reason };
  return { kind: 'refused', text: `${proposal.reason} (gate ${proposal.gate}; ${proposal.source})` };
}
