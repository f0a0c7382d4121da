/**
 * `ls -led PATH`, also as `find DIRECTORY -exec ls -led {} \;`: what paths are and who may do what with them. Links are
 * shown and not followed.
 *
 *     drwxr-xr-x-   2 root     system          256 Nov 03 11:07 /etc/cluster
 *     -rw-------    1 root     system           33 Nov 03 11:07 /etc/cluster/rhosts
 *     -rwxr-xr-x+   1 root     system         4211 Mar 12 2024  /usr/local/sbin/new-certificates
 *     lrwxrwxrwx    1 root     system           21 Nov 03 11:07 /etc/cluster/tool -> /usr/local/sbin/tool
 *
 * With `-e` an eleventh letter follows the mode: `+` where the file has an extended access control list, `-` or a blank
 * where it has none. A path that is not there is a message. Printing nothing is no answer.
 * Source: AIX 7.2 commands, ls (-e). NOT PROVEN: which of `-` and a blank is printed; both are read.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface LongEntry {
  /** Ten letters: `-rw-------`. */
  readonly mode: string;
  readonly hasAcl: boolean;
  readonly owner: string;
  readonly group: string;
  readonly path: string;
  /** Where a symbolic link leads; null for everything else. */
  readonly target: string | null;
}

const row =
  /^(?<mode>[-bcdlps][-rwxsStT]{9})(?<acl>[-+]?)\s+\d+\s+(?<owner>\S+)\s+(?<group>\S+)\s+\d+(?:,\s*\d+)?\s+[A-Z][a-z]{2}\s+\d{1,2}\s+(?:\d{4}|\d{2}:\d{2})\s+(?<path>\/\S*)(?: -> (?<target>\S.*))?$/;
const refusal = /^(?:ls|find): .*(?:does not exist|no such file|cannot|bad status|permission)/i;

/** Reads the rows of a long list with whole paths. */
export const lsLeReader: Reader<readonly LongEntry[]> = { id: 'ls-le', programs: ['ls', 'find'], read };

function read(text: string): Answer<readonly LongEntry[]> {
  const lines = linesOf(text);
  const failure = failureIn('ls-le', lines, (line) => row.test(line), refusal);
  if (failure !== null) return failed(failure);
  if (lines.length === 0) throw endsEarly('ls-le', 'nothing was printed', lines);
  return answer(lines.map(readRow));
}

function readRow(line: Line): LongEntry {
  const { mode, acl, owner, group, path, target } = row.exec(line.text)?.groups ?? {};
  const isWhole = mode !== undefined && owner !== undefined && group !== undefined && path !== undefined;
  // A link says where it leads, and nothing else does.
  if (!isWhole || mode.startsWith('l') !== (target !== undefined))
    throw notUnderstood('ls-le', 'not a row of a long list', line);
  return { mode, hasAcl: acl === '+', owner, group, path, target: target ?? null };
}

/** Everything at and below an absolute path. Throws TypeError for another path: it comes from our own code. */
export function entriesBelow(path: string): Fact<readonly LongEntry[]> {
  const args = [absolute(path), '-exec', '/usr/bin/ls', '-led', '{}', ';'];
  return {
    command: nodeRead('/usr/bin/find', args, 'AIX 7.2 commands, find and ls', { needsRoot: true }),
    reader: lsLeReader,
  };
}

/** What is at an absolute path; a link is a link. Throws TypeError for another path. */
export function entryAt(path: string): Fact<readonly LongEntry[]> {
  return {
    command: nodeRead('/usr/bin/ls', ['-led', absolute(path)], 'AIX 7.2 commands, ls', { needsRoot: true }),
    reader: lsLeReader,
  };
}

function absolute(path: string): string {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return path;
}

/** The mode in the digits that `chmod` takes, e.g. `600`. */
export function modeDigits(mode: string): string {
  const letters = Array.from(mode.slice(1, 10));
  const digit = (at: number): number =>
    [4, 2, 1].reduce((sum, value, bit) => sum + (isSet(letters[at + bit] ?? '-', bit) ? value : 0), 0);
  const special = ['s', 's', 't'].reduce(
    (sum, letter, at) => sum + (letters[at * 3 + 2]?.toLowerCase() === letter ? [4, 2, 1][at]! : 0), // three of each
    0,
  );
  return `${special === 0 ? '' : special}${digit(0)}${digit(3)}${digit(6)}`;
}

/** A capital S or T says that nobody may execute it. */
function isSet(letter: string, bit: number): boolean {
  return bit === 2 ? /[xst]/.test(letter) : letter !== '-';
}
