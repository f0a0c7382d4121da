import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, startRedis, type RedisServer } from './redis-server.js';
import { findPart } from './system-parts.js';

/** Paths of files in PEM. */
export interface TlsFiles {
  readonly ca: string;
  /** The servers' certificate: 127.0.0.1, localhost and redis.example.net. */
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes a CA with openssl, and a server's and a client's certificate of it, below `folder`. */
export async function makeTls(folder: string): Promise<TlsFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = (name: string): string => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = [
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=Redis test CA',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  ];
  await openssl('req', ...ca);
  await writeFile(at('names.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:redis.example.net\n');
  for (const name of ['server', 'client']) {
    await openssl(
      'req',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    const signed = [
      '-in',
      at(`${name}.csr`),
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
    ];
    await openssl('x509', '-req', ...signed, '-extfile', at('names.cnf'), '-out', at(`${name}.pem`));
  }
  return {
    ca: at('ca.pem'),
    serverCert: at('server.pem'),
    serverKey: at('server.key'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}

async function openssl(...args: readonly string[]): Promise<void> {
  await promisify(execFile)((await findPart('openssl')) ?? 'openssl', args);
}

export interface TlsRedis {
  readonly server: RedisServer;
  readonly tlsPort: number;
}

/** A Redis that also speaks TLS on a port of its own; with `isMutual` it wants a client's certificate of the same CA. */
export async function startTlsRedis(folder: string, files: TlsFiles, isMutual: boolean): Promise<TlsRedis> {
  const tlsPort = await freePort();
  const lines = [
    `tls-port ${tlsPort}`,
    `tls-ca-cert-file ${files.ca}`,
    `tls-cert-file ${files.serverCert}`,
    `tls-key-file ${files.serverKey}`,
    `tls-auth-clients ${isMutual ? 'yes' : 'no'}`,
  ];
  return { server: await startRedis({ folder, lines }), tlsPort };
}
