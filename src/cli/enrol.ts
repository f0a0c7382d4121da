import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { RefusedError, UsageError } from '../core/errors.js';
import { didYouMean } from '../core/did-you-mean.js';
import type { Endpoint } from '../core/target.js';
import type { Inventory } from '../inventory/inventory.js';
import { pinHostKey } from '../ssh/enrol.js';
import { fetchHostKeys } from '../ssh/ssh2.js';
import { settingsOrThrow } from './context.js';
import { plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly fingerprint?: string;
  readonly replace?: boolean;
}

/** `aixops enrol`: fetches, shows and, on confirmation, pins a host key. */
export function registerEnrol(program: Command): void {
  program
    .command('enrol')
    .description(
      'Fetches the host keys of a node or an HMC, shows their fingerprints and pins one on confirmation.',
    )
    .argument('<target>', 'name of a node or an HMC in the inventory')
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .option('--fingerprint <SHA256:…>', 'pin the key with this fingerprint without asking')
    .option('--replace', 'take out other keys of the same type that are pinned for this host')
    .addHelpText(
      'after',
      '\nCompare the fingerprint by another way first: on the node, ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub.',
    )
    .action(async (name: string, options: Options) => {
      const { config, inventory } = settingsOrThrow(options.config, false);
      const endpoint = endpointOf(inventory, name);
      const keys = await fetchHostKeys(
        endpoint,
        config.ssh.connectTimeoutSeconds * 1_000,
        config.agentSocket,
      );
      process.stdout.write(`${name} (${endpoint.host}:${endpoint.port}) presents:\n`);
      for (const key of keys) process.stdout.write(`  ${plain(key.type)} ${key.fingerprint}\n`);
      const chosen =
        options.fingerprint === undefined
          ? await ask(keys)
          : keys.find((key) => key.fingerprint === options.fingerprint);
      if (chosen === undefined)
        throw new RefusedError('No key was chosen. Nothing was pinned.', 'not-confirmed');
      const { host, port, knownHosts } = endpoint;
      const pin = { knownHosts, host, port, line: chosen.knownHostsLine, replace: options.replace === true };
      const done = await pinHostKey(pin);
      const words = {
        added: 'Pinned',
        replaced: 'Pinned, in place of another key,',
        'already-pinned': 'It was pinned already',
      };
      process.stdout.write(`${words[done]} in ${knownHosts}: ${chosen.fingerprint}\n`);
    });
}

function endpointOf(inventory: Inventory, name: string): Endpoint {
  const target = inventory.nodes.get(name) ?? inventory.hmcs.get(name);
  if (target !== undefined) return target.endpoint;
  const near = didYouMean(name, [...inventory.nodes.keys(), ...inventory.hmcs.keys()]);
  throw new UsageError(`Unknown target "${name}".${near === null ? '' : ` Did you mean ${near}?`}`);
}

type Key = Awaited<ReturnType<typeof fetchHostKeys>>[number];

/** Asks for the beginning of the fingerprint: a plain "y" would be typed without looking. */
async function ask(keys: readonly Key[]): Promise<Key | undefined> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      'There is no terminal to ask on. Give --fingerprint with the fingerprint that you have checked.',
    );
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const typed = await lines.question(
      'Type the first eight characters after "SHA256:" of the key that you have checked: ',
    );
    return keys.find(
      (key) => typed.trim().length >= 8 && key.fingerprint.startsWith(`SHA256:${typed.trim()}`),
    );
  } finally {
    lines.close();
  }
}
