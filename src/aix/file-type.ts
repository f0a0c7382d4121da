/**
 * `file PATH`: what kind of file it is, by its first bytes.
 *
 *     /usr/local/sbin/new-certificates: shell script  - ksh (Korn shell)
 *
 * The words are kept as printed and not judged. `cannot open` stands in the same place for a file that is not there.
 * Printing nothing is no answer. Source: AIX 7.2 commands, file.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface FileType {
  readonly path: string;
  readonly words: string;
}

const row = /^(?<path>\/[^:]+):\s+(?<words>\S.*)$/;

/** Reads the one line. */
export const fileTypeReader: Reader<FileType> = { id: 'file-type', programs: ['file'], read };

function read(text: string): Answer<FileType> {
  const lines = linesOf(text);
  const failure = failureIn('file-type', lines, (line) => row.test(line));
  if (failure !== null) return failed(failure);
  const line = onlyLine('file-type', lines, (one) => row.test(one));
  const { path, words } = row.exec(line.text)?.groups ?? {};
  if (path === undefined || words === undefined)
    throw notUnderstood('file-type', 'not a path and a kind', line);
  if (/^cannot open\b|^0652-/.test(words)) return failed({ code: null, message: line.text });
  return answer({ path, words: words.replace(/\s+/g, ' ') });
}

/** What is at an absolute path. Throws TypeError for another path: it comes from our own code. */
export function fileType(path: string): Fact<FileType> {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return {
    command: nodeRead('/usr/bin/file', [path], 'AIX 7.2 commands, file', { needsRoot: true }),
    reader: fileTypeReader,
  };
}
