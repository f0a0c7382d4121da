import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createCertificateParser } from '../../src/certificates/parser.js';
import { readServed } from '../../src/run/served-certificates.js';
import { certificateFor } from '../lab/certificates.js';
import { lpar1 } from '../runbooks/cases.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-served-'));
const parser = createCertificateParser();
const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});
afterAll(async () => {
  await parser.close();
  rmSync(folder, { recursive: true, force: true });
});

const own = certificateFor(folder, 'web.example', 12);
const other = certificateFor(folder, 'intermediate.example', -3);
const here = { ...lpar1, endpoint: { ...lpar1.endpoint, host: '127.0.0.1' } };

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

const read = (path: string, signal?: AbortSignal) =>
  readServed(here, { path, owner: '@web-team' }, parser, signal);

describe('what a TLS port serves', () => {
  it('is read in the order of the chain, of the node itself where no host is named', async () => {
    const received: Buffer[] = [];
    const server = createTlsServer({ key: own.key, cert: own.certificate + other.certificate }, (socket) => {
      socket.on('data', (data: Buffer) => received.push(data));
      socket.on('error', () => undefined);
    });
    const port = await listening(server);
    const store = await read(`tls://:${port}`);
    expect(store).toMatchObject({
      path: `tls://127.0.0.1:${port}`,
      format: 'tls',
      status: 'read',
      owner: '@web-team',
    });
    expect(store.certificates[0]).toMatchObject({
      problem: null,
      certificate: { subject: 'CN=web.example,O=Lab' },
    });
    expect(Buffer.concat(received)).toHaveLength(0);
  });

  it('is read too where the server wants a certificate of its client', async () => {
    const options = { key: own.key, cert: own.certificate, requestCert: true, rejectUnauthorized: true };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const server = createTlsServer({ ...options, maxVersion });
      server.on('tlsClientError', () => undefined);
      const store = await read(`tls://127.0.0.1:${await listening(server)}`);
      expect(store.status).toBe('read');
      expect(store.certificates).toHaveLength(1);
    }
  });

  it('is not known where nobody listens, and where somebody listens who knows no TLS', async () => {
    const closed = await read('tls://127.0.0.1:1');
    expect(closed).toMatchObject({ status: 'unreadable', format: 'tls', certificates: [] });
    expect(closed.reason).toMatch(
      /^No certificate was served by 127\.0\.0\.1:1: .*ECONNREFUSED.*Nothing was sent/,
    );
    const mute = createServer((socket) => socket.end('220 hello\r\n'));
    const plain = await read(`tls://127.0.0.1:${await listening(mute)}`);
    expect(plain).toMatchObject({ status: 'unreadable', certificates: [] });
  });

  it('is given up at once when the reading is stopped', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const port = await listening(silent);
    const stopped = AbortSignal.timeout(50);
    await expect(read(`tls://127.0.0.1:${port}`, stopped)).rejects.toThrow(/timeout/i);
  });

  it('agrees with what openssl shows', async () => {
    const port = await listening(createTlsServer({ key: own.key, cert: own.certificate }));
    const { certificates } = await read(`tls://127.0.0.1:${port}`);
    const printed = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], {
      input: own.certificate,
    });
    expect(String(printed).trim()).toMatch(
      new RegExp(`=${certificates[0]?.certificate?.fingerprint256 ?? 'none'}$`),
    );
  });
});
