import type { Duplex } from 'node:stream';
// A named import of ssh2's classes type-checks and then fails at run time: it is CommonJS.
import ssh2 from 'ssh2';
import type { Algorithms, AnyAuthMethod, ConnectConfig, ParsedKey } from 'ssh2';
import { ConnectError } from '../core/errors.js';
import type { Endpoint } from '../core/target.js';
import { algorithmsFor } from './algorithms.js';
import { ClientConnection } from './client-connection.js';
import {
  explainFailure,
  givenUp,
  connectError,
  hostKeyRefused,
  isNoCommonHostKey,
  loginRefused,
  oneLine,
  timedOut,
} from './connect-errors.js';
import type { Connection, OpenOptions } from './connection.js';
import { described, hostKeyAlgorithms, keyFamilies } from './host-keys.js';
import { Login, loginWays, refused } from './login.js';
import type { LoginWay } from './login.js';
import { loginAtOnce } from './login-at-once.js';
import { pinsOf, type Pins } from './pins.js';
import { forwarded, tcp } from './sockets.js';
import type { SshTransportOptions } from './ssh-transport.js';
import { createTracedTransport } from './traced.js';
import type { Transport } from './transport.js';

/** The transport over ssh2: pooled connections, pinned host keys, one round trip per node. */
export function createSsh2Transport(options: SshTransportOptions): Transport {
  return createTracedTransport(options, openConnection);
}

/** Connects and logs in, one attempt. Throws ConnectError. */
export async function openConnection(endpoint: Endpoint, options: OpenOptions): Promise<Connection> {
  const pins = await pinsOf(endpoint, options.storedKeys);
  const ways = await loginWays(endpoint, options.agentSocket);
  const names = ways.map((way) => identityOf(endpoint, way));
  const seen: { key: Buffer | null } = { key: null };
  const login = new Login(ways);
  try {
    const connection = await handshake(endpoint, options, {
      algorithms: offered(endpoint, hostKeyAlgorithms(endpoint, pins.types)),
      hostVerifier: (key: Buffer) => {
        seen.key = key;
        return pins.judge(key).kind === 'match';
      },
      firstKey: keyOf(ways[0]),
      authHandler: (accepts, _partial, next) => {
        const way = login.next(accepts);
        // ssh2 takes false for "no more"; its types do not say so.
        next(way === null ? (false as unknown as AnyAuthMethod) : authMethod(endpoint, way));
      },
    });
    connection.identity = names[login.offered.length - 1] ?? null;
    return connection;
  } catch (error) {
    const failure = error as Error & { level?: string; code?: unknown };
    const { key } = seen;
    if (key !== null && pins.judge(key).kind !== 'match')
      throw hostKeyRefused(endpoint, pins.judge(key), { presented: described(key), pins });
    if (isNoCommonHostKey(failure) && pins.types.length > 0)
      throw await otherKey(endpoint, options, pins, failure);
    // 2 is how OpenSSH says "Too many authentication failures" (SSH_DISCONNECT_PROTOCOL_ERROR).
    if (failure.level === 'client-authentication' || (login.wasAsked && failure.code === 2)) {
      throw loginRefused(endpoint, login.offered, login.accepted);
    }
    throw explainFailure(endpoint, failure);
  }
}

/** `firstKey`: the key that is offered first; null where an agent is asked. */
type HandshakeConfig = Pick<ConnectConfig, 'algorithms' | 'hostVerifier' | 'authHandler'> & {
  readonly firstKey?: ParsedKey | null;
};

