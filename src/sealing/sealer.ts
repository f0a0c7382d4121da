import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { UsageError } from '../core/errors.js';
import type { KnownSecrets } from '../core/known-secrets.js';
import type { Sealer } from '../core/sealer.js';
import type { Secret } from '../core/secret.js';

/** The key of stored documents and the one before it, each 32 bytes in base64. */
export interface StoreKeys {
  readonly key: Secret | null;
  readonly oldKey: Secret | null;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

const algorithm = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
/** `sealed:1:<key id>:<base64 of nonce, ciphertext and tag>`; a clear document is JSON and never begins so. */
const sealedText = /^sealed:1:(?<id>[0-9a-f]{16}):(?<body>[A-Za-z0-9+/=]+)$/;

/**
 * A Sealer that takes the secrets of this process out of every document and, where there is a key, encrypts it with
 * AES-256-GCM: a random nonce each time, and the record's name as associated data.
 */
export function createSealer(known: KnownSecrets, { key, oldKey }: StoreKeys): Sealer {
  const now = key === null ? null : keyOf(key);
  const all = [now, oldKey === null ? null : keyOf(oldKey)].filter((one) => one !== null);
  return {
    seal: (name, text) => {
      const clean = known.hideInJson(text);
      return now === null ? clean : sealed(now, name, clean);
    },
    open: (name, text) => {
      const found = sealedText.exec(text)?.groups;
      if (found === undefined) return text;
      const { id = '', body = '' } = found;
      const fitting = all.find((one) => one.id === id);
      if (fitting === undefined) throw new UsageError(noKey(name, id));
      return opened(fitting, name, Buffer.from(body, 'base64'));
    },
    isCurrent: (text) => (sealedText.exec(text)?.groups?.['id'] ?? null) === (now?.id ?? null),
  };
}

/** What a key is called where it may be read: it tells nothing of the key. */
export function keyId(key: Secret): string {
  return keyOf(key).id;
}

function keyOf(key: Secret): Key {
  const bytes = Buffer.from(key.reveal(), 'base64');
  return {
    id: createHash('sha256').update('aixops store key ').update(bytes).digest('hex').slice(0, 16),
    bytes,
  };
}

function sealed({ id, bytes }: Key, name: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, bytes, nonce).setAAD(Buffer.from(name));
  const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return `sealed:1:${id}:${Buffer.concat(parts).toString('base64')}`;
}

function opened({ bytes }: Key, name: string, body: Buffer): string {
  const nonce = body.subarray(0, nonceBytes);
  const tag = body.subarray(-tagBytes);
  try {
    const decipher = createDecipheriv(algorithm, bytes, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag);
    const text = decipher.update(body.subarray(nonceBytes, -tagBytes), undefined, 'utf8');
    return text + decipher.final('utf8');
  } catch {
    throw new UsageError(
      `The document ${name} in Redis was altered or put there from elsewhere: it does not open with its key. Nothing was done with it.`,
    );
  }
}

function noKey(name: string, id: string): string {
  return `The document ${name} in Redis is sealed with the store key ${id}, which is neither STORE_KEY nor STORE_KEY_OLD. Set that key.`;
}
