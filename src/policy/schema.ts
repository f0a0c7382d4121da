import { z } from 'zod';

/** A Slack user id: the only name of a person that cannot be changed by that person. */
const user = z
  .string('This is a Slack user id such as U0123456789')
  .regex(
    /^[UW][A-Z0-9]{2,}$/,
    "This is a Slack user id such as U0123456789: copy the member ID from the person's profile",
  );
const people = z.union(
  [z.literal('everyone'), z.array(user).min(1)],
  'This is everyone, or a list of Slack user ids',
);

/** Approvals may be asked of more people than the risk demands, never of fewer. */
const needed = (least: number) =>
  z
    .number('This is a number of people')
    .int('This is a whole number of people')
    .min(least, `This may only be raised: at least ${least}`)
    .max(10, 'This is at most 10')
    .default(least);

/** `policy.yaml`. Every key may be left out; unknown keys are problems. */
export const policySchema = z.strictObject({
  approvers: people.default('everyone'),
  people: z
    .record(
      user,
      z.strictObject({ name: z.string().min(1).max(100).optional(), aliases: z.array(user).default([]) }),
    )
    .default({}),
  allow: z
    .strictObject({ diagnose: people.default('everyone'), propose: people.default('everyone') })
    .prefault({}),
  approvalsNeeded: z.strictObject({ low: needed(1), medium: needed(1), high: needed(2) }).prefault({}),
});

export type Policy = z.infer<typeof policySchema>;

/** What holds where there is no `policy.yaml`. */
export const defaultPolicy: Policy = policySchema.parse({});

/** Every key that may be written, for "did you mean". */
export const policyKeys: readonly string[] = [
  ...Object.keys(policySchema.shape),
  'name',
  'aliases',
  'diagnose',
  'propose',
  'low',
  'medium',
  'high',
];
