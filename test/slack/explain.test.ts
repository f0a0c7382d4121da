import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectReason, ErrorClass } from '../../src/core/errors.js';
import { explain } from '../../src/slack/explain.js';
import { privateMessage } from '../../src/slack/views/private.js';
import { checkMessage } from './block-limits.js';

const classes = {
  UsageError: true,
  RefusedError: true,
  StaleError: true,
  ConnectError: true,
  CommandError: true,
  LostError: true,
  ParseError: true,
  Bug: true,
} satisfies Record<ErrorClass | 'Bug', true>;
const everyClass = Object.keys(classes) as (ErrorClass | 'Bug')[];

const reasons = {
  unreachable: true,
  refused: true,
  'timed-out': true,
  'host-key-unknown': true,
  'host-key-changed': true,
  'login-refused': true,
  algorithms: true,
  'jump-failed': true,
} satisfies Record<ConnectReason, true>;
const everyReason = Object.keys(reasons) as ConnectReason[];

describe('explain', () => {
  it.each(everyClass)('says what happened and whether anything was touched for %s', (name) => {
    const words = explain({ class: name, message: 'Reading ctrmc on lpar07 failed' }, 'job-42');
    expect(words).toContain('Reading ctrmc on lpar07 failed');
    expect(words).toMatch(/nothing was (run|changed)/i);
    expect(words).not.toMatch(/unknown error/i);
  });

  it.each(everyReason)('says what to do now when connecting fails by %s', (reason) => {
    const words = explain(
      { class: 'ConnectError', reason, message: 'Connecting to lpar07:22 failed' },
      'job-42',
    );
    const other = explain({ class: 'ConnectError', message: 'Connecting to lpar07:22 failed' }, 'job-42');
    expect(words).toContain('Nothing was run.');
    expect(words).not.toBe(other);
  });

  it('never says of a lost change that nothing happened', () => {
    for (const name of ['LostError', 'CommandError', 'ParseError', 'Bug'] as const) {
      expect(
        explain({ class: name, message: 'Step 2 of 3 on lpar07 ended' }, 'job-42', 'changing'),
      ).not.toMatch(/nothing was/i);
    }
    expect(explain({ class: 'LostError', message: 'x' }, 'j', 'changing')).toContain('It may have run.');
  });

  it('does not repeat what the message says already', () => {
    const words = explain(
      { class: 'ConnectError', reason: 'refused', message: 'Not reached. Nothing was run.' },
      'job-42',
    );
    expect(words.match(/nothing was run/gi)).toHaveLength(1);
  });

  it('ends with the log reference where a person needs the log, and leaves it out where not', () => {
    for (const name of everyClass) {
      const words = explain({ class: name, message: 'x' }, 'job-42');
      const isPlain = name === 'UsageError' || name === 'RefusedError';
      expect(words.endsWith('Log reference: `job-42`')).toBe(!isPlain);
    }
  });

  it('shows the line that was not understood, or that the output ended too early', () => {
    expect(explain({ class: 'ParseError', message: 'x', line: ' ctrmc ???' }, 'j')).toContain('` ctrmc ???`');
    expect(explain({ class: 'ParseError', message: 'x', line: '' }, 'j')).toContain('ended too early');
  });

  it('has words for an error that says nothing', () => {
    expect(explain({ class: 'Bug', message: '' }, 'j')).toContain('without saying why');
  });

  it('has words for a class that only a newer version knows', () => {
    const words = explain({ class: 'NewError' as ErrorClass, message: 'It rained' }, 'job-42');
    expect(words).toContain('It rained.');
    expect(words).toContain('NewError');
  });

  it('shows no secret of a message', () => {
    expect(explain({ class: 'Bug', message: 'login with password=hunter2 failed' }, 'j')).not.toContain(
      'hunter2',
    );
  });

  it('stays one well-formed message whatever the error says', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<!channel>', '@here', '`', '```', 'https://evil.example', '\u202e', '\u001b[31m'),
    );
    const hostile = fc.array(text, { maxLength: 20 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(
        fc.constantFrom(...everyClass),
        hostile,
        hostile,
        fc.boolean(),
        (name, message, line, isChange) => {
          const words = explain(
            { class: name, message, line, reason: message },
            line,
            isChange ? 'changing' : 'reading',
          );
          checkMessage(privateMessage(words));
        },
      ),
    );
  });

  it('stays short whatever the error says', () => {
    expect(
      explain(
        { class: 'ParseError', message: '&'.repeat(100_000), line: '<'.repeat(100_000) },
        'x'.repeat(9_000),
      ).length,
    ).toBeLessThan(2_800);
  });
});
