/** `groups` and `rules` of `policy.yaml`: who may do what, with what, on which targets, in which channels. */
import { z } from 'zod';
import { account, channelWords, listOf, oneOf, targetWords, whoList } from './words.js';

/** What a rule may allow. Breaking the glass is not among them: `breakGlass` says who. */
export const verbs = [
  'diagnose',
  'see-changes',
  'propose',
  'roll-back',
  'approve',
  'close',
  'freeze',
  'enrol',
  'tend',
] as const;
export type Verb = (typeof verbs)[number];

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'A group has a short name of letters, digits, dots and hyphens',
  );

const group = z
  .strictObject(
    {
      usergroup: z
        .string('This is the id of a Slack user group such as S0123456789')
        .regex(
          /^S[A-Z0-9]{2,}$/,
          'This is the id of a Slack user group such as S0123456789, not its @handle: copy it from the address of the group in Slack',
        )
        .optional()
        .describe('A Slack user group, by its id.'),
      users: listOf(account, 'This is a list of Slack user ids such as U0123456789, or cli:NAME')
        .optional()
        .describe('Or its people.'),
    },
    'This is { usergroup: S0123456789 } or { users: [U0123456789] }',
  )
  .refine(
    ({ usergroup, users }) => (usergroup === undefined) !== (users === undefined),
    'A group is one of both: { usergroup: S0123456789 } or { users: [U0123456789] }',
  );

/** Named groups of people: a Slack user group, or a list. */
export const groupSection = z.record(name, group);

/** One rule. What is left out of `what`, `targets` and `channels` limits nothing. */
export const ruleShape = z.strictObject({
  who: whoList.describe('To whom it allows something.'),
  may: listOf(oneOf([...verbs, 'all']), `This is all, or a list of: ${verbs.join(', ')}`).describe(
    'What it allows.',
  ),
  what: listOf(
    z.string('This is the id of a fix or a diagnostic, or risk:low').min(1).max(100),
    'This is a list of fixes, diagnostics, and risks such as risk:low',
  )
    .optional()
    .describe('Only with these fixes, diagnostics or risks.'),
  targets: targetWords.optional().describe('Only on these targets.'),
  channels: channelWords
    .optional()
    .describe('Only in these channels; a rule with channels never holds at a terminal.'),
});
export type Rule = z.infer<typeof ruleShape>;

export const ruleSection = z.array(ruleShape, 'This is a list of rules: each begins with "- who:"').max(500);
