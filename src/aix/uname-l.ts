/**
 * `uname -L`: the LPAR's id on its managed system, and its name as the HMC has it.
 *
 *     3 prod db 01
 *
 * The name may hold blanks and is kept as printed. `-1 NULL` stands for a system that is not partitioned: field
 * knowledge without a public capture. Printing nothing is no answer. Source: AIX 7.2 commands, uname.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Partition {
  readonly lparId: number;
  readonly name: string;
}

const row = /^(?<lparId>[1-9]\d{0,4})\s+(?<name>[^\s\x00-\x1f\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*))$/;
const notPartitioned = /^-1\s+NULL$/;

/** Reads the one line of `uname -L`. */
export const unameLReader: Reader<Partition> = { id: 'uname-l', programs: ['uname'], read: readUnameL };

function readUnameL(output: string): Answer<Partition> {
  const lines = linesOf(output);
  const failure = failureIn('uname-l', lines, (text) => row.test(text));
  if (failure !== null) return failed(failure);
  const { text } = onlyLine('uname-l', lines, (one) => row.test(one) || notPartitioned.test(one));
  if (notPartitioned.test(text)) {
    return failed({
      code: null,
      message: `The system is not partitioned (uname -L printed ${JSON.stringify(text)}).`,
    });
  }
  const { lparId, name = '' } = row.exec(text)?.groups ?? {};
  return answer({ lparId: Number(lparId), name });
}

/** The LPAR that the node is, as its managed system numbers it. */
export const partition: Fact<Partition> = {
  command: nodeRead('/usr/bin/uname', ['-L'], 'AIX 7.2 commands, uname'),
  reader: unameLReader,
};
