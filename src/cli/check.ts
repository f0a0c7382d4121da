import type { Command } from 'commander';
import { declaresCertificates } from '../core/target.js';
import { plural } from '../slack/views/text.js';
import { checkKeys } from './check-keys.js';
import type { Row } from './check-online.js';
import { problemsText, readSettings, type Settings } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';
import { lookAtSecretFiles } from './secret-files.js';
import { paint, plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly offline?: boolean;
}

/** `aixops check`: every problem at once. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .helpGroup(groups.setUp)
    .summary('check settings, Redis, Slack, and the way to every node and HMC')
    .description(
      'Checks the settings, Redis, the Slack tokens, and whether every HMC and node is reached, shows its pinned host key ' +
        'and lets us in. Tells every problem at once, and changes nothing.',
    )
    .addOption(configOption())
    .option('--offline', 'look at the files only, and connect to nothing')
    .addHelpText(
      'after',
      exitStatuses({ 0: 'all is well', 1: 'there are problems', 64: 'the call makes no sense' }),
    )
    .action(async (options: Options) => {
      const settings = readSettings(options.config, false);
      const isOffline = options.offline === true;
      if (!('config' in settings)) {
        // Once more with the tokens, where they matter: that too is to be mended.
        const all = readSettings(options.config, !isOffline);
        process.exitCode = 1;
        process.stdout.write(`${plain(problemsText('config' in all ? settings : all))}\n`);
        return;
      }
      const rows = [
        files(settings),
        secrets(settings),
        digest(settings),
        ...(isOffline ? [await checkKeys(settings.inventory, null)] : await online(settings, options.config)),
      ];
      process.exitCode = rows.some((row) => row.problems.length > 0) ? 1 : 0;
      print(rows, isOffline);
    });
}

function files({ config, inventory }: Settings): Row {
  const { nodes, hmcs, systems } = inventory;
  const size = [plural(nodes.size, 'node'), plural(hmcs.size, 'HMC'), plural(systems.size, 'managed system')];
  return { area: 'files', what: `${config.folder}: ${size.join(', ')}`, problems: [] };
}

/** Private keys that others may use, which no login uses then, and secrets in files that others may read. */
function secrets(settings: Settings): Row {
  const { store, secretFiles } = settings.config;
  const sealed = store.key === null ? 'documents in Redis are not sealed' : 'documents in Redis are sealed';
  const from = secretFiles.length === 0 ? '' : `${plural(secretFiles.length, 'secret')} from files; `;
  return { area: 'secret', what: from + sealed, ...lookAtSecretFiles(settings) };
}

/** That there is no digest is no problem, but nobody should find it out by an expired certificate. */
function digest({ config, inventory }: Settings): Row {
  const { channels } = config.digest;
  const declared = [...inventory.nodes.values()].some(declaresCertificates);
  const none = 'aixops.yaml names no channel under digest, so no digest of certificates is posted by itself';
  const posted = channels.map(({ channel, time, zone, days }) => {
    const on = days.length === 7 ? 'every day' : days.join(', ');
    return `${channel} at ${time} ${zone}, ${on}`;
  });
  const nothing = channels.length > 0 && !declared;
  const problem =
    'A digest is to be posted, but inventory.yaml names no certificates: write which files to read.';
  return {
    area: 'digest',
    what: posted.length === 0 ? none : posted.join('; '),
    problems: nothing ? [problem] : [],
  };
}

/** Loaded here and not above: files need neither Redis nor Slack. */
async function online(settings: Settings, folder: string | undefined): Promise<Row[]> {
  const { checkOnline } = await import('./check-online.js');
  return checkOnline(settings, folder);
}

function print(rows: readonly Row[], isOffline: boolean): void {
  const colour = paint(process.stdout);
  for (const { area, what, problems, notes = [] } of rows) {
    const word = problems.length === 0 ? colour('green', 'ok     ') : colour('red', 'problem');
    const lines = [
      `${word}  ${area.padEnd(6)}  ${plain(what)}`,
      ...[...problems, ...notes].map((one) => `${' '.repeat(17)}${plain(one)}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  const count = rows.reduce((sum, row) => sum + row.problems.length, 0);
  const left = isOffline ? ' Nothing was connected to (--offline).' : '';
  const verdict = count === 0 ? 'All is well.' : `${plural(count, 'problem')} to mend.`;
  process.stdout.write(`\n${verdict}${left}\n`);
}
