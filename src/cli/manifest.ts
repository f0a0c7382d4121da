import { Option, type Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { manifest } from '../slack/manifest.js';
import { groups } from './options.js';
import { jsonText } from './terminal.js';

interface Options {
  readonly mode: 'socket' | 'http';
  readonly url?: string;
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
    .action((options: Options) => {
      process.stdout.write(jsonText(made(options)));
    });
}

function made({ mode, url }: Options): unknown {
  if (mode === 'socket') {
    if (url !== undefined)
      throw new UsageError('--url is for --mode http; over a socket Slack calls nobody.');
    return manifest({ mode });
  }
  if (url === undefined)
    throw new UsageError('--mode http needs --url, the https address at which Slack reaches the bot.');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new UsageError(`--url "${url}" must be an https address: Slack calls no other.`);
  return manifest({ mode, url });
}
