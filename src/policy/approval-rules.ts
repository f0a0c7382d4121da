/** What the policy asks of approvals, risk by risk: how many, a reason, a ticket, a step-up code; and when it reminds. */
import { z } from 'zod';
import type { Risk } from '../core/plan.js';
import { ticketPatternProblem } from './ticket-pattern.js';

/** Approvals may be asked of more people than the risk demands, never of fewer. */
export const needed = (least: number) =>
  z
    .number('This is a number of people')
    .int('This is a whole number of people')
    .min(least, `This may only be raised: at least ${least}`)
    .max(10, 'This is at most 10')
    .default(least);

const yesOrNo = z.boolean('This is true or false').default(false);

const ticket = z.string('This is a pattern such as "CHG[0-9]{7}", in quotes').superRefine((text, context) => {
  const problem = ticketPatternProblem(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

const ofRisk = (least: number) =>
  z
    .strictObject({
      needed: needed(least).describe('So many people must approve, none of whom asked; may only be raised.'),
      reason: yesOrNo.describe('Whoever asks says why.'),
      ticket: ticket.optional().describe('Whoever asks names a ticket that fits this pattern as a whole.'),
      stepUp: yesOrNo.describe('Whoever approves types a code of their authenticator.'),
    })
    .prefault({});

const remindMinutes = z
  .array(
    z
      .number('This is a number of minutes')
      .min(1, 'This is at least 1 minute')
      .max(10_080, 'This is at most a week'),
    'This is a list of minutes such as [10, 20, 40]',
  )
  .max(10, 'This is at most 10 reminders')
  .refine(
    (all) => all.every((one, at) => at === 0 || one > (all[at - 1] ?? 0)),
    'Each is later than the one before',
  )
  .default([10, 20, 40])
  .describe('When those who may approve are reminded; none with an empty list.');

/** The section `approvals` of `policy.yaml`. */
export const approvalsSection = z
  .strictObject({ low: ofRisk(1), medium: ofRisk(1), high: ofRisk(2), remindMinutes })
  .prefault({});

/** Its keys, for "did you mean". */
export const approvalKeys: readonly string[] = ['needed', 'reason', 'ticket', 'stepUp', 'remindMinutes'];

/** What the policy asks of a change of one risk. */
export interface ApprovalRule {
  /** So many different people. */
  readonly needed: number;
  /** Whoever asks says why. */
  readonly reason: boolean;
  /** Whoever asks names a ticket that fits this pattern as a whole; null where none is asked for. */
  readonly ticket: string | null;
  /** Whoever approves types a code of their authenticator. */
  readonly stepUp: boolean;
}

/** The parts of a policy that this reads. */
export interface ApprovalPolicy {
  readonly approvals: z.infer<typeof approvalsSection>;
  /** The short form of `approvals.<risk>.needed`; the higher one holds. */
  readonly approvalsNeeded: Readonly<Record<Risk, number>>;
}

/** Whether a code of an authenticator is asked for anywhere. */
export function asksForCodes({ approvals }: Pick<ApprovalPolicy, 'approvals'>): boolean {
  return approvals.low.stepUp || approvals.medium.stepUp || approvals.high.stepUp;
}

/** What holds for changes of this risk. */
export function approvalRule({ approvals, approvalsNeeded }: ApprovalPolicy, risk: Risk): ApprovalRule {
  const { needed: own, reason, ticket: pattern, stepUp } = approvals[risk];
  return { needed: Math.max(own, approvalsNeeded[risk]), reason, ticket: pattern ?? null, stepUp };
}
