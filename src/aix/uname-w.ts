/**
 * `uname -W`: the number of the workload partition that the command runs in.
 *
 *     0
 *
 * 0 is the global environment, where RSCT lives. Printing nothing is no answer. Source: AIX 7.2 commands, uname.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface WorkloadPartition {
  readonly wparId: number;
}

const isNumber = (text: string): boolean => /^\d{1,5}$/.test(text);

/** Reads the one line of `uname -W`. */
export const unameWReader: Reader<WorkloadPartition> = {
  id: 'uname-w',
  programs: ['uname'],
  read: readUnameW,
};

function readUnameW(output: string): Answer<WorkloadPartition> {
  const lines = linesOf(output);
  const failure = failureIn('uname-w', lines, isNumber);
  if (failure !== null) return failed(failure);
  return answer({ wparId: Number(onlyLine('uname-w', lines, isNumber).text) });
}

/** Where the login is: 0 is AIX itself, anything else a WPAR in it. */
export const workloadPartition: Fact<WorkloadPartition> = {
  command: nodeRead('/usr/bin/uname', ['-W'], 'AIX 7.2 commands, uname'),
  reader: unameWReader,
};
