/**
 * `lsitab clcomd`: the entry of /etc/inittab that starts a subsystem.
 *
 *     clcomd:23456789:once:/usr/bin/startsrc -s clcomd
 *
 * Identifier, run levels, action, command; the command may hold colons. Where there is no such entry the command ends with
 * another status and prints nothing, which is an answer.
 * Source: AIX 7.2 commands, lsitab; AIX 7.2 files, inittab.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface InittabEntry {
  readonly id: string;
  readonly runLevels: string;
  readonly action: string;
  readonly command: string;
}

const row =
  /^(?<id>[\w.-]{1,14}):(?<runLevels>[0-9a-zA-Z]*):(?<action>respawn|wait|once|boot|bootwait|powerfail|powerwait|off|hold|ondemand|initdefault|sysinit):(?<command>\S.*)$/;

/** Reads one entry, or null where nothing was printed. */
export const lsitabReader: Reader<InittabEntry | null> = { id: 'lsitab', programs: ['lsitab'], read };

function read(text: string): Answer<InittabEntry | null> {
  const lines = linesOf(text);
  const failure = failureIn('lsitab', lines, (one) => row.test(one));
  if (failure !== null) return failed(failure);
  if (lines.length === 0) return answer(null);
  const groups = row.exec(onlyLine('lsitab', lines, (one) => row.test(one)).text)?.groups;
  const { id = '', runLevels = '', action = '', command = '' } = groups ?? {};
  return answer({ id, runLevels, action, command });
}

/** What starts clcomd at boot. */
export const clcomdAtBoot: Fact<InittabEntry | null> = {
  command: nodeRead('/usr/sbin/lsitab', ['clcomd'], 'AIX 7.2 commands, lsitab'),
  reader: lsitabReader,
  exits: [1],
};
