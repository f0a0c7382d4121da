/**
 * `id -u`: the number of the user that commands run as.
 *
 *     0
 *
 * 0 is root. Printing nothing is no answer. Source: AIX 7.2 commands, id.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface User {
  readonly uid: number;
}

const isNumber = (text: string): boolean => /^\d{1,10}$/.test(text);

/** Reads the one line of `id -u`. */
export const idReader: Reader<User> = { id: 'id', programs: ['id'], read: readId };

function readId(output: string): Answer<User> {
  const lines = linesOf(output);
  const failure = failureIn('id', lines, isNumber);
  if (failure !== null) return failed(failure);
  return answer({ uid: Number(onlyLine('id', lines, isNumber).text) });
}

/** Who a command that needs root runs as: with `become: sudo` it is asked through sudo, as the changes are. */
export const effectiveUser: Fact<User> = {
  command: nodeRead('/usr/bin/id', ['-u'], 'AIX 7.2 commands, id', { needsRoot: true }),
  reader: idReader,
};
