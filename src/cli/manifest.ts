import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { manifest, type Manifest, type ManifestOptions } from '../slack/manifest.js';
import { manifestDifferences } from '../slack/manifest-difference.js';
import { manifestExplained } from '../slack/manifest-words.js';
import { exitStatuses, groups } from './options.js';
import { jsonText, plain } from './terminal.js';

interface Options {
  readonly mode: 'socket' | 'http';
  readonly url?: string;
  readonly name?: string;
  readonly mentionsOnly?: boolean;
  readonly explain?: boolean;
  readonly compare?: string;
}

/** `aixops manifest`: the Slack app manifest, made from the commands. */
export function registerManifest(program: Command): void {
  program
    .command('manifest')
    .helpGroup(groups.setUp)
    .summary('print the Slack app manifest')
    .description(
      'Prints the Slack app manifest. At https://api.slack.com/apps choose "Create New App", "From a manifest", paste it, ' +
        'and install the app.',
    )
    .addOption(
      new Option('--mode <mode>', 'socket: the bot calls Slack; http: Slack calls the bot at --url')
        .choices(['socket', 'http'])
        .default('socket'),
    )
    .option('--url <https://…>', 'with --mode http: the address at which Slack reaches the bot')
    .option('--name <name>', 'what the app is called, for a second one ("aixops staging")')
    .option('--mentions-only', 'without slash commands, for a second app in the same workspace')
    .option('--explain', 'print why each scope and event is asked for, in place of the manifest')
    .option('--compare <file>', 'compare with the JSON that the app\'s page "App Manifest" shows')
    .addHelpText(
      'after',
      exitStatuses({
        0: 'printed, or no difference',
        1: 'with --compare: a difference',
        64: 'the call makes no sense',
      }),
    )
    .action((options: Options) => {
      const { mode, mentionsOnly = false, compare } = options;
      if (options.explain === true) process.stdout.write(manifestExplained(mode, mentionsOnly));
      else if (compare === undefined) process.stdout.write(jsonText(made(options)));
      else printDifferences(manifestDifferences(made(options), jsonIn(compare)));
    });
}

function printDifferences(lines: readonly string[]): void {
  if (lines.length === 0) {
    process.stdout.write('The app has what this version needs.\n');
    return;
  }
  const next =
    'Paste what `aixops manifest` prints there in its place; after a new scope, install the app again.';
  process.stdout.write(`${[...lines.map(plain), next].join('\n')}\n`);
  process.exitCode = 1;
}

function jsonIn(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `"${file}" cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`"${file}" is no JSON: copy the page "App Manifest" as JSON, not as YAML.`);
  }
}

function made(options: Options): Manifest {
  const { name, mentionsOnly = false } = options;
  try {
    return manifest({ ...reached(options), mentionsOnly, ...(name === undefined ? {} : { name }) });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}

function reached({ mode, url }: Options): ManifestOptions {
  if (mode === 'socket') {
    if (url !== undefined)
      throw new UsageError('--url is for --mode http; over a socket Slack calls nobody.');
    return { mode };
  }
  if (url === undefined)
    throw new UsageError('--mode http needs --url, the https address at which Slack reaches the bot.');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new UsageError(`--url "${url}" must be an https address: Slack calls no other.`);
  return { mode, url };
}
