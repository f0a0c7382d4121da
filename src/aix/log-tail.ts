/**
 * `tail -100 /var/hacmp/clcomd/clcomd.log`, `errpt`: lines that are shown and not taken apart.
 *
 *     Tue Nov  3 11:07:15 2026: (what clcomd writes here has no public description)
 *
 * No public capture of clcomd's log was found, so its lines mean nothing to this program. An empty log prints nothing,
 * which is an answer; `tail` says with a message that there is no such file.
 * Source: AIX 7.2 commands, tail and errpt. The path of the log is field knowledge (`odmget HACMPlogs` has it).
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { answer, failed } from './layouts/messages.js';

export interface LogTail {
  /** As printed, blank lines too. */
  readonly lines: readonly string[];
}

/** tail's own words stand alone in the first line and begin with its name. */
const refusal =
  /^(?:\/usr\/bin\/)?(?:tail|cat|errpt): (?:(?<code>\d{4}-\d{3,4}) )?.*(?:cannot open|no such file|does not exist|permission)/i;
const missing = /cannot open|no such file|does not exist/i;

/** Keeps the lines. */
export const logTailReader: Reader<LogTail> = { id: 'log-tail', programs: ['tail', 'errpt'], read };

function read(text: string): Answer<LogTail> {
  const [first = '', ...others] = text.split('\n');
  const refused = refusal.exec(first);
  if (refused !== null && others.every((line) => line === ''))
    return failed({ code: refused.groups?.code ?? null, message: first });
  return answer({ lines: text === '' ? [] : text.replace(/\n$/, '').split('\n') });
}

/** The last lines of a log. Throws TypeError for another path than an absolute one: it comes from our own code. */
export function logTail(path: string, lines: number): Fact<LogTail> {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return {
    command: nodeRead('/usr/bin/tail', [`-${lines}`, path], 'AIX 7.2 commands, tail', { needsRoot: true }),
    reader: logTailReader,
  };
}

/** The whole of a small file that is only shown. */
export function printedFile(path: string): Fact<LogTail> {
  if (!/^\/[\w./-]+$/.test(path)) throw new TypeError(`not an absolute path: ${path}`);
  return { command: nodeRead('/usr/bin/cat', [path], 'AIX 7.2 commands, cat'), reader: logTailReader };
}

/** The error log, newest first. */
export const errorLog: Fact<LogTail> = {
  command: nodeRead('/usr/bin/errpt', [], 'AIX 7.2 commands, errpt', { maxBytes: 1024 * 1024 }),
  reader: logTailReader,
};

/** Is this the message that there is no such file? */
export function saysNoLog(failure: Failure): boolean {
  return missing.test(failure.message);
}
