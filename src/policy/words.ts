/** The words of `policy.yaml` that several of its sections share. */
import { z } from 'zod';
import { didYouMean } from '../core/did-you-mean.js';

const userShape = /^[UW][A-Z0-9]{2,}$/;
/** The login name at the terminal, as the system says it: domains and dots occur in it. */
const terminalShape = /^cli:[^\s\p{C}]{1,64}$/u;
const groupShape = /^group:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A Slack user id: the only name of a person that cannot be changed by that person. */
export const account = z
  .string('This is a Slack user id such as U0123456789, or cli:NAME')
  .refine(
    (word) => userShape.test(word) || terminalShape.test(word),
    "This is a Slack user id such as U0123456789, or cli:NAME: copy the member ID from the person's profile",
  );

const whoWord = z
  .string('This is everyone, a Slack user id such as U0123456789, cli:NAME or group:NAME')
  .refine(
    (word) =>
      word === 'everyone' || userShape.test(word) || terminalShape.test(word) || groupShape.test(word),
    {
      error: ({ input }) =>
        `This is everyone, a Slack user id such as U0123456789, cli:NAME or group:NAME${meantWho(input)}`,
    },
  );

/** One word is a list of one. */
export function listOf<T>(word: z.ZodType<T>, what: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(word, what).min(1, 'This names at least one').max(500, 'This names at most 500'),
  );
}

/** People: `everyone`, or a list of accounts and groups. */
export const whoList = listOf(whoWord, 'This is everyone, or a list of Slack user ids and groups');

/** The same where nobody may be meant: `nobody`, as an empty list would look like a slip. */
export const whoListOrNobody = z.union(
  [z.literal('nobody').transform((): string[] => []), whoList],
  'This is everyone, nobody, or a list of Slack user ids such as U0123456789, cli:NAME and group:NAME',
);

/** Targets, in the words that commands take: `lpar1`, `tag:env=prod`, `cluster:erp`, `all`. */
export const targetWords = listOf(
  z.string('This is a target such as "tag:env=prod"').min(1, 'This is a target').max(200, 'This is too long'),
  'This is a target such as "tag:env=prod", or a list of targets',
);

/** Ids of Slack channels. */
export const channelWords = listOf(
  z
    .string('This is a channel id such as C0123456789')
    .regex(
      /^[CGD][A-Z0-9]{2,}$/,
      "This is a channel id such as C0123456789: open the channel's details in Slack and copy it",
    ),
  'This is a channel id such as C0123456789, or a list of them',
);

/** One of a few known words, with what may have been meant by another one. */
export function oneOf<const T extends readonly string[]>(known: T) {
  return z.enum(known, {
    error: ({ input }) => `This is one of ${known.join(', ')}${meant(String(input), known)}`,
  });
}

function meant(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  return near === null ? '' : `. Did you mean ${near}?`;
}

function meantWho(word: unknown): string {
  if (typeof word !== 'string') return '';
  const bare = word.replace(/^@/, '');
  return groupShape.test(`group:${bare}`) && /[a-z]/.test(bare) ? `. Did you mean ${near(bare)}?` : '';
}

function near(bare: string): string {
  return didYouMean(bare, ['everyone']) ?? `group:${bare}`;
}
