import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { aixReaders } from '../aix/index.js';
import { didYouMean } from '../core/did-you-mean.js';
import { ParseError, UsageError } from '../core/errors.js';
import type { Answer, Reader } from '../core/fact.js';
import { stripPrompt } from '../core/prompt.js';
import { hmcReaders } from '../hmc/index.js';
import { decode } from '../ssh/decode.js';
import { plain } from './terminal.js';

const readers: readonly Reader<unknown>[] = [...aixReaders, ...hmcReaders];

interface Options {
  readonly fields?: string;
  readonly json?: boolean;
}

/** `aixops explain`: reads captured output offline. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('Reads captured output of an AIX or HMC command, offline, and says what it holds.')
    .argument(
      '<remote-command>',
      `what printed it: ${readers
        .map((reader) => reader.id)
        .sort()
        .join(', ')}`,
    )
    .argument('[file]', 'the captured output; standard input when left out or "-"')
    .option('--fields <a,b,…>', 'names of the columns, for `-F` output without a header line')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      "\nExit status: 0 understood, 1 understood as the command's own failure, 3 not understood.",
    )
    .action(async (id: string, file: string | undefined, options: Options) => {
      const reader = findReader(id);
      const captured = await read(file);
      process.exitCode = print(explain(reader, captured, options), options.json === true);
    });
}

type Explained =
  | { readonly command: string; readonly facts: unknown }
  | { readonly command: string; readonly failure: { code: string | null; message: string } }
  | { readonly command: string; readonly error: { class: string; line: string; message: string } };

function explain(reader: Reader<unknown>, captured: string, options: Options): Explained {
  const fields = options.fields?.split(',').map((name) => name.trim());
  try {
    // An HMC reader learns column names from the prompt line, and knows where a terminal broke it.
    const text = hmcReaders.includes(reader) ? captured : stripPrompt(captured, reader.programs);
    const answer: Answer<unknown> = reader.read(text, fields === undefined ? {} : { fields });
    if (answer.kind === 'facts') return { command: reader.id, facts: answer.facts };
    return { command: reader.id, failure: { code: answer.failure.code, message: answer.failure.message } };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { command: reader.id, error: { class: error.class, line: error.line, message: error.message } };
  }
}

function print(explained: Explained, json: boolean): number {
  const { stdout, stderr } = process;
  if (json) stdout.write(`${JSON.stringify(explained, null, 2)}\n`);
  if ('facts' in explained) {
    if (!json) stdout.write(`${plain(JSON.stringify(explained.facts, null, 2))}\n`);
    return 0;
  }
  if ('failure' in explained) {
    const { code, message } = explained.failure;
    if (!json)
      stdout.write(`The command itself failed${code === null ? '' : ` with ${code}`}: ${plain(message)}\n`);
    return 1;
  }
  if (!json) stderr.write(`Not understood. ${plain(explained.error.message)}\n`);
  return 3;
}

function findReader(id: string): Reader<unknown> {
  const reader = readers.find((one) => one.id === id);
  if (reader !== undefined) return reader;
  const near = didYouMean(
    id,
    readers.map((one) => one.id),
  );
  throw new UsageError(
    `There is no reader for "${id}".${near === null ? '' : ` Did you mean ${near}?`}`,
    `Known: ${readers
      .map((one) => one.id)
      .sort()
      .join(', ')}`,
  );
}

async function read(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return decode(await buffer(process.stdin));
  try {
    return decode(await readFile(file));
  } catch (error) {
    throw new UsageError(`Reading ${file} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
