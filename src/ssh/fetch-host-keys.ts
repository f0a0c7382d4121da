import { ConnectError } from '../core/errors.js';
import type { Endpoint } from '../core/target.js';
import { connectError, jumpFailed } from './connect-errors.js';
import type { Connection, OpenOptions } from './connection.js';
import { hostKey, keyFamilies } from './host-keys.js';
import type { HostKey } from './host-keys.js';
import type { StoredKeys } from './pins.js';
import { openConnection, presentedKey } from './ssh2.js';

/** How to fetch host keys: a jump host on the way is logged in to, so its own key must be pinned. */
export interface FetchOptions {
  readonly timeoutMs: number;
  readonly agentSocket: string | null;
  readonly storedKeys: StoredKeys | null;
}

/** Fetches a server's host keys, one of each type it has, without logging in. Throws ConnectError. */
export async function fetchHostKeys(endpoint: Endpoint, fetching: FetchOptions): Promise<readonly HostKey[]> {
  const options = { ...fetching, signal: new AbortController().signal, role: 'jump' as const };
  const through = endpoint.jump === null ? null : await jumpConnection(endpoint, endpoint.jump, options);
  try {
    const keys: HostKey[] = [];
    for (const family of keyFamilies) {
      const key = await presentedKey(endpoint, { ...options, through }, family);
      if (key !== null) keys.push(hostKey(endpoint, key));
    }
    if (keys.length === 0)
      throw connectError(endpoint, 'algorithms', 'failed: it presents no type of host key that is supported');
    return keys;
  } finally {
    await through?.close();
  }
}

async function jumpConnection(
  endpoint: Endpoint,
  jump: Endpoint,
  options: Omit<OpenOptions, 'through'>,
): Promise<Connection> {
  try {
    return await openConnection(jump, { ...options, through: null });
  } catch (error) {
    throw error instanceof ConnectError ? jumpFailed(endpoint, jump, error) : error;
  }
}
