/**
 * Checkpoints: what says later that the trail was this long and ended so. A chain alone shows that a record was changed,
 * not that the whole of it was written anew; the signature of a key that is not in Redis does. Pure but for the key made.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../core/canonical.js';

/**
 * The trail's record `sequence` has this hash. An `anchor` says in addition that everything up to it was removed because
 * it had been kept for long enough. `keyId` and `signature` are null where there is no key.
 */
export interface Checkpoint {
  readonly kind: 'checkpoint' | 'anchor';
  readonly sequence: number;
  readonly hash: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly keyId: string | null;
  /** Ed25519 (RFC 8032) over everything else as canonical JSON, in base64. */
  readonly signature: string | null;
}

/** What a checkpoint says. */
export type Claim = Pick<Checkpoint, 'kind' | 'sequence' | 'hash' | 'at'>;

/** A checkpoint of this claim, signed where there is a key. */
export function checkpointOf({ kind, sequence, hash, at }: Claim, key: KeyObject | null): Checkpoint {
  const claim = { kind, sequence, hash, at };
  if (key === null) return { ...claim, keyId: null, signature: null };
  const said = { ...claim, keyId: keyIdOf(createPublicKey(key)) };
  return { ...said, signature: sign(null, signed(said), key).toString('base64') };
}

/** What a checkpoint's signature is worth. `foreign`: of a key that is not among those given. */
export type Standing = 'signed' | 'unsigned' | 'foreign' | 'forged';

/** Judges a checkpoint by the public keys that the reader trusts. */
export function standingOf(checkpoint: Checkpoint, keys: readonly KeyObject[]): Standing {
  const { signature, ...said } = checkpoint;
  if (signature === null || said.keyId === null) return 'unsigned';
  const key = keys.find((one) => keyIdOf(one) === said.keyId);
  if (key === undefined) return 'foreign';
  return verify(null, signed(said), key, Buffer.from(signature, 'base64')) ? 'signed' : 'forged';
}

/** The name of a public key: the first 16 hex digits of the SHA-256 of its DER form. */
export function keyIdOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** The line as a checkpoint; null where it is something else. */
export function asCheckpoint(value: unknown): Checkpoint | null {
  const { kind, sequence, hash, at, keyId, signature } = (value ?? {}) as Record<string, unknown>;
  const isOne =
    (kind === 'checkpoint' || kind === 'anchor') &&
    Number.isSafeInteger(sequence) &&
    [hash, at].every((text) => typeof text === 'string') &&
    [keyId, signature].every((text) => text === null || typeof text === 'string');
  return isOne ? ({ kind, sequence, hash, at, keyId, signature } as Checkpoint) : null;
}

function signed({ kind, sequence, hash, at, keyId }: Omit<Checkpoint, 'signature'>): Buffer {
  return Buffer.from(canonicalJson({ kind, sequence, hash, at, keyId }));
}
