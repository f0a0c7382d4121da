/** The options with which a person says why a change is wanted; the policy decides whether they must. */
import {
  leastReason,
  mostReason,
  noGrounds,
  reasonOf,
  saidOf,
  ticketOf,
  type Grounds,
} from '../src/core/grounds.js';
import type { GivenOptions, Option } from './command.js';

const reason: Option<string> = {
  usage: '"why"',
  does: 'says why, for who approves and for the trail; in quotes, or to the end of the line',
  takes: 'phrase',
  read: (text) => {
    const value = reasonOf(text);
    return value === null
      ? {
          kind: 'not-understood',
          message: `A reason has ${leastReason} to ${mostReason} characters.`,
          instead: null,
        }
      : { kind: 'understood', value, typed: [`"${value.replaceAll('"', "'")}"`] };
  },
};

const ticket: Option<string> = {
  usage: 'CHG0001234',
  does: 'names the ticket that it belongs to',
  takes: 'word',
  read: (text) => {
    const value = ticketOf(text);
    return value === null
      ? { kind: 'not-understood', message: 'A ticket has a number.', instead: null }
      : { kind: 'understood', value, typed: [value] };
  },
};

/** For every command that asks for a change. */
export const groundsOptions = { reason, ticket };

/** What was said, for the wish; nothing where nothing was. Some fixes have a `--reason` among their own words. */
export function groundsSaid(
  options: GivenOptions<typeof groundsOptions>,
  words: readonly string[] = [],
): { readonly grounds?: Grounds } {
  const at = words.indexOf('--reason');
  const own = at < 0 ? null : reasonOf(words.slice(at + 1).join(' '));
  return saidOf({ ...noGrounds, reason: own, ...options });
}
