import { describe, expect, it } from 'vitest';
import { CommandError, ConnectError, isBug, ParseError, UsageError } from '../../src/core/errors.js';
import { PostError } from '../../src/core/poster.js';
import { LeaseLostError } from '../../src/approval/store.js';
import { NewerError } from '../../src/core/stored.js';

const coded = (code: string): Error => Object.assign(new Error('x'), { code });
const named = (name: string): Error => Object.assign(new Error('x'), { name });

type Case = readonly [what: string, error: unknown];

describe('an error', () => {
  it.each<Case>([
    ['a typing error of a person', new UsageError('x')],
    ['a node that is not reached', new ConnectError('lpar1', 'unreachable', 'x')],
    ['a command that ended badly', new CommandError('x')],
    ['an answer that is not understood', new ParseError('lssrc', 'x', 'y', 1)],
    ['a document of a newer version', new NewerError('change', 'c-1')],
    ['a message that Slack did not take', new PostError('later', 'ratelimited')],
    ['a lease that went to another worker', new LeaseLostError('c-1')],
    ['a Redis that refuses', named('ReplyError')],
    ['a Redis that is away', named('MaxRetriesPerRequestError')],
    ['a connection that was closed', new Error('Connection is closed.')],
    ['a connection that came about never', coded('ECONNREFUSED')],
    ['several of them', new AggregateError([coded('ETIMEDOUT'), new UsageError('x')])],
  ])('is no bug of ours where it is %s', (_what, error) => {
    expect(isBug(error)).toBe(false);
  });

  it.each<Case>([
    ['of the language', new TypeError('x')],
    ['that nobody thought of', new Error('x')],
    ['that is none', 'x'],
    ['with a code of our own making', coded('nonsense')],
    ['one of several', new AggregateError([coded('ETIMEDOUT'), new RangeError('x')])],
  ])('is a bug where it is one %s', (_what, error) => {
    expect(isBug(error)).toBe(true);
  });
});
