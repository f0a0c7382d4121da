import { randomBytes } from 'node:crypto';
import type { Endpoint, HmcTarget, NodeTarget } from '../../src/core/target.js';
import { createSsh2Transport } from '../../src/ssh/ssh2.js';
import type { SshTransportOptions } from '../../src/ssh/ssh-transport.js';

/** A node that is logged in to at `endpoint`. */
export function nodeAt(endpoint: Endpoint): NodeTarget {
  const { name } = endpoint;
  return {
    kind: 'node',
    name,
    endpoint,
    platform: 'hmc',
    system: null,
    lparId: null,
    cluster: null,
    tags: {},
    owner: null,
  };
}

/** An HMC that is logged in to at `endpoint`. */
export function hmcAt(endpoint: Endpoint): HmcTarget {
  return { kind: 'hmc', name: endpoint.name, endpoint };
}

/** A transport with short times. */
export function transportWith(changes: Partial<SshTransportOptions> = {}) {
  return createSsh2Transport({
    connectTimeoutMs: 3000,
    idleCloseMs: 60_000,
    hmcSessions: 3,
    random: () => randomBytes(16).toString('hex'),
    ...changes,
  });
}
