import type { StoredPins } from '../src/approval/enrolment.js';
import { keysInWords, type PinnedKey } from '../src/core/host-key.js';
import type { Endpoint } from '../src/core/target.js';
import type { FilePins } from '../src/ssh/pins.js';

/** What a host presents beside what is pinned for it: may it be pinned from Slack, must it replace something, or why not. */
export type Compared =
  | { readonly kind: 'first' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'pinned' | 'refused'; readonly words: string };

/**
 * Compares presented keys with the pinned ones. A host of which one key is pinned needs no other: what else it presents was
 * proven by nobody. Keys in a file can only be replaced there, for the file wins.
 */
export function compareKeys(
  endpoint: Endpoint,
  presented: readonly PinnedKey[],
  file: FilePins,
  stored: StoredPins | null,
): Compared {
  const inStore = (stored?.keys ?? []).filter((key) => !file.revoked.includes(key.fingerprint));
  const revoked = presented.filter((key) => file.revoked.includes(key.fingerprint));
  if (revoked.length > 0) return { kind: 'refused', words: revokedWords(endpoint, revoked) };
  const differs = (pin: PinnedKey) => presented.some(({ type, key }) => type === pin.type && key !== pin.key);
  const isShown = (pin: PinnedKey) => presented.some(({ key }) => key === pin.key);
  if (file.pinned.some(differs) || (file.pinned.length > 0 && ![...file.pinned, ...inStore].some(isShown)))
    return { kind: 'refused', words: changedInFile(endpoint, presented, file.pinned) };
  if (inStore.some(differs)) return { kind: 'changed' };
  const matching = [...file.pinned, ...inStore].filter(isShown);
  if (matching.length > 0) {
    const where = file.pinned.some(isShown) ? endpoint.knownHosts : 'from Slack';
    return { kind: 'pinned', words: `pinned already (${where}): ${keysInWords(unique(matching))}.` };
  }
  return stored === null ? { kind: 'first' } : { kind: 'changed' };
}

function revokedWords({ knownHosts }: Endpoint, revoked: readonly PinnedKey[]): string {
  return `it presents a key that is marked @revoked in ${knownHosts}: ${keysInWords(revoked)}. Nothing is offered for it: find out why it still uses that key.`;
}

function changedInFile(
  { name, knownHosts }: Endpoint,
  presented: readonly PinnedKey[],
  pinned: readonly PinnedKey[],
): string {
  return (
    `its host key has CHANGED. Pinned in ${knownHosts}: ${keysInWords(pinned)}. Presented: ${keysInWords(presented)}. ` +
    `Either the system was reinstalled or something is in between. The file wins over what is pinned from Slack: compare ` +
    `by another way, then replace it there with: aixops enrol ${name} --replace`
  );
}

function unique(keys: readonly PinnedKey[]): readonly PinnedKey[] {
  return keys.filter(({ key }, at) => keys.findIndex((one) => one.key === key) === at);
}
