/** What ioredis is told for each form of Redis and each use of a connection. */
import { readFileSync } from 'node:fs';
import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { HostAndPort, RedisPlace, RedisTls } from './place.js';

/**
 * `store`: for our own stores and for adding jobs. It fails fast: a command that is parked or sent again after a
 * connection broke would run later, as a ghost, after its caller has said that it failed.
 * `worker`: for BullMQ's workers, which wait for Redis as long as it takes.
 */
export type Use = 'store' | 'worker';

const backOff = (attempt: number): number => Math.min(100 * attempt, 2_000);

/**
 * A master that became a replica refuses writes until we look for the new one; it lets go of who waits with UNBLOCKED.
 * Sources: Sentinel client guidelines, redis/src/blocked.c.
 */
const isDemoted = (error: Error): boolean => /\bREADONLY\b|^UNBLOCKED\b/.test(error.message);

const ofUse: Readonly<Record<Use, RedisOptions>> = {
  store: {
    enableOfflineQueue: false,
    // 0 and not 1: with 1 ioredis sends what had no answer again on the next connection, perhaps to another master.
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    // A node that hangs keeps its connection open: after this long without an answer it is given up.
    socketTimeout: 5_000,
    connectTimeout: 5_000,
  },
  worker: {
    // BullMQ insists on it: its workers block, and wait out what comes.
    maxRetriesPerRequest: null,
    // Longer than BullMQ ever blocks (10 s).
    socketTimeout: 30_000,
    connectTimeout: 5_000,
  },
};

/** Options for one Redis or, with Sentinels, for the master that they name. */
export function redisOptions(place: RedisPlace, use: Use): RedisOptions {
  const shared = { ...ofUse[use], ...loginOf(place), ...tlsOf(place), ...alive, retryStrategy: backOff };
  const options: RedisOptions = { ...shared, reconnectOnError: isDemoted };
  const { form } = place;
  if (form.kind !== 'sentinel') return options;
  const { tls, ...plain } = options;
  return {
    ...plain,
    name: form.name,
    sentinels: form.nodes.map(({ host, port }) => ({ host, port })),
    sentinelRetryStrategy: backOff,
    sentinelCommandTimeout: 2_000,
    ...(form.username === null ? {} : { sentinelUsername: form.username }),
    ...(form.password === null ? {} : { sentinelPassword: form.password.reveal() }),
    ...(tls === undefined ? {} : { tls, enableTLSForSentinelMode: true }),
    ...(tls === undefined || !form.isTls ? {} : { sentinelTLS: tls }),
  };
}

/** Options for a Redis Cluster. */
export function clusterOptions(place: RedisPlace, use: Use): ClusterOptions {
  const tls = tlsOf(place);
  return {
    enableOfflineQueue: use === 'worker',
    clusterRetryStrategy: backOff,
    // Sending again what a broken connection left unanswered is for workers only, as above. MOVED, TRYAGAIN and
    // CLUSTERDOWN mean that nothing was done: those are followed, for less than the time that a command has.
    retryDelayOnFailover: use === 'worker' ? 200 : 0,
    maxRedirections: 16,
    slotsRefreshTimeout: 2_000,
    slotsRefreshInterval: 3_000,
    // A name must reach the TLS handshake as a name, to be compared with the certificate.
    ...('tls' in tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
    redisOptions: {
      ...ofUse[use],
      ...loginOf(place),
      ...tls,
      ...alive,
      // Commands wait inside a node's connection while it opens: never longer than until their caller has given up.
      ...(use === 'store' ? { connectTimeout: 1_500 } : {}),
    },
  };
}

/** Options for one short look at one server, whatever takes our writes: a data node, or a Sentinel. */
export function lookOptions(
  place: RedisPlace,
  { host, port }: HostAndPort,
  isSentinel: boolean,
): RedisOptions {
  const { form } = place;
  const sentinel = form.kind === 'sentinel' && isSentinel ? form : null;
  const login = sentinel ?? place;
  const tls = sentinel?.isTls === false ? {} : tlsOf(place);
  const look = {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    enableReadyCheck: false,
    ...alive,
  };
  return { ...loginOf(login), ...tls, ...look, host, port, retryStrategy: () => null };
}

// CLIENT SETINFO is not known to older servers, and a user of few commands would be logged as refused for it.
const alive = { keepAlive: 10_000, connectionName: 'aixops', disableClientInfo: true } as const;

function loginOf({ username, password }: Pick<RedisPlace, 'username' | 'password'>): RedisOptions {
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: password.reveal() }),
  };
}

/** What goes into `tls` of any connection's options; nothing where the settings have no such section. */
export function tlsOf({ tls }: RedisPlace): { tls?: Tls } {
  return tls === null ? {} : { tls: freshTls(tls) };
}

interface Tls {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
}

/**
 * ioredis copies this into the options of each connection that it opens, and then the files are read: certificates are
 * renewed while a process runs. A file that cannot be read at that moment counts with what was last in it.
 */
function freshTls(files: RedisTls): Tls {
  const made: Tls = files.serverName === null ? {} : { servername: files.serverName };
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = files[name];
    if (path === null) continue;
    let last = readFileSync(path, 'utf8');
    const get = (): string => {
      try {
        last = readFileSync(path, 'utf8');
      } catch {
        // It is being replaced.
      }
      return last;
    };
    Object.defineProperty(made, name, { enumerable: true, get });
  }
  return made;
}
