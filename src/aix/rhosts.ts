/**
 * `cat /etc/cluster/rhosts`: the hosts whose clcomd this node's clcomd answers, one name or address in each line.
 *
 *     10.20.1.11
 *     10.20.1.12
 *
 * Every line is kept exactly as it is, for what is wrong with such a file may be a blank that nobody sees: what a line
 * should look like is for the judgement to say. An empty file prints nothing, which is an answer. Control characters
 * other than tab and carriage return are not understood. `cat` says with a number that there is no such file.
 * Source: PowerHA SystemMirror 7.2, standard security mode: one host in each line. The message is field knowledge.
 */
import { ParseError } from '../core/errors.js';
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface TrustedList {
  /** As they stand in the file, without the newline only. */
  readonly lines: readonly string[];
  /** Does the last line end as a line should? True for an empty file. */
  readonly endsWhole: boolean;
}

/** Where PowerHA 7 and CAA have it, and where PowerHA 6.1 had it. */
export const rhostsPath = '/etc/cluster/rhosts';
export const rhostsPath61 = '/usr/es/sbin/cluster/etc/rhosts';

const refusal = /^cat: .*(?:cannot open|no such file|permission)/i;
const missing = /cannot open|no such file|does not exist/i;

/** Reads the file line by line. */
export const rhostsReader: Reader<TrustedList> = { id: 'rhosts', programs: ['cat'], read };

function read(text: string): Answer<TrustedList> {
  const failure = failureIn('rhosts', linesOf(text), () => false, refusal);
  if (failure !== null) return failed(failure);
  if (text === '') return answer({ lines: [], endsWhole: true });
  const endsWhole = text.endsWith('\n');
  const lines = (endsWhole ? text.slice(0, -1) : text).split('\n');
  const at = lines.findIndex((line) => /[^\t\r\u0020-\u007e]/.test(line));
  if (at >= 0)
    throw new ParseError('rhosts', 'not text that a list of hosts may hold', lines[at] ?? '', at + 1);
  return answer({ lines, endsWhole });
}

/** The list at one of the two paths. */
export function trustedList(path: typeof rhostsPath | typeof rhostsPath61): Fact<TrustedList> {
  return {
    command: nodeRead('/usr/bin/cat', [path], 'PowerHA SystemMirror 7.2, standard security mode', {
      needsRoot: true,
    }),
    reader: rhostsReader,
  };
}

/** Is this the message that there is no such file? */
export function saysNoList(failure: Failure): boolean {
  return missing.test(failure.message);
}
