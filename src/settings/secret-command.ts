import { spawnSync } from 'node:child_process';
import type { Environment } from './secrets.js';

/** What a command printed on its first line, or why there is nothing; the sentence never has anything that it printed. */
export type Printed =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'failed'; readonly why: string };

const timeoutMs = 20_000;
const mostBytes = 64 * 1024;

/** What such a program needs to find its own settings and its agent, and nothing else of our environment. */
const passed =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|SSL_CERT_(?:FILE|DIR)|(?:VAULT|BAO|PASSWORD_STORE|GNUPG|GPG|OP|BW|AWS|AZURE|CLOUDSDK|IBMCLOUD|CONJUR)[A-Z0-9_]*)$/;

/**
 * Runs a command that prints a secret, such as `vault kv get -field=token secret/aixops` or `pass show aixops/token`,
 * without a shell, and takes the first line of its output. What it prints on stderr is thrown away: it may quote the secret.
 */
export function printedBy(command: string, env: Environment): Printed {
  const words = wordsOf(command);
  if (words === null) return failed('a quote in it is not closed');
  const [program = '', ...args] = words;
  if (program === '') return failed('it is empty');
  const done = spawnSync(program, args, {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => passed.test(name))),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostBytes,
    windowsHide: true,
  });
  if (done.error !== undefined) return failed(whyNot(program, done.error));
  if (done.status !== 0) return failed(`${program} ended with status ${done.status ?? done.signal ?? '?'}`);
  const line = (done.stdout.split('\n', 1)[0] ?? '').trim();
  return line === '' ? failed(`${program} printed nothing on its first line`) : { kind: 'line', line };
}

function failed(why: string): Printed {
  return { kind: 'failed', why };
}

function whyNot(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `${program} was not found`;
  if (error.code === 'EACCES') return `${program} may not be run`;
  if (error.code === 'ETIMEDOUT') return `${program} did not end within ${timeoutMs / 1000} s`;
  if (error.code === 'ENOBUFS') return `${program} printed more than ${mostBytes / 1024} KiB`;
  return `${program} could not be run (${error.code ?? 'unknown'})`;
}

/**
 * Splits a command into words at blanks; quotes keep blanks together, and a backslash in front of a blank, a quote or
 * itself does too. Nothing else means anything: there are no variables, pipes or substitutions. null for an open quote.
 */
export function wordsOf(command: string): readonly string[] | null {
  const word = /(?:[^\s"'\\]|\\[\s"'\\]|\\|"(?:[^"\\]|\\["\\]|\\)*"|'[^']*')+|["']/g;
  const words: string[] = [];
  for (const [found] of command.matchAll(word)) {
    if (found === '"' || found === "'") return null;
    words.push(unquoted(found));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /"(?<double>(?:[^"\\]|\\["\\]|\\)*)"|'(?<single>[^']*)'|\\(?<sign>[\s"'\\])/g,
    (_all, double?: string, single?: string, sign?: string) =>
      double?.replace(/\\(?=["\\])/g, '') ?? single ?? sign ?? '',
  );
}
