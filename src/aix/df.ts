/**
 * `df -kP PATH`: the file system that a path is in, and what is free in it, in units of 1024 bytes.
 *
 *     Filesystem    1024-blocks      Used Available Capacity Mounted on
 *     /dev/hd9var       4194304    812340   3381964      20% /var
 *
 * A path that is not there is a message. Titles without a row are no answer. Source: AIX 7.2 commands, df; POSIX, df -P.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface FileSystem {
  readonly device: string;
  readonly totalKb: number;
  readonly usedKb: number;
  readonly availableKb: number;
  readonly mountPoint: string;
}

const header = /^Filesystem\s+1024-blocks\s+Used\s+Available\s+Capacity\s+Mounted on$/;
const row =
  /^(?<device>\S+)\s+(?<total>\d+)\s+(?<used>\d+)\s+(?<available>\d+)\s+\d{1,3}%\s+(?<mountPoint>\/(?!\S*\.\.)[\w.,@:+~/-]*)$/;
/** `df: /nowhere: No such file or directory`; AIX prints a number as well. */
const refusal = /^df: .*(?:no such file|cannot|not found|does not exist)/i;

const layout: Layout<FileSystem | 'header'> = {
  starts: (text) => /^(?:Filesystem\s|\S+\s+\d+\s+\d)/.test(text),
  read: (text) => (header.test(text) ? 'header' : readRow(text)),
};

/** Reads the portable table of `df`. */
export const dfReader: Reader<readonly FileSystem[]> = { id: 'df', programs: ['df'], read: readDf };

function readDf(text: string): Answer<readonly FileSystem[]> {
  const lines = linesOf(text);
  const failure = failureIn('df', lines, (line) => layout.starts(line), refusal);
  if (failure !== null) return failed(failure);
  const [first, ...records] = readRecords('df', lines, layout);
  if (first === undefined || records.length === 0) throw endsEarly('df', 'no file system was printed', lines);
  if (first.value !== 'header') throw notUnderstood('df', 'a row without its titles', first.line);
  return answer(
    records.map(({ value, line }) => {
      if (value === 'header') throw notUnderstood('df', 'a second table begins here', line);
      return value;
    }),
  );
}

function readRow(text: string): FileSystem | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const [totalKb, usedKb, availableKb] = [groups.total, groups.used, groups.available].map(Number);
  if (totalKb === undefined || usedKb === undefined || availableKb === undefined) return null;
  if (usedKb > totalKb || availableKb > totalKb) return null;
  return { device: groups.device ?? '', totalKb, usedKb, availableKb, mountPoint: groups.mountPoint ?? '' };
}

/** The file system that an absolute path is in. Throws TypeError for another path: it comes from our own code. */
export function freeSpace(path: string): Fact<readonly FileSystem[]> {
  if (!/^\/[\w./-]*$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return { command: nodeRead('/usr/bin/df', ['-kP', path], 'AIX 7.2 commands, df'), reader: dfReader };
}
