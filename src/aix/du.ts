/**
 * `du -sk PATH`: how much a directory holds, in units of 1024 bytes.
 *
 *     48212   /var/ct
 *
 * A path that is not there is a message; so is a directory that could not be read, and then the number is not the whole.
 * Printing nothing is no answer. Source: AIX 7.2 commands, du; POSIX, du -sk.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface DiskUse {
  readonly usedKb: number;
  readonly path: string;
}

const row = /^(?<used>\d{1,12})\s+(?<path>\/\S*)$/;
const refusal = /^du: .*(?:no such file|cannot|permission|does not exist)/i;

/** Reads the one line of `du -sk`. */
export const duReader: Reader<DiskUse> = { id: 'du', programs: ['du'], read: readDu };

function readDu(text: string): Answer<DiskUse> {
  const lines = linesOf(text);
  const failure = failureIn('du', lines, (line) => row.test(line), refusal);
  if (failure !== null) return failed(failure);
  const { used, path = '' } = row.exec(onlyLine('du', lines, (line) => row.test(line)).text)?.groups ?? {};
  return answer({ usedKb: Number(used), path });
}

/** What RSCT keeps below /var/ct, all of which a rebuild removes. */
export const rsctData: Fact<DiskUse> = {
  command: nodeRead('/usr/bin/du', ['-sk', '/var/ct'], 'AIX 7.2 commands, du', {
    needsRoot: true,
    timeoutMs: 60_000,
  }),
  reader: duReader,
};
