/**
 * `cksum FILE…`, also as `find DIRECTORY -type f -exec cksum {} \;`: what files hold, as a sum and a number of bytes.
 *
 *     2481632541 33 /etc/cluster/rhosts
 *     912873462 1804 /etc/cluster/.cert-erp1
 *
 * A directory without a file prints nothing, which is an answer of `find`. A file that cannot be read is a message, and
 * then nothing is known. The sum is POSIX's, the same on every system; it tells changes apart and is no protection
 * against somebody who wants two files to have the same one.
 * Source: POSIX, cksum; AIX 7.2 commands, cksum and find.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import type { FileSum } from '../core/plan.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

const row = /^(?<crc>\d{1,10}) (?<bytes>\d{1,15}) (?<path>\/\S+)$/;
const refusal = /^(?:cksum|find): .*(?:cannot|no such file|does not exist|bad status|permission|not allow)/i;

/** Reads one sum in each line. */
export const cksumReader: Reader<readonly FileSum[]> = { id: 'cksum', programs: ['cksum', 'find'], read };

function read(text: string): Answer<readonly FileSum[]> {
  const lines = linesOf(text);
  const failure = failureIn('cksum', lines, (line) => row.test(line), refusal);
  if (failure !== null) return failed(failure);
  const sums = lines.map(readRow);
  const twice = sums.findIndex((one, at) => sums.findIndex(({ path }) => path === one.path) < at);
  const line = lines[twice];
  if (line !== undefined) throw notUnderstood('cksum', 'this file was printed already', line);
  return answer(sums);
}

function readRow(line: Line): FileSum {
  const { crc, bytes, path } = row.exec(line.text)?.groups ?? {};
  if (crc === undefined || bytes === undefined || path === undefined || Number(crc) > 0xffffffff)
    throw notUnderstood('cksum', 'not a sum, a size and a path', line);
  return { path, crc: Number(crc), bytes: Number(bytes) };
}

/** The sums of every regular file below an absolute path. Throws TypeError for another path: it comes from our own code. */
export function sumsBelow(path: string): Fact<readonly FileSum[]> {
  const args = [absolute(path), '-type', 'f', '-exec', '/usr/bin/cksum', '{}', ';'];
  return {
    command: nodeRead('/usr/bin/find', args, 'AIX 7.2 commands, find and cksum', { needsRoot: true }),
    reader: cksumReader,
  };
}

/** The sum of one file. Throws TypeError for a path that is not absolute. */
export function sumOf(path: string): Fact<readonly FileSum[]> {
  return {
    command: nodeRead('/usr/bin/cksum', [absolute(path)], 'AIX 7.2 commands, cksum', { needsRoot: true }),
    reader: cksumReader,
  };
}

function absolute(path: string): string {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return path;
}

/** A line as `cksum` prints it. */
export function sumLine({ crc, bytes, path }: FileSum): string {
  return `${crc} ${bytes} ${path}`;
}

const table = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** What `cksum` will print of a file with this text, which must be ASCII. Source: POSIX, cksum, its algorithm. */
export function sumOfText(path: string, text: string): FileSum {
  const bytes = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 127) throw new TypeError('only ASCII text is summed up here');
    return code;
  });
  const length: number[] = [];
  for (let rest = bytes.length; rest > 0; rest = Math.floor(rest / 256)) length.push(rest % 256);
  let crc = 0;
  // `>>> 24` leaves eight bits: every index is inside the table.
  for (const byte of [...bytes, ...length]) crc = ((crc << 8) ^ table[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;
  return { path, crc: ~crc >>> 0, bytes: bytes.length };
}
