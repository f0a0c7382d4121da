/** Every command line of the manual's `sh` blocks: what it is, and by what it is tried. */
import { blocksIn, type Block } from './pages.js';

/**
 * How a line is tried. `run`: here, in the simulated estate. `elsewhere`: by a file of this project. `npm`: by a script of
 * package.json. `needs`: it cannot be tried without something that no test has. `wrong`: nothing says how it is tried.
 */
export type Trial =
  | { readonly kind: 'run' }
  | { readonly kind: 'elsewhere'; readonly file: string }
  | { readonly kind: 'npm'; readonly scripts: readonly string[] }
  | { readonly kind: 'needs'; readonly what: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** One line; `where` is `docs/audit.md:12`. */
export interface CommandLine {
  readonly where: string;
  /** Without the comment at its end and without `npx`. */
  readonly text: string;
  readonly trial: Trial;
}

/** What a line may need that no test can give it, as it is written behind `# needs `. */
const needs = [
  'a real estate',
  'a Slack workspace',
  'Kubernetes',
  'systemd',
  'a container engine',
  'root',
  'a registry',
];

/** Programs that may be run here besides `aixops`: they only read, or write into the folder in which they are run. */
const harmless = ['aixops', 'cat', 'diff', 'grep', 'ls', 'openssl', 'head', 'jq', 'printf', 'mkdir', 'chmod'];

/** Every command line, page by page. */
export const commandLines: readonly CommandLine[] = blocksIn('sh').flatMap(linesOf);

function linesOf(block: Block): readonly CommandLine[] {
  const whole = markIn((block.lines.find((line) => line.trim() !== '') ?? '').trim());
  const where = (at: number) => `${block.page}:${block.line + at}`;
  if (whole !== null) return [{ where: where(0), text: block.lines.join('\n'), trial: whole }];
  return joined(block.lines).flatMap(({ text, at }) => {
    const [command, comment] = split(text);
    if (command === '' || command.startsWith('export ')) return [];
    const plain = command.replace(/^npx (?=aixops )/, '');
    return [{ where: where(at), text: plain, trial: markIn(comment) ?? trialOf(plain) }];
  });
}

/** Lines with those that a backslash continues. */
function joined(lines: readonly string[]): readonly { readonly text: string; readonly at: number }[] {
  const found: { text: string; at: number }[] = [];
  for (const [at, line] of lines.entries()) {
    const last = found.at(-1);
    if (last?.text.endsWith('\\') === true) last.text = `${last.text.slice(0, -1)}${line.trimStart()}`;
    else found.push({ text: line, at });
  }
  return found;
}

/** A command and the comment behind it. A `#` begins one at the start or behind a blank, outside of quotes. */
function split(line: string): readonly [command: string, comment: string] {
  const at = withoutQuotes(line).search(/(?:^|\s)#/);
  return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at).trim()];
}

/** What stands in quotes means nothing to the shell; its length stays. */
function withoutQuotes(line: string): string {
  return line.replace(/'[^']*'|"[^"]*"/g, (text) => '_'.repeat(text.length));
}

function markIn(comment: string): Trial | null {
  const elsewhere = /# tried in (?<file>[\w./-]+[\w])/.exec(comment)?.groups?.['file'];
  if (elsewhere !== undefined) return { kind: 'elsewhere', file: elsewhere };
  const what = /# needs (?<what>.+)$/.exec(comment)?.groups?.['what'];
  if (what === undefined) return null;
  const known = needs.find((one) => what.startsWith(one));
  return known === undefined
    ? { kind: 'wrong', why: `"needs ${what}" is none of: ${needs.join(', ')}` }
    : { kind: 'needs', what: known };
}

function trialOf(command: string): Trial {
  const parts = withoutQuotes(command).split(/\s*(?:&&|\|\||;|\|)\s*/);
  if (parts.every((part) => /^(?:npm|npx vitest)\b/.test(part)))
    return { kind: 'npm', scripts: parts.map(scriptOf) };
  const strange = parts.map((part) => part.split(/\s/)[0] ?? '').filter((word) => !harmless.includes(word));
  if (strange.length === 0) return { kind: 'run' };
  return { kind: 'wrong', why: `nobody tries ${strange.join(', ')} (docs/CONTRIBUTING.md, "Pages")` };
}

/** `npm run manual` → manual; `npm ci` → ci; `npx vitest run …` → vitest. */
function scriptOf(command: string): string {
  const [program, verb = '', name = ''] = command.split(/\s+/);
  if (program === 'npx') return 'vitest';
  return verb === 'run' ? name : verb;
}
