/**
 * The node's clock: seconds since 1970-01-01 UTC, as Perl's `time` prints them.
 *
 *     1771405635
 *
 * `date +%s` is not in old levels of AIX. Printing nothing is no answer. NOT PROVEN: that Perl is there on every level is
 * field knowledge; where it is not, this is unread. Source: Perl, perlfunc.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer } from './layouts/messages.js';

export interface Clock {
  readonly epochSeconds: number;
}

/** From 2001 to 2286: a shorter number was cut off. */
const isEpoch = (text: string): boolean => /^\d{10}$/.test(text);

/** Reads the one number. */
export const clockReader: Reader<Clock> = { id: 'clock', programs: ['perl', 'date'], read };

function read(text: string): Answer<Clock> {
  return answer({ epochSeconds: Number(onlyLine('clock', linesOf(text), isEpoch).text) });
}

/** The node's clock when it was asked. */
export const clock: Fact<Clock> = {
  command: nodeRead('/usr/bin/perl', ['-e', 'print time, "\\n"'], 'Perl, perlfunc', {
    alternatives: ['/usr/opt/perl5/bin/perl'],
  }),
  reader: clockReader,
};
