import type { Failure } from '../../core/fact.js';
import { notUnderstood, type Line } from './lines.js';

/**
 * GSKit's own failure: its number stays the same in every language, the text does not.
 *
 *     CTGSK3029W The database does not contain a certificate with label "web".
 *
 * All of its lines are the message; `isData` tells the lines of a real answer, which cannot follow a failure.
 * Null for an output that does not begin with one. Source: IBM GSKCapiCmd User's Guide, GSKit 8.
 */
export function gskitFailure(
  command: string,
  lines: readonly Line[],
  isData: (text: string) => boolean,
): Failure | null {
  const code = /^(?<code>CTGSK\d{4}[A-Z]|GSKKM_\w+|GSK_\w+)\b/.exec(lines[0]?.text ?? '')?.groups?.['code'];
  if (code === undefined) return null;
  const alien = lines.slice(1).find(({ text }) => isData(text));
  if (alien !== undefined)
    throw notUnderstood(command, 'this does not belong to the message above it', alien);
  return { code, message: lines.map(({ text }) => text).join('\n') };
}
