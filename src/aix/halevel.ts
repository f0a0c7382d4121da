/**
 * `halevel -s`: the level of PowerHA on the node.
 *
 *     7.2.7 SP1
 *
 * The level, then the service pack, or `GA` where none is applied. Printing nothing is no answer.
 * Source: PowerHA SystemMirror 7.2, halevel; two words as public scripts take them apart. NOT PROVEN: `GA`.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface PowerhaLevel {
  /** `7.2.7`. */
  readonly level: string;
  /** `SP1`, `GA`. */
  readonly servicePack: string;
}

const row = /^(?<level>\d{1,2}\.\d{1,2}\.\d{1,2})\s+(?<servicePack>GA|SP\d{1,2})$/;

/** Reads the one line of `halevel -s`. */
export const halevelReader: Reader<PowerhaLevel> = { id: 'halevel', programs: ['halevel'], read };

function read(text: string): Answer<PowerhaLevel> {
  const lines = linesOf(text);
  const isRow = (one: string) => row.test(one);
  const failure = failureIn('halevel', lines, isRow);
  if (failure !== null) return failed(failure);
  const groups = row.exec(onlyLine('halevel', lines, isRow).text)?.groups;
  return answer({ level: groups?.level ?? '', servicePack: groups?.servicePack ?? '' });
}

/** PowerHA's level. */
export const powerhaLevel: Fact<PowerhaLevel> = {
  command: nodeRead('/usr/es/sbin/cluster/utilities/halevel', ['-s'], 'PowerHA SystemMirror 7.2, halevel'),
  reader: halevelReader,
};
