import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { RefusedError, UsageError } from '../core/errors.js';
import { didYouMean } from '../core/did-you-mean.js';
import type { Endpoint } from '../core/target.js';
import { everyHost } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import { pinHostKey } from '../ssh/enrol.js';
import { fingerprint, matchesHost, parseKnownHosts } from '../ssh/known-hosts.js';
import { fetchHostKeys } from '../ssh/fetch-host-keys.js';
import { settingsOrThrow, type Settings } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';
import { refuseUnlessAllowed } from './permission.js';
import { interruptible, plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly fingerprint?: string;
  readonly replace?: boolean;
}

/** `aixops enrol`: fetches, shows and, on confirmation, pins a host key. */
export function registerEnrol(program: Command): void {
  program
    .command('enrol')
    .helpGroup(groups.setUp)
    .summary('show the host keys of a node or an HMC, and pin one')
    .description(
      'Fetches the host keys of a node or an HMC without logging in, shows their fingerprints, and pins the one that you ' +
        'confirm by typing the beginning of its fingerprint.',
    )
    .argument('<target>', 'name of a node, an HMC or a jump host in the inventory')
    .addOption(configOption())
    .option('--fingerprint <SHA256:…>', 'pin the key with this fingerprint, without asking')
    .option('--replace', 'in place of the key of the same type that is pinned now')
    .addHelpText('after', '\nCompare the fingerprint by another way first. On the node, from its console:')
    .addHelpText('after', '  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    .addHelpText(
      'after',
      exitStatuses({
        0: 'the key is pinned',
        3: 'nothing was pinned',
        64: 'the call makes no sense, or the settings are in disorder',
      }),
    )
    .action(async (name: string, options: Options) => {
      const settings = settingsOrThrow(options.config, false);
      const endpoint = endpointOf(settings.inventory, name);
      refuseUnlessAllowed(settings, { action: 'enrol', targets: [name] });
      const sentence = 'Stopped. Nothing was pinned.';
      await interruptible(
        sentence,
        () => Promise.resolve(),
        () => enrol(endpoint, settings, options),
      );
    });
}

async function enrol(endpoint: Endpoint, { config }: Settings, options: Options): Promise<void> {
  const { host, port, knownHosts } = endpoint;
  const timeoutMs = config.ssh.connectTimeoutSeconds * 1_000;
  const { agentSocket } = config;
  const keys = await fetchHostKeys(endpoint, { timeoutMs, agentSocket, storedKeys: null });
  const offers = await compared(endpoint, keys);
  process.stdout.write(`${endpoint.name} (${host}:${port}) presents:\n`);
  for (const { key, pinned } of offers)
    process.stdout.write(`  ${plain(key.type)} ${key.fingerprint}  ${pinnedWords(key, pinned)}\n`);
  const chosen = await choose(endpoint, offers, options);
  const other = chosen.pinned.filter((one) => one !== chosen.key.fingerprint);
  if (other.length > 0 && options.replace !== true) throw changed(endpoint, chosen);
  const line = chosen.key.knownHostsLine;
  const done = await pinHostKey({ knownHosts, host, port, line, replace: options.replace === true });
  const words = {
    added: 'Pinned',
    replaced: `Pinned, in place of ${other.join(', ')}:`,
    'already-pinned': 'It was pinned already:',
  };
  process.stdout.write(`${words[done]} ${chosen.key.type} ${chosen.key.fingerprint} in ${knownHosts}.\n`);
}

type Key = Awaited<ReturnType<typeof fetchHostKeys>>[number];

interface Offer {
  readonly key: Key;
  /** Fingerprints of the keys of this type that are pinned for this host now. */
  readonly pinned: readonly string[];
}

async function compared({ host, port, knownHosts }: Endpoint, keys: readonly Key[]): Promise<Offer[]> {
  const text = await readFile(knownHosts, 'latin1').catch(() => '');
  const lines = parseKnownHosts(text).filter(
    (line) => line.marker === null && matchesHost(line.patterns, host, port),
  );
  return keys.map((key) => {
    const pinned = lines.filter((line) => line.type === key.type).map((line) => fingerprint(line.blob));
    return { key, pinned };
  });
}

function pinnedWords(key: Key, pinned: readonly string[]): string {
  if (pinned.length === 0) return 'not pinned yet';
  if (pinned.includes(key.fingerprint)) return 'pinned';
  return `CHANGED: pinned is ${pinned.join(', ')}`;
}

function changed({ name }: Endpoint, { key, pinned }: Offer): RefusedError {
  return new RefusedError(
    `The ${key.type} key of ${name} has changed. Pinned: ${pinned.join(', ')}. Presented: ${key.fingerprint}. Nothing was ` +
      'pinned. Either the system was reinstalled, or something is in between: compare the new fingerprint by another ' +
      'way (console, its owner), then add --replace.',
    'host-key-pinned',
  );
}

async function choose(endpoint: Endpoint, offers: readonly Offer[], options: Options): Promise<Offer> {
  const wanted = options.fingerprint?.replace(/^(?!SHA256:)/, 'SHA256:');
  if (wanted !== undefined) {
    const chosen = offers.find(({ key }) => key.fingerprint === wanted);
    if (chosen !== undefined) return chosen;
    throw new RefusedError(
      `None of these keys has the fingerprint ${wanted}. Nothing was pinned. If that is what the system's own console ` +
        'shows, something answers in its place: do not go on.',
      'other-fingerprint',
    );
  }
  const [only] = offers;
  const other = offers.find(({ key, pinned }) => pinned.length > 0 && !pinned.includes(key.fingerprint));
  if (other !== undefined && options.replace !== true) throw changed(endpoint, other);
  // Nothing to decide: what it presents is what is pinned.
  if (only !== undefined && offers.every(({ key, pinned }) => pinned.includes(key.fingerprint))) return only;
  const typed = (await ask()).replace(/^SHA256:/, '');
  const chosen = offers.find(({ key }) => key.fingerprint.startsWith(`SHA256:${typed}`));
  if (typed.length >= leastTyped && chosen !== undefined) return chosen;
  throw new RefusedError(
    `That is not how one of these fingerprints begins (${leastTyped} characters at least). Nothing was pinned.`,
    'not-confirmed',
  );
}

/** A plain "y" would be typed without looking. */
const leastTyped = 8;

/** One line from the terminal or a pipe; '' when there is none. */
async function ask(): Promise<string> {
  process.stdout.write(
    `Compare by another way. Then type the first ${leastTyped} characters behind "SHA256:" of the key to pin,\n` +
      'or nothing to stop: ',
  );
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '', historySize: 0 });
  // On a terminal Ctrl-C arrives here, not as a signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', (line) => resolve(line.trim()));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    process.stdin.pause();
    if (!process.stdin.isTTY) process.stdout.write('\n');
  }
}

function endpointOf(inventory: Inventory, name: string): Endpoint {
  const hosts = everyHost(inventory);
  // A node's or an HMC's name goes before that of a jump host.
  const found = hosts.findLast(({ endpoint }) => endpoint.name === name);
  if (found !== undefined) return found.endpoint;
  const names = hosts.map(({ endpoint }) => endpoint.name);
  const near = didYouMean(name, names);
  const guess = near === null ? '' : ` Did you mean ${near}?`;
  throw new UsageError(`Unknown target "${name}".${guess}`);
}