async function handshake(
  endpoint: Endpoint,
  options: OpenOptions,
  config: HandshakeConfig,
): Promise<ClientConnection> {
  if (options.signal.aborted) throw givenUp(endpoint);
  const client = new ssh2.Client();
  let giveUp: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  failed.catch(() => undefined);
  const timer = setTimeout(() => giveUp(timedOut(endpoint, options.timeoutMs)), options.timeoutMs);
  const onAbort = () => giveUp(givenUp(endpoint));
  options.signal.addEventListener('abort', onAbort, { once: true });
  // Permanent: ssh2 emits errors after the one that ended the connection, and an agent that fails is only one way less.
  client.on('error', (error) => {
    if (error.level !== 'agent') giveUp(error);
  });
  const attempt = new AbortController();
  let isOver = false;
  let sock: Duplex | undefined;
  const begunAt = performance.now();
  try {
    const opening =
      options.through === null ? tcp(endpoint, attempt.signal) : forwarded(endpoint, options.through);
    opening.then(
      (late) => isOver && late.destroy(),
      () => undefined,
    );
    sock = await Promise.race([opening, failed]);
    const connection = new ClientConnection(client, sock, options.timeoutMs, begunAt);
    connection.onClosed(() => {
      giveUp(
        connectError(endpoint, 'unreachable', 'failed: it closed the connection before the login was done'),
      );
    });
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    begin(client, sock, endpoint, config);
    await Promise.race([ready, failed]);
    return connection;
  } catch (error) {
    isOver = true;
    attempt.abort();
    sock?.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
}

function begin(
  client: ssh2.Client,
  sock: Duplex,
  { user }: Endpoint,
  { firstKey = null, ...config }: HandshakeConfig,
): void {
  client.connect({
    ...config,
    sock,
    username: user,
    readyTimeout: 0,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
  });
  loginAtOnce(client, firstKey);
}

function authMethod(endpoint: Endpoint, way: LoginWay): AnyAuthMethod {
  const username = endpoint.user;
  if (way.kind === 'key') {
    const key = parsedKey(way.privateKey);
    return { type: 'publickey', username, key: key instanceof Error ? way.privateKey : key };
  }
  return { type: 'agent', username, agent: way.socket };
}

function keyOf(way: LoginWay | undefined): ParsedKey | null {
  const key = way?.kind === 'key' ? parsedKey(way.privateKey) : null;
  return key instanceof Error ? null : key;
}

const parsedKeys = new WeakMap<Buffer, ParsedKey | Error>();

/** The same bytes, as an object, are parsed once. */
function parsedKey(bytes: Buffer): ParsedKey | Error {
  const known = parsedKeys.get(bytes);
  if (known !== undefined) return known;
  const parsed = ssh2.utils.parseKey(bytes);
  parsedKeys.set(bytes, parsed);
  return parsed;
}

// ssh2 skips a key that it cannot read without a word; the person should hear about it.
function identityOf(endpoint: Endpoint, way: LoginWay): string {
  if (way.kind !== 'key') return 'agent';
  const key = parsedKey(way.privateKey);
  if (key instanceof Error) {
    const isLocked = /encrypted|passphrase/i.test(key.message);
    const why = isLocked
      ? 'is locked by a passphrase: load it into an agent'
      : `is no private key (${oneLine(key.message)})`;
    throw refused(endpoint, `${way.label} ${why}`);
  }
  if (!key.isPrivateKey()) {
    throw refused(endpoint, `${way.label} is a public key; name the private one`);
  }
  const { type, fingerprint } = described(key.getPublicSSH());
  return `${type} ${fingerprint}`;
}

function offered(endpoint: Endpoint, serverHostKey: readonly string[]): Algorithms {
  return algorithmsFor(endpoint, serverHostKey) as Algorithms;
}

/** The key that a server presents when offered these algorithms; null when it has none of them. */
export async function presentedKey(
  endpoint: Endpoint,
  options: OpenOptions,
  algorithms: readonly string[],
): Promise<Buffer | null> {
  const seen: { key: Buffer | null } = { key: null };
  try {
    const connection = await handshake(endpoint, options, {
      algorithms: offered(endpoint, algorithms),
      hostVerifier: (key: Buffer) => {
        seen.key = key;
        return false;
      },
    });
    await connection.close();
  } catch (error) {
    if (seen.key === null && !isNoCommonHostKey(error as Error))
      throw explainFailure(endpoint, error as Error);
  }
  return seen.key;
}

/** The server no longer has a key of the pinned type: asks for the one it has, so that both can be told. */
async function otherKey(
  endpoint: Endpoint,
  options: OpenOptions,
  pins: Pins,
  failure: Error,
): Promise<ConnectError> {
  const key = await presentedKey(endpoint, options, keyFamilies.flat());
  // The pinned key after all, but only with a signature that is not allowed here.
  return key === null || pins.judge(key).kind === 'match'
    ? explainFailure(endpoint, failure)
    : hostKeyRefused(endpoint, pins.judge(key), { presented: described(key), pins });
}
