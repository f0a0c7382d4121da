import type { Endpoint } from '../core/target.js';

/** What is offered beside ssh2's own choice, by its names for the parts of a key exchange. */
export interface OfferedAlgorithms {
  readonly serverHostKey?: readonly string[];
  readonly kex?: Added;
  readonly cipher?: Added;
}

interface Added {
  readonly append: readonly string[];
  readonly prepend: readonly string[];
  readonly remove: readonly string[];
}

/** SHA-1 and CBC, which servers of AIX 6.1 and 7.1 may know alone: only where the inventory asks for it. */
const legacy = {
  kex: added(
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ),
  cipher: added('aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'),
} as const;

/** The algorithms that an endpoint is offered; host key types only where some are pinned. */
export function algorithmsFor(endpoint: Endpoint, serverHostKey: readonly string[]): OfferedAlgorithms {
  return {
    ...(serverHostKey.length === 0 ? {} : { serverHostKey }),
    ...(endpoint.algorithms === 'modern' ? {} : legacy),
  };
}

function added(...append: readonly string[]): Added {
  return { append, prepend: [], remove: [] };
}
