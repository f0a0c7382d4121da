/**
 * The line that a person copies along with the output: prompt and command.
 *
 *     # lsrsrc IBM.MCP
 *     hscroot@hmc01:~> lspartition -i
 *     paydbn1:/#lsrpdomain
 *     [root@kakuna]:/# /usr/bin/lssrc -a
 *     hotsm001tms /usr/bin # lsrsrc "IBM.MCP"
 *     $ lssrc -a | grep rsct
 *
 * Recognised by both halves: something that ends in a prompt character, and right behind it one of the
 * programs that the reader knows. A line of data has no second half and is never taken for a prompt.
 */

/** What may stand before the prompt character: user, host, folder, brackets. Quotes, `=` and the like may not. */
const before = String.raw`[ \t]*(?:[\w.@:~/()\[\]+-][\w.@:~/()\[\]+ -]{0,100})?`;

/** What people put before the program itself. */
const prefixes = String.raw`(?:sudo +(?:-n +)?)?(?:(?:LANG|LC_ALL)=\S+ +)*`;

/**
 * Empties the pasted prompt line at the top of captured output, if there is one; everything else stays as it is.
 * The line itself stays as an empty one, so that line numbers in errors are those of what was pasted.
 */
export function stripPrompt(text: string, programs: readonly string[]): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const line = lines[first];
  if (line === undefined || !isPrompt(line, programs)) return text;
  lines[first] = '';
  return lines.join('\n');
}

function isPrompt(line: string, programs: readonly string[]): boolean {
  const words = programs.map((program) => program.replaceAll(/[^\w-]/g, String.raw`\$&`)).join('|');
  if (words === '') return false;
  return new RegExp(String.raw`^${before}[#$>%][ \t]*${prefixes}(?:/[\w./-]*/)?(?:${words})(?:\s|$)`).test(
    line,
  );
}
