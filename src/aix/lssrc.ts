/**
 * `lssrc -a`, `-g GROUP`, `-s SUBSYSTEM`: what the System Resource Controller knows of its subsystems.
 *
 *     Subsystem         Group            PID          Status
 *      ctrmc            rsct             5439966      active
 *      aso                               4653462      active
 *      ctcas            rsct                          inoperative
 *      nimhttp                                        inoperative
 *
 * Group and PID may be blank, so a row is read from its right end: status, then a PID if there are digits, then
 * name and group. `grep` cuts the header off and copies collapse the blanks. Printing nothing is no answer:
 * the SRC always has subsystems, and an unknown name is message 0513-085.
 * Source: AIX 7.2 commands, lssrc; layout as in public captures. `stopping`, `starting` and `warned to stop` are
 * field knowledge without a public capture.
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface Subsystem {
  readonly name: string;
  readonly group: string | null;
  readonly pid: number | null;
  readonly status: string;
}

const header = /^Subsystem\s+Group\s+PID\s+Status$/;
const row =
  /^(?<name>[\w.-]+)(?:\s+(?<group>[A-Za-z_][\w.-]*))??(?:\s+(?<pid>\d+))?\s+(?<status>active|inoperative|stopping|starting|warned to stop)$/;

/** Rows and headers of `lssrc`; a header is a record without a subsystem. */
const layout: Layout<Subsystem | 'header'> = {
  starts: (text) =>
    !/^(?:Status|PID\s+Status|active|inoperative|stopping|starting|(?:warned )?to stop|stop|\d+\s.*)$/.test(
      text,
    ),
  read: (text) => (header.test(text) ? 'header' : readRow(text)),
};

/** Reads the table of `lssrc`, with or without its header. */
export const lssrcReader: Reader<readonly Subsystem[]> = {
  id: 'lssrc',
  programs: ['lssrc'],
  read: readLssrc,
};

function readLssrc(text: string): Answer<readonly Subsystem[]> {
  const lines = linesOf(text);
  const failure = failureIn('lssrc', lines, (line) => header.test(line) || row.test(line));
  if (failure !== null) return failed(failure);
  return answer(readSubsystems('lssrc', lines));
}

/** Reads one table of subsystems: at most one header, at the top, and at least one row. */
export function readSubsystems(command: string, lines: readonly Line[]): readonly Subsystem[] {
  const records = readRecords(command, lines, layout);
  const rows = records.flatMap(({ value }) => (value === 'header' ? [] : [value]));
  const late = records.slice(1).find(({ value }) => value === 'header');
  if (late !== undefined) throw endsEarly(command, 'a second table begins here', [late.line]);
  if (rows.length === 0) throw endsEarly(command, 'no subsystem was printed', lines);
  return rows;
}

function readRow(text: string): Subsystem | null {
  const groups = row.exec(text)?.groups;
  if (groups?.name === undefined || groups.status === undefined) return null;
  const pid = groups.pid === undefined ? null : Number(groups.pid);
  // What runs has a PID and what is down has none; a row that says otherwise was put together from two.
  if ((groups.status === 'active' && pid === null) || (groups.status === 'inoperative' && pid !== null))
    return null;
  return { name: groups.name, group: groups.group ?? null, pid, status: groups.status };
}

/** Every subsystem of the node. Any user may ask. */
export const allSubsystems: Fact<readonly Subsystem[]> = {
  command: nodeRead('/usr/bin/lssrc', ['-a'], 'AIX 7.2 commands, lssrc'),
  reader: lssrcReader,
};

/** One subsystem by its name; one that is not on file answers with message 0513-085. */
export function subsystem(name: string): Fact<readonly Subsystem[]> {
  if (!/^[\w.-]+$/.test(name)) throw new TypeError(`not the name of a subsystem: ${name}`);
  return {
    command: nodeRead('/usr/bin/lssrc', ['-s', name], 'AIX 7.2 commands, lssrc'),
    reader: lssrcReader,
  };
}

/** Is this the message that the SRC does not know the subsystem? */
export function saysNotOnFile(failure: Failure): boolean {
  return failure.code === '0513-085';
}
