import type { Answer, Failure } from '../../core/fact.js';
import { notUnderstood, type Line } from './lines.js';

/**
 * A command's own failure on AIX: a message with its number, sometimes behind the program's name.
 *
 *     0513-085 The ctrmc Subsystem is not on file.
 *     /usr/sbin/rsct/bin/lsrsrc-api: 2612-022 A session could not be established with the RMC daemon on "local_node".
 *     cat: 0652-050 Cannot open /etc/ct_node_id.
 *
 * The number stays the same in every locale, the text does not.
 */
const numbered = /^(?:[\w./-]+:\s+)?(?<code>\d{4}-\d{3,4})[A-Z]?\s+\S/;

/** A prompt inside the output: more than one command was pasted. */
const prompt = /^(?:[\w.@:~/()[\]+-][\w.@:~/()[\]+ -]*)?[#$%>](?:\s*\S|$)/;

/** Is this line a message with a number? */
export function isMessage(text: string): boolean {
  return numbered.test(text);
}

/**
 * The failure that an output is, or null if it does not begin with one. All of its lines are the message;
 * `isData` tells the rows of a real answer, which cannot follow a failure.
 */
export function failureIn(
  command: string,
  lines: readonly Line[],
  isData: (text: string) => boolean,
  sentences: RegExp | null = null,
): Failure | null {
  const [first, ...rest] = lines;
  if (first === undefined) return null;
  const code = numbered.exec(first.text)?.groups?.code ?? null;
  if (code === null && sentences?.test(first.text) !== true) return null;
  const alien = rest.find((line) => prompt.test(line.text) || isData(line.text));
  if (alien !== undefined)
    throw notUnderstood(command, 'this does not belong to the message above it', alien);
  return { code, message: lines.map((line) => line.text).join('\n') };
}

/** Wraps facts as an answer. */
export function answer<T>(facts: T): Answer<T> {
  return { kind: 'facts', facts };
}

/** Wraps a failure as an answer. */
export function failed<T>(failure: Failure): Answer<T> {
  return { kind: 'failure', failure };
}
