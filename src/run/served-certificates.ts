import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { CertificateParser, StoreReading } from '../core/certificate.js';
import type { Evidence } from '../core/fact.js';
import type { CertificateRule, NodeTarget } from '../core/target.js';
import { endedStore } from '../runbooks/certificates/places.js';
import { readStore } from '../runbooks/certificates/stores.js';

/** From the beginning of the connection to the end of the handshake; milliseconds. */
const patienceMs = 10_000;
/** A chain has a handful; more is somebody's joke. */
const mostInChain = 20;

/** Whether a rule speaks of what a port serves. */
export function isServed({ path }: Pick<CertificateRule, 'path'>): boolean {
  return path.startsWith('tls://');
}

/**
 * The certificates that a TLS port serves: what its clients really see, whatever lies in files. Nobody is trusted, no data
 * is sent, and the connection is closed behind the handshake. It goes straight from here, and not through a jump host.
 * Throws nothing but the abort of the signal: a port that cannot be reached is a store that could not be read.
 */
export async function readServed(
  node: NodeTarget,
  rule: CertificateRule,
  parser: CertificateParser,
  signal?: AbortSignal,
): Promise<StoreReading> {
  const at = placeOf(rule.path, node.endpoint.host);
  const path = `tls://${at.name}:${at.port}`;
  const evidence: Evidence = {
    target: node.name,
    command: `TLS handshake with ${at.name}:${at.port}`,
    excerpt: '',
  };
  try {
    const chain = await handshake(at, signal);
    const certificates = await parser.readPem(chain.map(asPem).join(''));
    return readStore({ path, owner: rule.owner }, 'tls', certificates, evidence);
  } catch (error) {
    signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    const reason = `No certificate was served by ${at.name}:${at.port}: ${why}. Nothing was sent to it.`;
    return endedStore({ path, owner: rule.owner }, { status: 'unreadable', reason, evidence });
  }
}

interface Port {
  readonly host: string;
  /** As it stands in an address: an IPv6 one in brackets. */
  readonly name: string;
  readonly port: number;
}

/** `tls://:443` is a port of the node itself. The inventory's schema has checked the form. */
function placeOf(path: string, nodeHost: string): Port {
  const [, given = '', port = ''] = /^tls:\/\/(.*):(\d+)$/.exec(path) ?? [];
  const host = given === '' ? nodeHost : given.replace(/^\[|\]$/g, '');
  return { host, name: isIP(host) === 6 ? `[${host}]` : host, port: Number(port) };
}

function handshake({ host, port }: Port, signal: AbortSignal | undefined): Promise<readonly Buffer[]> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Old daemons are to be seen too, and nothing secret goes over this connection.
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const timer = setTimeout(() => end(new Error(`no handshake within ${patienceMs / 1_000} s`)), patienceMs);
    const aborted = () => end(new Error('stopped'));
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      // A server that wants a certificate of the client's has shown its own before it refuses.
      const chain = chainOf(socket);
      socket.destroy();
      if (chain.length > 0) resolve(chain);
      else reject(error ?? new Error('it showed none'));
    };
    signal?.addEventListener('abort', aborted, { once: true });
    socket.once('secureConnect', () => end(null));
    socket.once('error', end);
    socket.once('close', () => end(new Error('it closed the connection')));
  });
}

/** The certificate and those that were sent with it, in DER, each once. */
function chainOf(socket: TLSSocket): readonly Buffer[] {
  const chain: Buffer[] = [];
  const seen = new Set<string>();
  // Before the handshake is far enough there is an empty object or none, whatever the types say.
  let next = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate> | null | undefined;
  while (next?.raw !== undefined && next.fingerprint256 !== undefined) {
    if (seen.has(next.fingerprint256) || chain.length >= mostInChain) break;
    seen.add(next.fingerprint256);
    chain.push(next.raw);
    next = next.issuerCertificate;
  }
  return chain;
}

function asPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
