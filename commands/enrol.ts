import { didYouMean } from '../src/core/did-you-mean.js';
import { UsageError } from '../src/core/errors.js';
import { chooseHosts, everyHost, selectableNames } from '../src/inventory/choose.js';
import type { Inventory } from '../src/inventory/inventory.js';
import { command, type Argument, type Choice, type Understood } from './command.js';

/** More names than this fit no card: `all` goes through the estate page by page. */
const mostTargets = 20;

export const enrol = command({
  name: '/enrol',
  summary: 'Shows the host keys of nodes and HMCs, and pins them on approval.',
  description:
    'Fetches the host keys without logging in and shows their fingerprints. Compare them on the console of each host; somebody ' +
    'else than who asked then pins exactly the keys that are shown. `all`, or a group, shows those that have no pinned key yet, ' +
    '20 at a time. A key that replaces a pinned one gets a card of its own and takes two approvers.',
  examples: ['/enrol lpar1', '/enrol hmc1 lpar1 lpar2', '/enrol all'],
  action: 'enrol',
  args: { targets: hosts() },
  request: ({ targets }) => ({ job: 'enrol', targets }),
});

function hosts(): Argument<readonly string[]> {
  return {
    usage: '<target>',
    isNeeded: true,
    takesAll: true,
    explains:
      '<target> is the name of a node, an HMC or a jump host, or several; all, or a group such as system:NAME, means those without a pinned key.',
    choices: ({ inventory }) => hostChoices(inventory),
    read: (words, { inventory }) => readHosts(words, inventory),
  };
}

function hostChoices(inventory: Inventory): readonly Choice[] {
  const all = everyHost(inventory);
  const about = { hmc: 'HMC', node: 'node', 'jump host': 'jump host' } as const;
  return [
    { word: 'all', about: `those of ${all.length} hosts that have no pinned key` },
    ...all.map(({ kind, endpoint }) => ({ word: endpoint.name, about: about[kind] })),
  ];
}

function readHosts(words: readonly string[], inventory: Inventory): Understood<readonly string[]> {
  const known = [...everyHost(inventory).map(({ endpoint }) => endpoint.name), ...selectableNames(inventory)];
  const targets = [...new Set(words.map((word) => asWritten(word, known)))];
  for (const target of targets) {
    try {
      chooseHosts(inventory, [target]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return unknown(target, known, error);
    }
  }
  if (targets.length > mostTargets) {
    const message = `${targets.length} targets are more than the ${mostTargets} that one card shows.`;
    return { kind: 'not-understood', message, instead: ['all'] };
  }
  return { kind: 'understood', value: targets, typed: targets };
}

/** As the inventory writes it: phones begin words with a capital. */
function asWritten(word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  const same = [...new Set(known.filter((name) => name.toLowerCase() === word.toLowerCase()))];
  return same.length === 1 ? (same[0] ?? word) : word;
}

function unknown(word: string, known: readonly string[], error: UsageError): Understood<never> {
  if (word.includes(':')) {
    const instead = error.hint === null ? null : [error.hint];
    return { kind: 'not-understood', message: error.message, instead };
  }
  const near = didYouMean(word, known);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  return {
    kind: 'not-understood',
    message: `Unknown target "${word}".${meant}`,
    instead: near === null ? null : [near],
  };
}
