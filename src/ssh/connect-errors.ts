import { ConnectError } from '../core/errors.js';
import type { ConnectReason } from '../core/errors.js';
import type { Endpoint } from '../core/target.js';
import type { KnownHostsAnswer } from './known-hosts.js';
import type { Pins } from './pins.js';

/** What a person reads first: name and address of an endpoint, e.g. `lpar1 (127.0.1.11:22)`. */
export function place(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.name} (${host}:${endpoint.port})`;
}

/** A ConnectError `Connecting to lpar1 (127.0.1.11:22) <what>. Nothing was run.` */
export function connectError(
  endpoint: Endpoint,
  reason: ConnectReason,
  what: string,
  cause?: unknown,
): ConnectError {
  const message = `Connecting to ${place(endpoint)} ${what}. Nothing was run.`;
  return new ConnectError(endpoint.name, reason, message, cause === undefined ? undefined : { cause });
}

/** The connection broke, on each try, before the server confirmed what it was asked to run: that may have been begun. */
export function unconfirmed(endpoint: Endpoint, cause: Error): ConnectError {
  const message = `The connection to ${place(endpoint)} broke twice before the command was confirmed (${cause.message}).`;
  return new ConnectError(endpoint.name, 'refused', message, { cause });
}

/** Nobody wants the connection any more. */
export function givenUp(endpoint: Endpoint): ConnectError {
  return connectError(endpoint, 'unreachable', 'was given up: nobody waits for it any more');
}

/** The time ran out while connecting. */
export function timedOut(endpoint: Endpoint, timeoutMs: number): ConnectError {
  return connectError(endpoint, 'timed-out', `timed out after ${timeoutMs / 1000} s`);
}

/** What the socket or the handshake said, as a ConnectError; recognised by code and level, not by text, where there are any. */
export function explainFailure(
  endpoint: Endpoint,
  error: Error & { code?: unknown; level?: unknown },
): ConnectError {
  if (error instanceof ConnectError) return error;
  const code = typeof error.code === 'string' ? error.code : '';
  const words = socketWords[code];
  if (words !== undefined) return connectError(endpoint, words[0], words[1], error);
  if (error.level === 'handshake') {
    const legacy =
      endpoint.algorithms === 'modern'
        ? ' (for an old server, set "algorithms: legacy" for it in the inventory)'
        : '';
    return connectError(endpoint, 'algorithms', `failed: ${oneLine(error.message)}${legacy}`, error);
  }
  return connectError(endpoint, 'unreachable', `failed: ${oneLine(error.message)}`, error);
}

/** The host key is not the pinned one; both fingerprints, where each was pinned, and what to do about it. */
export function hostKeyRefused(
  endpoint: Endpoint,
  answer: KnownHostsAnswer,
  { presented, pins }: { readonly presented: Key; readonly pins: Pick<Pins, 'whereIs' | 'isStoreAsked'> },
): ConnectError {
  const { name, knownHosts } = endpoint;
  const key = `${presented.type} ${presented.fingerprint}`;
  if (answer.kind === 'revoked') {
    const what = `was refused: its host key ${key} is marked @revoked in ${knownHosts}`;
    return connectError(endpoint, 'host-key-changed', what);
  }
  const enrol = `aixops enrol ${name}`;
  if (answer.kind === 'changed') {
    const pinned = answer.types.map((type, i) => {
      const print = answer.fingerprints[i] ?? '';
      return pins.isStoreAsked ? `${type} ${print} (${pins.whereIs(print)})` : `${type} ${print}`;
    });
    const isInFile = answer.fingerprints.some((print) => pins.whereIs(print) !== 'from Slack');
    return connectError(
      endpoint,
      'host-key-changed',
      `was refused: its host key has CHANGED. Pinned: ${pinned.join(', ')}. Presented: ${key}. Either the system was reinstalled ` +
        `or something is in between: compare by another way (console, its owner), then pin the new key with: ${isInFile ? enrol : `/enrol ${name} in Slack`}`,
    );
  }
  const [line] = answer.authorityLines;
  const authority =
    line === undefined
      ? ''
      : ` (line ${line} of ${knownHosts} trusts a certificate authority for it, but host certificates are not supported: its plain key must be pinned)`;
  const how = pins.isStoreAsked
    ? `${enrol}, or /enrol ${name} in Slack`
    : `${enrol} (without Redis only ${knownHosts} counts, not what was pinned from Slack)`;
  return connectError(
    endpoint,
    'host-key-unknown',
    `was refused: its host key is not known${authority}. Presented: ${key}. Compare it by another way, then pin it with: ${how}`,
  );
}

interface Key {
  readonly type: string;
  readonly fingerprint: string;
}

/** Nobody was let in: who tried, with what, and what the server takes. */
export function loginRefused(
  endpoint: Endpoint,
  offered: readonly string[],
  accepts: readonly string[],
): ConnectError {
  const what = offered.length > 0 ? offered.join(', ') : 'nothing (no identityFile, no agent)';
  const takes = accepts.length > 0 ? ` The server takes: ${accepts.join(', ')}.` : '';
  return new ConnectError(
    endpoint.name,
    'login-refused',
    `Login as ${endpoint.user} on ${place(endpoint)} was refused. Offered: ${what}.${takes} Nothing was run.`,
  );
}

/** The jump host itself could not be used; its own error is said in full and kept as cause. */
export function jumpFailed(endpoint: Endpoint, jump: Endpoint, error: ConnectError): ConnectError {
  const why = error.message.replace(/ Nothing was run\.$/, '').replace(/\.$/, '');
  return connectError(endpoint, 'jump-failed', `through ${jump.name} failed: ${why}`, error);
}

/** Whether trying again may help. Host keys, logins and algorithms do not change within seconds. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof ConnectError && ['unreachable', 'refused', 'timed-out'].includes(error.reason);
}

const socketWords: Readonly<Record<string, readonly [ConnectReason, string]>> = {
  ECONNREFUSED: ['refused', 'was refused: nothing listens there, or a firewall rejects it'],
  ENOTFOUND: ['unreachable', 'failed: the host name was not found'],
  EAI_AGAIN: ['unreachable', 'failed: the name service did not answer'],
  EHOSTUNREACH: ['unreachable', 'failed: no route to the host'],
  ENETUNREACH: ['unreachable', 'failed: no route to its network'],
  EHOSTDOWN: ['unreachable', 'failed: the host is down'],
  ECONNRESET: ['unreachable', 'failed: the connection was reset before the login was done'],
  EPIPE: ['unreachable', 'failed: the connection was closed before the login was done'],
  ETIMEDOUT: ['timed-out', 'timed out in the network'],
};

/** Text from the far side on one line, without control characters. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, 300);
}

/** Whether the server has no host key of a type that was asked for. ssh2 has no code for it; these are its words. */
export function isNoCommonHostKey(error: Error): boolean {
  return error.message === 'Handshake failed: no matching host key format';
}
