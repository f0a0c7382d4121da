/**
 * Two round trips less for each login. ssh2 waits for the server's word that it may log in, then asks whether a key would be
 * taken, and signs only then. SSH asks for neither: a request may follow the one for the service at once where the server has
 * proved its host key, which every key exchange that is offered here makes it do (RFC 4253 §10), and may be signed at
 * once (RFC 4252 §7). ssh2 has no call for that, so this reaches for what its login is made of (lib/client.js and
 * lib/protocol/Protocol.js of 1.17.0); where another version lacks that, it logs in as it would by itself.
 */
import { createPrivateKey, sign, type KeyObject } from 'node:crypto';

/** As much of ssh2's keys as is used here. */
export interface LoginKey {
  readonly type: string;
  isPrivateKey(): boolean;
  getPrivatePEM(): unknown;
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

interface Protocol {
  service(name: string): void;
  authPK(user: string, key: LoginKey | Buffer, algorithm?: string, sign?: Sign): void;
  readonly _handlers: { SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void };
}

/** Of a client that begins to connect: its keys are offered signed, and the first one without waiting. */
export function loginAtOnce(client: object, firstKey: LoginKey | null): void {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!isKnown(protocol)) return;
  signAtOnce(protocol);
  // Which hash an RSA key may be used with the server tells at the same time as it takes the service (RFC 8308).
  if (firstKey !== null && firstKey.type !== 'ssh-rsa') askAtOnce(protocol);
}

function isKnown(protocol: unknown): protocol is Protocol {
  if (typeof protocol !== 'object' || protocol === null) return false;
  const handlers: unknown = Reflect.get(protocol, '_handlers');
  const has = (thing: unknown, name: string): boolean =>
    typeof thing === 'object' && thing !== null && typeof Reflect.get(thing, name) === 'function';
  return has(protocol, 'service') && has(protocol, 'authPK') && has(handlers, 'SERVICE_ACCEPT');
}

function signAtOnce(protocol: Protocol): void {
  const offer = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, other) => {
    // An agent's keys are only asked for: signing may need a person's touch.
    const mine = Buffer.isBuffer(key) || !key.isPrivateKey() ? undefined : signerOf(key, algorithm);
    offer(user, key, algorithm, other ?? mine);
  };
}

/** RFC 8709 for Ed25519, which hashes by itself; RFC 5656 §6.2.1; RFC 8332; RFC 4253 §6.6. */
const hashes: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

function signerOf(key: LoginKey, algorithm: string | undefined): Sign | undefined {
  const hash = hashes[algorithm ?? key.type];
  if (hash === undefined) return undefined;
  return (data, done) => {
    done(sign(hash, data, secretOf(key)));
  };
}

const secrets = new WeakMap<LoginKey, KeyObject>();

/** ssh2 reads its key's text anew for each signature, which takes longer than the signature itself. */
function secretOf(key: LoginKey): KeyObject {
  const known = secrets.get(key) ?? createPrivateKey(String(key.getPrivatePEM()));
  secrets.set(key, known);
  return known;
}

function askAtOnce(protocol: Protocol): void {
  const ask = protocol.service.bind(protocol);
  protocol.service = (name) => {
    const accepted = protocol._handlers.SERVICE_ACCEPT;
    // What the server says to it then is that it goes on.
    protocol._handlers.SERVICE_ACCEPT = () => undefined;
    ask(name);
    accepted?.(protocol, name);
  };
}
