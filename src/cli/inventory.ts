import type { Command } from 'commander';
import { didYouMean } from '../core/did-you-mean.js';
import { CommandError, UsageError } from '../core/errors.js';
import type { FactSet, Reading } from '../core/fact.js';
import type { HmcTarget } from '../core/target.js';
import { managedSystems, partitions, type HmcRow } from '../hmc/lssyscfg.js';
import { discoveredYaml, type DiscoveredSystem } from '../inventory/discovered.js';
import type { Inventory } from '../inventory/inventory.js';
import { ask } from '../run/ask.js';
import type { Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { sshOnly } from './context.js';
import { groups } from './options.js';

/** `aixops inventory discover`: what an HMC knows, as inventory YAML. */
export function registerInventory(program: Command): void {
  program
    .command('inventory')
    .helpGroup(groups.setUp)
    .description('Works on the inventory.')
    .command('discover')
    .description('Prints the LPARs and VIOS that an HMC knows, as inventory YAML. It only reads.')
    .argument('<hmc>', 'name of an HMC of the inventory')
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .action(async (name: string, options: { config?: string }) => {
      const { inventory, ssh } = sshOnly(options.config);
      try {
        const hmc = hmcNamed(name, inventory);
        const systems = await discover(hmc, ssh);
        process.stdout.write(discoveredYaml(hmc.name, systems, inventory));
        // What was not read is in the output as a comment; whoever pipes it away should know too.
        if (systems.some(({ lpars }) => 'unread' in lpars)) process.exitCode = 3;
      } finally {
        await ssh.close();
      }
    });
}

function hmcNamed(name: string, inventory: Inventory): HmcTarget {
  const hmc = inventory.hmcs.get(name.replace(/^hmc:/, ''));
  if (hmc !== undefined) return hmc;
  const near = didYouMean(name, [...inventory.hmcs.keys()]);
  const known = [...inventory.hmcs.keys()].join(', ') || 'none; add it under hmcs: first';
  throw new UsageError(
    `Unknown HMC "${name}".${near === null ? '' : ` Did you mean ${near}?`} Known: ${known}.`,
    near,
  );
}

async function discover(hmc: HmcTarget, ssh: Transport): Promise<readonly DiscoveredSystem[]> {
  const first = await ask(hmc, { systems: managedSystems }, ssh, undefined);
  const systems = rowsOf(first, 'systems');
  if ('unread' in systems)
    throw new CommandError(`The managed systems of ${hmc.name} were not read: ${systems.unread}`);
  const facts = Object.fromEntries(
    systems.map(({ name = '' }, at) => [`lpars${at}`, partitions(name)] as const),
  );
  const second: Reached<FactSet> = systems.length === 0 ? first : await ask(hmc, facts, ssh, undefined);
  return systems.map(({ name = '', state = '' }, at) => ({
    hmcName: name,
    state,
    lpars: rowsOf(second, `lpars${at}`),
  }));
}

function rowsOf(side: Reached<FactSet>, name: string): readonly HmcRow[] | { readonly unread: string } {
  if (!side.ok) return { unread: side.error.message };
  const reading = (side.facts as Readonly<Record<string, Reading<unknown>>>)[name];
  if (reading?.kind === 'value') return reading.value as readonly HmcRow[];
  if (reading === undefined) return { unread: 'it was not asked' };
  return { unread: reading.kind === 'unread' ? reading.error.message : reading.failure.message };
}
