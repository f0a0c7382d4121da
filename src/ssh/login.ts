import { ConnectError, ParseError } from '../core/errors.js';
import type { Endpoint } from '../core/target.js';
import { connectError, oneLine, place } from './connect-errors.js';
import { readKeyFile } from './key-file.js';
import { KnownHosts, parseKnownHosts } from './known-hosts.js';
import { whileUnchanged } from './unchanged-file.js';

/** One way to log in, and how a person would name it. */
export type LoginWay =
  | { readonly kind: 'key'; readonly privateKey: Buffer; readonly label: string }
  | { readonly kind: 'agent'; readonly socket: string; readonly label: string };

/**
 * The ways to log in to an endpoint, the named key first: an agent with many keys uses up the server's tries.
 * Throws ConnectError `login-refused` for a key file that cannot be read or that others may read.
 */
export async function loginWays(
  endpoint: Endpoint,
  agentSocket: string | null,
): Promise<readonly LoginWay[]> {
  const ways: LoginWay[] = [];
  if (endpoint.identityFile !== null) ways.push(await keyFile(endpoint, endpoint.identityFile));
  if (endpoint.agent && agentSocket === null)
    throw refused(endpoint, 'the agent is to be used, but SSH_AUTH_SOCK is not set');
  if (endpoint.agent && agentSocket !== null)
    ways.push({ kind: 'agent', socket: agentSocket, label: 'the keys of the agent' });
  return ways;
}

/** The login's tries in order; remembers what was offered and what the server takes. */
export class Login {
  wasAsked = false;
  readonly offered: string[] = [];
  accepted: readonly string[] = [];
  private readonly left: LoginWay[];

  constructor(ways: readonly LoginWay[]) {
    this.left = [...ways];
  }

  /** The next way to try, or null when there is none left. `accepts` is null before the server has said anything. */
  next(accepts: readonly string[] | null): LoginWay | null {
    this.wasAsked = true;
    if (accepts !== null) this.accepted = accepts;
    const way = this.left.shift() ?? null;
    if (way !== null) this.offered.push(way.label);
    return way;
  }
}

const knownHostsIn = whileUnchanged((bytes) => new KnownHosts(parseKnownHosts(bytes.toString('latin1'))));
const nothingPinned = new KnownHosts([]);

/** What the known_hosts file of an endpoint says; one that is not there pins nothing. Throws ConnectError where it cannot be read. */
export async function knownHostsOf(endpoint: Endpoint): Promise<KnownHosts> {
  try {
    return await knownHostsIn(endpoint.knownHosts);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothingPinned;
    const why =
      error instanceof ParseError
        ? `: ${endpoint.knownHosts}: ${oneLine(String(error))}`
        : `: ${endpoint.knownHosts} could not be read (${codeOf(error)})`;
    throw connectError(endpoint, 'host-key-unknown', `was refused${why}`, error);
  }
}

async function keyFile(endpoint: Endpoint, path: string): Promise<LoginWay> {
  const read = await readKeyFile(path);
  if (read.kind === 'key') return { kind: 'key', privateKey: read.bytes, label: `the key ${path}` };
  throw refused(endpoint, read.why, read.kind === 'unreadable' ? read.cause : undefined);
}

/** A login that was not even tried, and why. */
export function refused(endpoint: Endpoint, why: string, cause?: unknown): ConnectError {
  const message = `Login as ${endpoint.user} on ${place(endpoint)} was not tried: ${why}. Nothing was run.`;
  return new ConnectError(endpoint.name, 'login-refused', message, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
