/** The part of `aixops check` about host keys: which hosts have none pinned, and what is pinned in contradiction. */
import { errorInfo } from '../core/errors.js';
import { keysInWords, type PinnedKey } from '../core/host-key.js';
import type { Endpoint } from '../core/target.js';
import { everyHost } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import { contradiction, filePins, type FilePins, type StoredKeys } from '../ssh/pins.js';
import type { Row } from './check-online.js';

interface Known {
  readonly endpoint: Endpoint;
  readonly file: FilePins;
  readonly stored: readonly PinnedKey[];
}

/**
 * Looks at known_hosts files, and at what was pinned from Slack where `storedKeys` is given. That a host has no pinned key is
 * no problem by itself: nothing connects to it until somebody has enrolled it.
 */
export async function checkKeys(inventory: Inventory, storedKeys: StoredKeys | null): Promise<Row> {
  const problems: string[] = [];
  const known: Known[] = [];
  const hosts = everyHost(inventory).map(({ endpoint }) => endpoint);
  for (const path of new Set(hosts.map(({ knownHosts }) => knownHosts))) {
    try {
      const pins = await filePins(hosts.filter(({ knownHosts }) => knownHosts === path));
      for (const [endpoint, file] of pins) known.push({ endpoint, file, stored: [] });
    } catch (error) {
      problems.push(errorInfo(error).message);
    }
  }
  const all = storedKeys === null ? known : await withStored(known, storedKeys);
  const pinned = all.filter(({ file, stored }) => file.pinned.length + stored.length > 0);
  const notes = [...unpinned(all, pinned, storedKeys !== null), ...contradicting(all), ...authorities(all)];
  return {
    area: 'keys',
    what: `${pinned.length} of ${hosts.length} hosts have a pinned key`,
    problems,
    notes,
  };
}

async function withStored(known: readonly Known[], storedKeys: StoredKeys): Promise<readonly Known[]> {
  return Promise.all(
    known.map(async (one) => ({ ...one, stored: await storedKeys(one.endpoint.host, one.endpoint.port) })),
  );
}

function unpinned(all: readonly Known[], pinned: readonly Known[], isStoreAsked: boolean): readonly string[] {
  const names = all.filter((one) => !pinned.includes(one)).map(({ endpoint }) => endpoint.name);
  if (names.length === 0) return [];
  const where = isStoreAsked
    ? ''
    : ' What was pinned from Slack is in Redis and not known here: for workers it counts as well.';
  return [
    `No host key is pinned for ${names.join(', ')}. Pin one with: aixops enrol NAME, or many with /enrol all in Slack.${where}`,
  ];
}

function contradicting(all: readonly Known[]): readonly string[] {
  return all.flatMap(({ endpoint, file, stored }) => {
    const other = contradiction(file.pinned, stored);
    if (other === null) return [];
    const { name, knownHosts } = endpoint;
    return [
      `Two different keys are pinned for ${name}: in ${knownHosts} ${keysInWords([other.file])}, from Slack ${keysInWords([other.store])}. ` +
        `Nothing connects to it. If the file is right: /enrol ${name} in Slack; if it is wrong: aixops enrol ${name} --replace.`,
    ];
  });
}

/** One note for each line that trusts an authority, with the hosts that nothing else covers. */
function authorities(all: readonly Known[]): readonly string[] {
  const lines = new Map<string, Known[]>();
  for (const one of all) {
    for (const line of one.file.authorityLines) {
      const place = `Line ${line} of ${one.endpoint.knownHosts}`;
      lines.set(place, [...(lines.get(place) ?? []), one]);
    }
  }
  return [...lines].map(([place, covered]) => {
    const bare = covered.filter(({ file, stored }) => file.pinned.length + stored.length === 0);
    const what = `${place} trusts a certificate authority (@cert-authority). Host certificates are not supported, so it counts for nothing`;
    if (bare.length === 0)
      return `${what}; every host that it covers has its plain key pinned, so nothing is missing.`;
    const names = bare.map(({ endpoint }) => endpoint.name).join(', ');
    return `${what}, and nothing connects to ${names}. Pin their plain keys with: aixops enrol NAME.`;
  });
}
