/** One SSH host key: its type, OpenSSH's fingerprint of it, and the key itself in base64. */
export interface PinnedKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
  readonly key: string;
}

/** Keys as people read them: `ssh-ed25519 SHA256:…, ssh-rsa SHA256:…`; `nothing` for none. */
export function keysInWords(keys: readonly Pick<PinnedKey, 'type' | 'fingerprint'>[]): string {
  return keys.length === 0 ? 'nothing' : keys.map((key) => `${key.type} ${key.fingerprint}`).join(', ');
}
