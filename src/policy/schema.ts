import { z } from 'zod';
import { approvalKeys, approvalsSection, needed } from './approval-rules.js';
import { rolloutKeys, rolloutSection } from './rollout-rules.js';
import { groupSection, ruleSection, ruleShape } from './rules.js';
import { breakGlassSection, timeKeys, windowsSection } from './time-rules.js';
import { account, listOf, whoListOrNobody } from './words.js';

/** `policy.yaml`. Every key may be left out; unknown keys are problems. */
export const policySchema = z.strictObject({
  /** Who may approve, reject, close and freeze, on every target. */
  approvers: whoListOrNobody
    .default([])
    .describe('Who may approve, reject, close, freeze and pin host keys, on every target.'),
  people: z
    .record(
      account,
      z.strictObject({
        name: z
          .string('This is a name')
          .min(1)
          .max(100)
          .optional()
          .describe('How the person is called here.'),
        aliases: listOf(account, 'This is a list of Slack user ids, or cli:NAME')
          .default([])
          .describe('Other accounts of the same person: all count once.'),
      }),
    )
    .default({}),
  groups: groupSection.default({}),
  rules: ruleSection.default([]),
  /** Who may look, and who may ask for changes, on every target. */
  allow: z
    .strictObject({
      diagnose: whoListOrNobody.default(['everyone']).describe('Who may look, on every target.'),
      propose: whoListOrNobody
        .default([])
        .describe('Who may ask for changes and their undo, on every target, and tend the digest.'),
    })
    .prefault({}),
  /** What is asked of whoever asks and of whoever approves, risk by risk. */
  approvals: approvalsSection,
  /** The short form of `needed` in it. */
  approvalsNeeded: z
    .strictObject({
      low: needed(1).describe('The short form of `approvals.low.needed`; the higher one holds.'),
      medium: needed(1).describe('The same for medium risk.'),
      high: needed(2).describe('The same for high risk.'),
    })
    .prefault({}),
  /** When changes may begin, and who may break that. */
  windows: windowsSection,
  breakGlass: breakGlassSection,
  /** How fast a roll-out may grow. */
  rollout: rolloutSection,
});

export type Policy = z.infer<typeof policySchema>;

/** What holds where there is no `policy.yaml`: everyone may look, nobody may change anything. */
export const defaultPolicy: Policy = policySchema.parse({});

/**
 * The same where sections with problems are taken as if they were not there, rule by rule, so that what the other words
 * name can be looked at as well.
 */
export const roughPolicySchema: z.ZodType<Policy> = z.looseObject({}).transform((raw): Policy => {
  const sections = Object.entries(policySchema.shape).map(([key, section]) => {
    const read = section.safeParse(raw[key]);
    return [key, read.success ? read.data : defaultPolicy[key as keyof Policy]];
  });
  const rules = z.array(ruleShape.catch({ who: [], may: [] })).catch([]);
  // Their names are enough.
  const groups = z
    .record(
      z.string(),
      z.unknown().transform(() => ({})),
    )
    .catch({});
  const own = { rules: rules.parse(raw['rules']), groups: groups.parse(raw['groups']) };
  return { ...(Object.fromEntries(sections) as Policy), ...own };
});

/** Every key that may be written, for "did you mean". */
export const policyKeys: readonly string[] = [
  ...Object.keys(policySchema.shape),
  ...approvalKeys,
  ...timeKeys,
  ...rolloutKeys,
  ...Object.keys(ruleShape.shape),
  'name',
  'usergroup',
  'users',
  'aliases',
  'diagnose',
  'propose',
  'low',
  'medium',
  'high',
];
