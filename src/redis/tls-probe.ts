/** Why TLS does not come about: what ioredis is told is often no more than that the connection was reset. */
import { connect, type ConnectionOptions } from 'node:tls';
import { tlsOf } from './options.js';
import type { HostAndPort, RedisPlace } from './place.js';

/** A server whose port has no TLS takes our hello for half a line and waits for the rest. */
const patienceMs = 3_000;
/** With TLS 1.3 the server's refusal of our certificate comes after the handshake. Source: RFC 8446, 4.4.2.4. */
const afterwardsMs = 500;

export const noTls = 'wrong version number';

/** What TLS itself says to the place's first server; null where it says nothing, or there is no TLS. Never rejects. */
export function tlsRefusal(place: RedisPlace): Promise<string | null> {
  const at = firstTlsServer(place);
  if (at === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const options: ConnectionOptions = { host: at.host, port: at.port, ...tlsOf(place).tls };
    // Nothing is written: the server's last word is then not lost in a reset.
    const socket = connect(options);
    let isReached = false;
    const done = (said: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(said);
    };
    let timer = setTimeout(() => done(isReached ? noTls : null), patienceMs);
    socket.once('connect', () => {
      isReached = true;
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      timer = setTimeout(() => done(null), afterwardsMs);
    });
    socket.on('error', (error: Error) => done(error.message));
    socket.on('close', () => done(null));
  });
}

/** The server whose TLS the settings speak of; of data nodes behind Sentinels without TLS we know none yet. */
function firstTlsServer({ form, tls }: RedisPlace): HostAndPort | null {
  if (form.kind !== 'url') {
    const isTls = tls !== null && (form.kind === 'cluster' || form.isTls);
    return isTls ? (form.nodes[0] ?? null) : null;
  }
  const url = form.url.reveal();
  if (!url.startsWith('rediss://') || !URL.canParse(url)) return null;
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6379 : Number(port) };
}
