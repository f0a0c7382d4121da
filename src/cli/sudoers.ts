import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { hmcRoleText } from '../runbooks/privileges/hmc-role.js';
import { sudoersText } from '../runbooks/privileges/sudoers.js';
import { settingsOrThrow } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';
import { plain } from './terminal.js';

interface Options {
  readonly user: string;
  readonly hmc?: boolean;
  readonly config?: string;
}

/** `aixops sudoers`: the least that a login needs on nodes and HMCs. */
export function registerSudoers(program: Command): void {
  program
    .command('sudoers')
    .helpGroup(groups.setUp)
    .summary('print the least that a login needs on nodes, or on HMCs')
    .description(
      'Prints the sudoers list for nodes with "become: sudo", made from what the diagnostics and fixes run. With --config it ' +
        'also has what the inventory declares: files with certificates, and clusters. With --hmc it prints the commands that ' +
        'make a task role and a login on an HMC instead.',
    )
    .option('--user <name>', 'the login name', 'aixops')
    .option('--hmc', 'print the HMC commands instead')
    .addOption(configOption())
    .addHelpText('after', exitStatuses({ 0: 'printed', 64: 'the settings or the call make no sense' }))
    .action((options: Options) => {
      process.stdout.write(plain(made(options)));
    });
}

function made({ user, hmc, config }: Options): string {
  // It stands in a file that decides who is root.
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,31}$/.test(user))
    throw new UsageError(`--user "${user}" is no login name: letters, digits, "_" and "-", at most 32.`);
  if (hmc === true && config !== undefined)
    throw new UsageError('--config is for the list of nodes; what is run on an HMC is the same everywhere.');
  if (hmc === true) return hmcRoleText(user);
  if (config === undefined) return sudoersText(user, null);
  const { nodes, clusters } = settingsOrThrow(config, false).inventory;
  const withSudo = [...nodes.values()].filter(({ endpoint }) => endpoint.become === 'sudo');
  const names = new Set(withSudo.map(({ name }) => name));
  return sudoersText(user, {
    nodes: withSudo,
    clusters: [...clusters.values()].filter((one) => one.nodes.some(({ name }) => names.has(name))),
  });
}
