/** What the policy wants to be told before an act is taken: why, which ticket, and the code of an authenticator. */
import type { StepUp, StepUpAnswer } from '../approval/step-up.js';
import type { ChangeStore } from '../approval/store.js';
import type { Audit } from '../audit/audit.js';
import { leastReason, mostReason, noGrounds, reasonOf } from '../core/grounds.js';
import type { Risk } from '../core/plan.js';
import type { Wish } from '../core/request.js';
import { approvalRule } from '../policy/approval-rules.js';
import { accountsOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import { isTicket } from '../policy/ticket-pattern.js';
import { findFix } from '../runbooks/index.js';
import type { Demand, GroundsDemand, Said } from '../slack/approval-tools.js';
import { refused, type Answered, type Choice } from './decisions.js';

export interface DemandTools {
  readonly policy: Policy;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly audit: Audit;
  readonly stepUp: StepUp;
}

/** What a wish lacks of what the policy wants to know; null where it lacks nothing. */
export async function groundsDemanded(
  wish: Wish,
  { policy, changes }: Pick<DemandTools, 'policy' | 'changes'>,
): Promise<GroundsDemand | null> {
  const about = await subjectOf(wish, changes);
  if (about === null || !('grounds' in wish || isForChange(wish))) return null;
  const { reason, ticket } = approvalRule(policy, about.risk);
  const said = ('grounds' in wish ? wish.grounds : undefined) ?? noGrounds;
  const problems = [
    ...(reason && said.reason === null
      ? [`A reason of ${leastReason} to ${mostReason} characters is needed.`]
      : []),
    ...(ticket === null ? [] : ticketProblems(ticket, said.ticket)),
  ];
  if (problems.length === 0) return null;
  const { title } = about;
  return { kind: 'ask', what: 'grounds', title, reason, ticket, said, problem: problems.join(' ') };
}

function isForChange({ job }: Wish): boolean {
  return job === 'propose-fix' || job === 'propose-rollout' || job === 'roll-back';
}

function ticketProblems(pattern: string, ticket: string | null): readonly string[] {
  if (ticket === null) return [`A ticket is needed, of this shape: ${pattern}.`];
  return isTicket(pattern, ticket) ? [] : [`"${ticket}" is no ticket as the policy wants it: ${pattern}.`];
}

async function subjectOf(
  wish: Wish,
  changes: DemandTools['changes'],
): Promise<{ readonly title: string; readonly risk: Risk } | null> {
  switch (wish.job) {
    case 'propose-fix':
      return { title: `${wish.fix} on ${wish.target}`, risk: findFix(wish.fix).risk };
    case 'propose-rollout':
      return { title: `${wish.fix} on ${wish.targets.join(', ')}`, risk: findFix(wish.fix).risk };
    case 'roll-back': {
      const change = await changes.get(wish.change);
      return change === null ? null : { title: `Undo: ${change.plan.title}`, risk: change.plan.risk };
    }
    default:
      return null;
  }
}

/** What is decided on: a change, or a roll-out of many. */
export interface Decidable {
  readonly id: string;
  readonly title: string;
  readonly risk: Risk;
}

/**
 * What a decision lacks: the reason of a rejection, or the code where the policy wants one of whoever approves. An answer
 * says why it cannot be given at all; null where it may go on.
 */
export async function decisionDemanded(
  about: Decidable,
  { choice, user, said }: { readonly choice: Choice; readonly user: string; readonly said: Said },
  tools: DemandTools,
): Promise<Demand | Answered | null> {
  const { title } = about;
  if (choice === 'reject') {
    if (reasonOf(said.reason ?? '') !== null) return null;
    const problem =
      said.reason === undefined
        ? null
        : `Say in at least ${leastReason} characters why. Nothing was decided.`;
    return { kind: 'ask', what: 'reject', title, problem, least: leastReason };
  }
  if (choice !== 'approve' || !approvalRule(tools.policy, about.risk).stepUp) return null;
  const { stepUp, policy } = tools;
  const account = accountsOf(policy, user).find((one) => stepUp.isEnrolled(one));
  if (account === undefined) return refusedStepUp(about, user, 'not-enrolled', tools);
  if (said.code === undefined)
    return (await stepUp.isFresh(account)) ? null : { kind: 'ask', what: 'code', title, problem: null };
  const answer = await stepUp.offer(account, said.code);
  if (answer !== 'ok') {
    const answered = await refusedStepUp(about, user, answer, tools);
    const mayTryAgain = answer === 'wrong' || answer === 'used';
    return mayTryAgain ? { kind: 'ask', what: 'code', title, problem: answered.sentence } : answered;
  }
  await tools.audit.append({ code: 'step-up.given', actor: user, object: about.id, detail: {} });
  return null;
}

async function refusedStepUp(
  { id }: Decidable,
  user: string,
  answer: Exclude<StepUpAnswer, 'ok'>,
  { audit }: DemandTools,
): Promise<Answered> {
  await audit.append({ code: 'step-up.refused', actor: user, object: id, detail: { rule: answer } });
  return refused(stepUpSentence(answer, user));
}

/** Why a code was not taken, and what to do. */
export function stepUpSentence(answer: Exclude<StepUpAnswer, 'ok'>, user: string): string {
  switch (answer) {
    case 'not-enrolled':
      return `This asks for a code of your authenticator, and none is set up for you, so you cannot approve it. Nothing was decided. Whoever runs aixops sets it up with: aixops step-up ${user}`;
    case 'wrong':
      return 'That code is not right. Nothing was decided. Type the one that your authenticator shows now; five wrong ones lock for 15 minutes.';
    case 'used':
      return 'That code was used already. Nothing was decided. Wait for the next one, at most 30 seconds.';
    case 'locked':
      return 'Too many wrong codes: for 15 minutes none is taken from you. Nothing was decided. If it was not you who typed them, tell whoever runs aixops.';
  }
}
