import type { RedisLink } from '../redis/link.js';
import { keyId, type StoreKeys } from './sealer.js';

/**
 * What is wrong with the store key for what this Redis holds, in a sentence; null when they fit. Looks only. Redis keeps
 * the id of the key that documents are sealed with, which tells nothing of the key.
 */
export async function storeKeyProblem(
  redis: RedisLink,
  prefix: string,
  keys: StoreKeys,
): Promise<string | null> {
  return problemWith(await redis.get(markName(prefix)), keys);
}

/** The same, and where they fit, from now on it is this key that Redis holds documents of. */
export async function claimStoreKey(
  redis: RedisLink,
  prefix: string,
  keys: StoreKeys,
): Promise<string | null> {
  if (keys.key === null) return storeKeyProblem(redis, prefix, keys);
  const [ours, name] = [keyId(keys.key), markName(prefix)];
  // Of two processes that begin with two keys, one is told.
  await redis.set(name, ours, 'NX');
  const problem = await storeKeyProblem(redis, prefix, keys);
  if (problem === null) await redis.set(name, ours);
  return problem;
}

function markName(prefix: string): string {
  return `${prefix}store-key`;
}

function problemWith(held: string | null, { key, oldKey }: StoreKeys): string | null {
  if (held === null) return null;
  if (key === null)
    return `The documents in Redis are sealed with the store key ${held}, and STORE_KEY is not set. Set it to that key.`;
  const ours = [key, ...(oldKey === null ? [] : [oldKey])].map(keyId);
  if (ours.includes(held)) return null;
  return (
    `The documents in Redis are sealed with the store key ${held}, and STORE_KEY is another one (${ours.join(', ')}). ` +
    'Set STORE_KEY to that key, or, to change keys, give it as STORE_KEY_OLD.'
  );
}
