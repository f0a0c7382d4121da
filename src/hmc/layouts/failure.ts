/**
 * How an HMC command says that it failed. It does so on stdout, with exit status 1 and nothing on stderr:
 *
 *     HSCL8012 The partition named zz-no-such-lpar was not found.  Please check your entry and retry the command.
 *     An invalid attribute was entered.  The invalid attribute is lpar_colour.  Please correct your entry and retry the command.
 *     /bin/bash: lspartitoin: command not found
 *
 * The text is in the language of the HMC, so a message that has a code is known by its code alone.
 * "No results were found." is no failure: it is an empty list, with exit status 0.
 * Source: captures of HMC V7R7.9.0 to V11R2 in public repositories; IBM Power Systems HMC commands.
 */
import type { Failure } from '../../core/fact.js';
import type { PrintedLine } from './printed.js';

/** The command's own failure, when the printed lines are one and nothing else; else null. */
export function hmcFailure(printedLines: readonly PrintedLine[]): Failure | null {
  const lines = otherPrompt.test(printedLines[0]?.text ?? '') ? printedLines.slice(1) : printedLines;
  const first = lines[0]?.text.trim() ?? '';
  if (lines.slice(1).some((line) => data.test(line.text))) return null;
  const message = sentence(lines);
  const coded = codedMessage.exec(first);
  if (coded !== null) return { code: coded[0], message };
  return codeless.some((form) => form.test(message)) ? { code: null, message } : null;
}

/** Tells the HMC's "there are none" from a row of data. */
export function isNoResults(lines: readonly PrintedLine[]): boolean {
  return lines.length === 1 && lines[0]?.text.trim() === 'No results were found.';
}

/** Tells a line that is no row of any list, wherever it stands: a message, a prompt, a remark of the terminal's. */
export function isForeignLine(text: string): boolean {
  const line = text.trim();
  return line === 'No results were found.' || foreign.some((form) => form.test(line));
}

/** A prompt line whose command is not the reader's own: messages are the same for every command. */
const otherPrompt = /^\s*[\w.-]+@[\w.-]+:\S*[>$#]\s*[a-z]/;

/** Rows of any list read here: a message with rows below it is not a failure alone. */
const data = /^\s*(?:<#\d|Active:<|"?[a-z0-9_]+=)|,[^\s,]*,[^\s,]|^\s*"|^No results were found[.]/;

const codedMessage = /^HSCL[0-9A-Z]{4}(?![0-9A-Za-z_])/;

const foreign: readonly RegExp[] = [
  codedMessage,
  /^[\w.-]+@[\w.-]+[:\s~]\S*\s*[>$#%]/,
  /^(?:-?|\/bin\/)?(?:r?ba|k)?sh: /,
  /^Connection to \S+ closed/,
  /^[^A-Za-z0-9"]*$/,
  /[\x00-\x08\x0b-\x1f\x7f]/,
];

const codeless: readonly RegExp[] = [
  /^(?:-?|\/bin\/)r?bash: (?:line \d+: )?\S+: command not found$/,
  /^(?:-?|\/bin\/)r?bash: (?:line \d+: )?\S+: restricted(?:: .*)?$/,
  /^An invalid attribute was entered\b/,
  /^The command entered is (?:either )?missing a required parameter\b/,
  // Every message of the HMC commands about their own parameters ends so.
  /^[A-Z][^,=]*[.] .*(?:check|correct) your entry and retry the command[.]$/s,
];

/** Joins what a terminal wrapped; a line behind a finished sentence stays a line of its own. */
function sentence(lines: readonly PrintedLine[]): string {
  const texts = lines.map((line) => line.text);
  if (texts.length === 0) return '';
  // Each line is looked at by itself: output may be megabytes of anything.
  const ends = texts.map((text) => /[.!?:。]$/.test(text.trimEnd()));
  return texts
    .map((text, at) => (ends[at] === true ? `${text}\n` : text))
    .join('')
    .trim();
}
