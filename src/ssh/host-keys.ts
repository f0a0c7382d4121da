import type { PinnedKey } from '../core/host-key.js';
import type { Endpoint } from '../core/target.js';
import { fingerprint, hostPattern, keyType } from './known-hosts.js';

/** A host key as a server presents it. It is shown, not proven: only a later login with it pinned proves it. */
export interface HostKey extends PinnedKey {
  /** What to append to known_hosts. */
  readonly knownHostsLine: string;
}

/** Signature algorithms by kind of key; a server has at most one key of each kind that matters here. */
export const keyFamilies: readonly (readonly string[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
];

/**
 * The signature algorithms for pinned key types: a server asked only for these presents a key that can be compared. An
 * RSA key signs with SHA-2 (RFC 8332); with SHA-1 only for `algorithms: legacy`. Empty when no type is supported.
 */
export function hostKeyAlgorithms(endpoint: Endpoint, types: readonly string[]): readonly string[] {
  const rsa =
    endpoint.algorithms === 'legacy'
      ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']
      : ['rsa-sha2-512', 'rsa-sha2-256'];
  const known = new Set(types.flatMap((type) => (type === 'ssh-rsa' ? rsa : [type])));
  return keyFamilies.flat().filter((algorithm) => known.has(algorithm));
}

/** Type and fingerprint of a presented key. */
export function described(blob: Buffer): { readonly type: string; readonly fingerprint: string } {
  return { type: keyType(blob) ?? 'a key of unknown type', fingerprint: fingerprint(blob) };
}

/** A presented key with the line that pins it. */
export function hostKey(endpoint: Endpoint, blob: Buffer): HostKey {
  const key = described(blob);
  const base64 = blob.toString('base64');
  const line = `${hostPattern(endpoint.host, endpoint.port)} ${key.type} ${base64}`;
  return { ...key, key: base64, knownHostsLine: line };
}
