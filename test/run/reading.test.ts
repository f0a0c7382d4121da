import { describe, expect, it } from 'vitest';
import { ParseError } from '../../src/core/errors.js';
import type { Fact } from '../../src/core/fact.js';
import type { Outcome } from '../../src/core/outcome.js';
import { nodeRead } from '../../src/core/remote-command.js';
import { toReading } from '../../src/run/reading.js';

/** Understands `fine` and `0513-085 …`, and nothing at all as "none"; everything else it does not. */
const fact: Fact<string> = {
  command: nodeRead('/usr/bin/lssrc', ['-a'], 'AIX 7.2 commands, lssrc'),
  reader: {
    id: 'lssrc',
    programs: ['lssrc'],
    read(text) {
      if (text.trim() === 'fine') return { kind: 'facts', facts: 'fine' };
      if (text === '') return { kind: 'facts', facts: 'none' };
      if (text.startsWith('0513-085'))
        return { kind: 'failure', failure: { code: '0513-085', message: text } };
      throw new ParseError('lssrc', 'not a row', text, 1);
    },
  },
};

const outcome = (given: Partial<Outcome>): Outcome => ({
  ended: 'exited',
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  durationMs: 1,
  ...given,
});
const reading = (given: Partial<Outcome>) => toReading('lpar1', fact, outcome(given));

describe('what an outcome says of its fact', () => {
  it('is a value when the command exited 0 and its output is understood', () => {
    expect(reading({ stdout: 'fine\n' })).toEqual({
      kind: 'value',
      value: 'fine',
      evidence: { target: 'lpar1', command: '/usr/bin/lssrc -a', excerpt: 'fine\n' },
    });
  });

  it('is the failure that the command printed, on stdout as the HMC does or on stderr', () => {
    expect(reading({ exitCode: 1, stdout: '0513-085 not on file' }).kind).toBe('failure');
    expect(reading({ exitCode: 1, stderr: '0513-085 not on file' }).kind).toBe('failure');
    expect(reading({ exitCode: 0, stdout: '0513-085 not on file' }).kind).toBe('failure');
  });

  it('is unread when facts come with another exit status: they may be half of them', () => {
    expect(reading({ exitCode: 1, stdout: 'fine' })).toMatchObject({
      kind: 'unread',
      error: { class: 'CommandError', message: '/usr/bin/lssrc -a on lpar1 exited 1: fine' },
    });
  });

  it('is a value with another exit status where the fact documents that status', () => {
    const lenient = { ...fact, exits: [1, 10] };
    const one = (given: Partial<Outcome>) => toReading('lpar1', lenient, outcome(given));
    expect(one({ exitCode: 10, stdout: 'fine' })).toMatchObject({ kind: 'value', value: 'fine' });
    expect(one({ exitCode: 1 })).toMatchObject({ kind: 'value', value: 'none' });
    expect(one({ exitCode: 1, stderr: 'sudo: a password is required' }).kind).toBe('unread');
    expect(one({ exitCode: 2, stdout: 'fine' }).kind).toBe('unread');
  });

  it('takes silence for an answer only while stderr is silent too', () => {
    expect(reading({})).toMatchObject({ kind: 'value', value: 'none' });
    expect(reading({ stderr: 'ld.so: cannot map' })).toMatchObject({
      kind: 'unread',
      error: { class: 'CommandError', message: '/usr/bin/lssrc -a on lpar1 exited 0: ld.so: cannot map' },
    });
  });

  it('is unread with the line that was not understood', () => {
    expect(reading({ stdout: '%&$' })).toMatchObject({
      kind: 'unread',
      error: { class: 'ParseError', line: '%&$' },
    });
  });

  it.each([
    [{ ended: 'timed-out' }, 'LostError', 'was stopped after 20 s'],
    [{ ended: 'lost' }, 'LostError', 'lost its connection'],
    [{ ended: 'too-long' }, 'CommandError', 'more than 256 KiB'],
    [{ ended: 'killed', signal: 'SEGV' }, 'CommandError', 'by a signal (SEGV)'],
  ] as const)('is unread when the command ended as %o, whatever it printed', (ended, errorClass, words) => {
    const read = reading({ ...ended, exitCode: null, stdout: 'fine' });
    expect(read).toMatchObject({ kind: 'unread', error: { class: errorClass } });
    expect(read.kind === 'unread' && read.error.message).toContain(words);
  });

  it('is unread when no outcome came back, or when the reader itself breaks', () => {
    expect(toReading('lpar1', fact, undefined)).toMatchObject({
      kind: 'unread',
      error: { class: 'CommandError' },
    });
    const read = () => {
      throw new RangeError('too deep');
    };
    const broken = { ...fact, reader: { ...fact.reader, read } };
    expect(toReading('lpar1', broken, outcome({ stdout: 'fine' }))).toMatchObject({
      kind: 'unread',
      error: { class: 'Bug', message: 'too deep' },
    });
  });

  it('keeps 64 KiB of what was printed, and says so', () => {
    const { excerpt } = reading({ stdout: 'x'.repeat(100_000), stderr: 'y' }).evidence;
    expect(excerpt.length).toBeLessThan(66_000);
    expect(excerpt).toContain('[cut here: 100002 characters in all]');
  });
});
