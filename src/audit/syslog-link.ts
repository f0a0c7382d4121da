/** Hands syslog messages to a server: UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { octetCounted } from './syslog.js';

export interface SyslogServer {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  /** PEM of who may have signed the server's certificate; null for those that Node trusts. */
  readonly ca: string | null;
}

/** How many messages of a batch can never be sent, such as one that is too long for a datagram. */
export interface Handed {
  readonly lost: number;
}

const timeoutMs = 10_000;

/**
 * Hands over a batch and rejects where the server did not take it. Over TCP each batch is a connection of its own that is
 * closed after it: syslog has no answers, but a server that has closed in good order has read up to the end.
 */
export async function sendToSyslog(server: SyslogServer, messages: readonly string[]): Promise<Handed> {
  if (server.protocol === 'udp') return sendDatagrams(server, messages);
  await sendStream(server, octetCounted(messages));
  return { lost: 0 };
}

function sendStream({ protocol, host, port, ca }: SyslogServer, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const isTls = protocol === 'tls';
    const socket: Socket = isTls
      ? connectTls({ host, port, ...(ca === null ? {} : { ca }) })
      : connect({ host, port });
    let isFlushed = false;
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      // All of it was handed over, and the server only leaves its side open.
      if (isFlushed) resolve();
      else reject(new Error(`no answer within ${timeoutMs / 1_000} s`));
    });
    socket.once('error', reject);
    socket.once('close', () => {
      if (isFlushed) resolve();
      else reject(new Error('the connection was closed before everything was sent'));
    });
    socket.once('finish', () => {
      isFlushed = true;
    });
    // Whatever it says, nobody waits for it; unread, it would hold up the end.
    socket.resume();
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.end(bytes));
  });
}

/** Nobody tells whether a datagram arrived; those that cannot even leave are counted. */
async function sendDatagrams({ host, port }: SyslogServer, messages: readonly string[]): Promise<Handed> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  let lost = 0;
  try {
    for (const message of messages) {
      const error = await new Promise<Error | null>((resolve) => {
        socket.once('error', resolve);
        socket.send(message, port, host, resolve);
      });
      socket.removeAllListeners('error');
      if (error === null) continue;
      if ((error as NodeJS.ErrnoException).code !== 'EMSGSIZE') throw error;
      lost += 1;
    }
  } finally {
    socket.close();
  }
  return { lost };
}
