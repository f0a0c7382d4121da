import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/**
 * An Ed25519 private key as PKCS #8 (RFC 8410): in PEM, or the base64 of it alone, which fits on the one line that a
 * command prints. Environment files often carry a PEM with `\n` for each line's end.
 */
export const signingKeyShape =
  /^(?:-----BEGIN PRIVATE KEY-----(?:\s|\\n)*)?(?<der>MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43})(?:(?:\s|\\n)*-----END PRIVATE KEY-----)?$/;

/** The key that checkpoints are signed with, from its text. Throws for what is not of `signingKeyShape`. */
export function signingKeyOf(text: string): KeyObject {
  const der = signingKeyShape.exec(text.trim())?.groups?.['der'];
  if (der === undefined) throw new Error('the signing key of the audit trail is no Ed25519 key');
  return createPrivateKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'pkcs8' });
}

/** Public keys from the text of a PEM file; a private key's text gives its public one. Throws where there is none. */
export function publicKeysOf(text: string): readonly KeyObject[] {
  const blocks = text.match(/-----BEGIN (?<what>[A-Z ]+)-----[\s\S]*?-----END \k<what>-----/g) ?? [];
  if (blocks.length === 0) throw new Error('there is no key in PEM in it');
  return blocks.map((block) => {
    const key = createPublicKey(block);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('a key in it is not an Ed25519 key');
    return key;
  });
}

/** A new key pair, both in PEM. */
export function newKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}
