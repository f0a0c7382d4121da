/**
 * `oslevel -s`: version, technology level, service pack and the year and week of the build.
 *
 *     7200-05-05-2246
 *
 * The build is 0000 on some levels. Printing nothing is no answer. Source: AIX 7.2 commands, oslevel.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface OsLevel {
  /** `7200`. */
  readonly version: string;
  readonly technologyLevel: number;
  readonly servicePack: number;
  /** Year and week, `2246`. */
  readonly build: string;
  readonly text: string;
}

const level = /^(?<version>\d{4})-(?<technologyLevel>\d{2})-(?<servicePack>\d{2})-(?<build>\d{4})$/;

/** Reads the one line of `oslevel -s`. */
export const oslevelReader: Reader<OsLevel> = { id: 'oslevel', programs: ['oslevel'], read: readOslevel };

function readOslevel(output: string): Answer<OsLevel> {
  const lines = linesOf(output);
  const failure = failureIn('oslevel', lines, (text) => level.test(text));
  if (failure !== null) return failed(failure);
  const { text } = onlyLine('oslevel', lines, (one) => level.test(one));
  const { version = '', technologyLevel, servicePack, build = '' } = level.exec(text)?.groups ?? {};
  return answer({
    version,
    technologyLevel: Number(technologyLevel),
    servicePack: Number(servicePack),
    build,
    text,
  });
}

/** The node's AIX level. */
export const osLevel: Fact<OsLevel> = {
  command: nodeRead('/usr/bin/oslevel', ['-s'], 'AIX 7.2 commands, oslevel'),
  reader: oslevelReader,
};
