/**
 * `ls -dlL PATH`: one file or directory, what it is and who may do what with it.
 *
 *     -r-xr-xr-x    1 bin      bin           21642 Mar 12 2023  /usr/sbin/rsct/bin/rmcrefreshMD
 *
 * A path that is not there is a message, and the only way in which this command says so: printing nothing is no answer.
 * Links are followed (`-L`), as RSCT's older paths are links to the newer ones. The message number is field knowledge.
 * Source: AIX 7.2 commands, ls; POSIX, ls -l.
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface ListedFile {
  /** As printed: `-r-xr-xr-x`. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** Bytes; null for a device, which has two numbers in their place. */
  readonly size: number | null;
  readonly path: string;
}

const row =
  /^(?<mode>[-bcdlps][-rwxsStT]{9}[+.-]?)\s+\d+\s+(?<owner>\S+)\s+(?<group>\S+)\s+(?<size>\d+(?:,\s*\d+)?)\s+[A-Z][a-z]{2}\s+\d{1,2}\s+(?:\d{4}|\d{2}:\d{2})\s+(?<path>\/\S.*)$/;
/** With a number on AIX, and in words alone elsewhere. */
const refusal = /^ls: .*(?:does not exist|no such file|cannot access|permission)/i;
const missing = /does not exist|no such file/i;

/** Reads one line of the long list. */
export const lsReader: Reader<ListedFile> = { id: 'ls', programs: ['ls'], read: readLs };

function readLs(text: string): Answer<ListedFile> {
  const lines = linesOf(text);
  const failure = failureIn('ls', lines, (line) => row.test(line), refusal);
  if (failure !== null) return failed(failure);
  const line = onlyLine('ls', lines, (one) => row.test(one));
  const { mode, owner, group, size, path } = row.exec(line.text)?.groups ?? {};
  if (mode === undefined || owner === undefined || group === undefined || size === undefined || !path)
    throw notUnderstood('ls', 'not a line of a long list', line);
  return answer({ mode, owner, group, size: size.includes(',') ? null : Number(size), path });
}

/** What is at an absolute path. Throws TypeError for another path: it comes from our own code. */
export function fileAt(path: string): Fact<ListedFile> {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return {
    command: nodeRead('/usr/bin/ls', ['-dlL', path], 'AIX 7.2 commands, ls', { needsRoot: true }),
    reader: lsReader,
  };
}

/** The same for a path that the inventory or a node's own file names, whatever is in it. */
export function listedAt(path: string): Fact<ListedFile> {
  return {
    command: nodeRead('/usr/bin/ls', ['-dlL', path], 'AIX 7.2 commands, ls', { needsRoot: true }),
    reader: lsReader,
  };
}

/** Is this a file that root can execute? */
export function isExecutable(file: ListedFile): boolean {
  return file.mode.startsWith('-') && /[xst]/.test(file.mode);
}

/** Is this the message that nothing is at that path? */
export function saysNoSuchFile(failure: Failure): boolean {
  return missing.test(failure.message);
}
