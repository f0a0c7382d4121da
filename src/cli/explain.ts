import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { aixReaders } from '../aix/index.js';
import { certificateReaders } from '../certificates/index.js';
import { didYouMean } from '../core/did-you-mean.js';
import { ParseError, UsageError } from '../core/errors.js';
import type { Answer, Reader } from '../core/fact.js';
import { stripPrompt } from '../core/prompt.js';
import { hmcReaders } from '../hmc/index.js';
import { decode } from '../ssh/decode.js';
import { exitStatuses, groups, jsonOption } from './options.js';
import { jsonText, plain } from './terminal.js';

const readers: readonly Reader<unknown>[] = [...aixReaders, ...certificateReaders, ...hmcReaders];

const ids = readers.map((reader) => reader.id).sort();

/** Readers of lists, whose output may lack the names of its columns. */
const listReaders = ['lssyscfg-lpar', 'lssyscfg-sys', 'lssysconn'];

/** None of these commands prints as much; a wrong file should be told at once, not after minutes. */
const mostMebibytes = 8;

interface Options {
  readonly fields?: string;
  readonly json?: boolean;
}

/** `aixops explain`: reads captured output offline. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .helpGroup(groups.look)
    .summary('read captured output of an AIX or HMC command, offline')
    .description(
      'Reads captured output of an AIX or HMC command, offline, and says what it holds. It connects to nothing. ' +
        'A prompt line pasted along with the output does no harm.',
    )
    .argument('<remote-command>', `what printed it: ${ids.join(', ')}`)
    .argument('[file]', 'the captured output; standard input when left out or "-"')
    .option(
      '--fields <names>',
      `names of the columns, a,b,c: for -F output without a header line (${listReaders.join(', ')})`,
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      exitStatuses({
        0: 'understood',
        1: 'understood as a failure of the command itself',
        3: 'not understood',
        64: 'the call makes no sense',
      }),
    )
    .addHelpText('after', '\nExample:\n  ssh lpar1 lssrc -a | aixops explain lssrc')
    .action(async (id: string, file: string | undefined, options: Options) => {
      const reader = findReader(id);
      const fields = fieldsOf(reader, options.fields);
      const explained = explain(reader, await read(file), fields);
      process.exitCode = statusOf(explained);
      print(explained, options.json === true);
    });
}

type Explained =
  | { readonly command: string; readonly facts: unknown }
  | { readonly command: string; readonly failure: { code: string | null; message: string } }
  | { readonly command: string; readonly error: { class: string; line: string; message: string } };

function explain(reader: Reader<unknown>, captured: string, fields: readonly string[] | null): Explained {
  try {
    if (captured.length > mostMebibytes * 1024 * 1024)
      throw new ParseError(reader.id, `more than ${mostMebibytes} MiB are no output of this command`, '', 1);
    // An HMC reader learns column names from the prompt line, and knows where a terminal broke it.
    const text = hmcReaders.includes(reader) ? captured : stripPrompt(captured, reader.programs);
    const answer: Answer<unknown> = reader.read(text, fields === null ? {} : { fields });
    if (answer.kind === 'facts') return { command: reader.id, facts: answer.facts };
    return { command: reader.id, failure: { code: answer.failure.code, message: answer.failure.message } };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { command: reader.id, error: { class: error.class, line: error.line, message: error.message } };
  }
}

function statusOf(explained: Explained): number {
  if ('facts' in explained) return 0;
  return 'failure' in explained ? 1 : 3;
}

function print(explained: Explained, json: boolean): void {
  const { stdout, stderr } = process;
  if (json) {
    stdout.write(jsonText(explained));
  } else if ('facts' in explained) {
    stdout.write(jsonText(explained.facts));
  } else if ('failure' in explained) {
    const { code, message } = explained.failure;
    const head = `${explained.command} itself failed${code === null ? '' : ` with ${code}`}, it printed no facts:`;
    stdout.write(`${head}\n${plain(message)}\n`);
  } else {
    stderr.write(
      `aixops: not understood, so nothing is concluded from it. ${shortened(explained.error.message)}\n`,
    );
  }
}

/** One screen of it: a line of a binary file has no end. */
function shortened(message: string): string {
  return plain(message.length > 600 ? `${message.slice(0, 400)} … ${message.slice(-100)}` : message);
}

function findReader(id: string): Reader<unknown> {
  const reader = readers.find((one) => one.id === id);
  if (reader !== undefined) return reader;
  const near = didYouMean(id, ids);
  const known = `Known: ${ids.join(', ')}.`;
  throw new UsageError(
    `Unknown remote command "${id}".${near === null ? '' : ` Did you mean ${near}?`}`,
    known,
  );
}

function fieldsOf(reader: Reader<unknown>, list: string | undefined): readonly string[] | null {
  if (list === undefined) return null;
  if (!listReaders.includes(reader.id))
    throw new UsageError(`--fields is for ${listReaders.join(', ')}; ${reader.id} has no columns to name.`);
  const fields = list.split(',').map((name) => name.trim());
  if (fields.includes('') || new Set(fields).size < fields.length)
    throw new UsageError(`--fields "${list}" must name each column once, as in name,lpar_id,state.`);
  return fields;
}

async function read(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') {
    if (process.stdin.isTTY)
      process.stderr.write('Paste the output, then press Ctrl-D on a line of its own.\n');
    return decode(await buffer(process.stdin));
  }
  try {
    return decode(await readFile(file));
  } catch (error) {
    throw new UsageError(`Reading ${file} failed: ${fileWords(error)}`);
  }
}

const wordsOf: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file.',
  EISDIR: 'it is a folder.',
  EACCES: 'this user may not read it.',
};

function fileWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return wordsOf[code] ?? String(error);
}
