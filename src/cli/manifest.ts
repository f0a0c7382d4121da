import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { manifest } from '../slack/manifest.js';

interface Options {
  readonly mode: string;
  readonly url?: string;
}

/** `aixops manifest`: the Slack app manifest, made from the commands. */
export function registerManifest(program: Command): void {
  program
    .command('manifest')
    .description(
      'Prints the Slack app manifest: paste it at api.slack.com/apps under "Create New App, from a manifest".',
    )
    .option('--mode <socket|http>', 'how Slack reaches the bot', 'socket')
    .option('--url <https://…>', 'where Slack reaches the bot, for --mode http')
    .action((options: Options) => {
      process.stdout.write(`${JSON.stringify(made(options), null, 2)}\n`);
    });
}

function made({ mode, url }: Options): unknown {
  if (mode === 'socket') return manifest({ mode });
  if (mode !== 'http') throw new UsageError(`There is no mode "${mode}": it is socket or http.`);
  if (url === undefined)
    throw new UsageError('--mode http needs --url with the address at which Slack reaches the bot.');
  return manifest({ mode, url });
}
