import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/audit.js';
import { chain, emptyTail, hashOf, type AuditEvent, type AuditRecord } from '../../src/audit/chain.js';
import { checkpointOf } from '../../src/audit/checkpoint.js';
import { createCopy, type CopyOptions } from '../../src/audit/copy.js';
import { octetCounted, syslogMessage } from '../../src/audit/syslog.js';
import { sendToSyslog } from '../../src/audit/syslog-link.js';
import { createTrail } from '../../src/audit/trail.js';
import { recordIn } from '../../src/audit/verify.js';
import { connectRedis, readyRedis } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function records(count: number, detail: AuditEvent['detail'] = {}): readonly AuditRecord[] {
  const event = { code: 'step.ended', actor: 'worker', object: 'c-1', detail } as const;
  const origin = { writer: 'worker/host1/4f2a9c', policy: 'p1' };
  return chain(
    Array.from({ length: count }, () => event),
    emptyTail,
    origin,
    '2026-07-15T08:00:00.000Z',
  );
}

const messageOf = (detail: AuditEvent['detail'] = {}): string =>
  records(1, detail).map(syslogMessage)[0] ?? '';

describe('a message', () => {
  it('has the header of RFC 5424, and the record as it verifies', () => {
    const message = messageOf({ note: 'Grüße 🔒\u007f' });
    expect(message).toMatch(/^<110>1 2026-07-15T08:00:00\.000Z host1 aixops - step\.ended - \{[ -~]*\}$/);
    const record = recordIn(message.slice(message.indexOf('{')));
    expect(record?.detail).toEqual({ note: 'Grüße 🔒\u007f' });
    expect(record === null ? '' : hashOf(record)).toBe(record?.hash);
  });

  it('is a warning where somebody was refused', () => {
    const event = { code: 'request.refused', actor: 'UEVE', object: 'c-1', detail: {} } as const;
    const [record] = chain([event], emptyTail, {}, '2026-07-15T08:00:00.000Z');
    expect(record === undefined ? '' : syslogMessage(record)).toMatch(
      /^<108>1 2026-07-15T08:00:00\.000Z - aixops /,
    );
  });

  it('cannot be given a header of its own by what a record says', () => {
    const [record] = records(1);
    if (record === undefined) throw new Error('there is one');
    const forged = { ...record, code: 'a b\n<0>1' as never, writer: 'w/ho st\u0000\n1/x', at: '' };
    expect(syslogMessage(forged)).toMatch(/^<110>1 - host1 aixops - ab<0>1 - \{[^\n]*\}$/);
  });

  it('is counted in octets', () => {
    expect(octetCounted(['abc', 'ü']).toString()).toBe('3 abc2 ü');
  });
});

/** Everything that a server gets until the connection ends. */
async function listening(server: Server, port: (address: AddressInfo) => void): Promise<string[]> {
  const got: string[] = [];
  const take = (socket: Socket): void => {
    let text = '';
    socket.on('data', (data) => (text += data.toString('utf8')));
    socket.on('end', () => got.push(text));
    socket.on('error', () => undefined);
  };
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  port(server.address() as AddressInfo);
  return got;
}

/** A certificate of this machine's loopback address, made by openssl. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-syslog-'));
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    const name = ['-subj', '/CN=syslog', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', cert], {
      stdio: 'pipe',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a server', () => {
  it('gets a batch over TCP', async () => {
    let port = 0;
    const got = await listening(createServer(), (address) => (port = address.port));
    const messages = records(250).map(syslogMessage);
    await expect(
      sendToSyslog({ protocol: 'tcp', host: '127.0.0.1', port, ca: null }, messages),
    ).resolves.toEqual({ lost: 0 });
    expect(got.join('')).toBe(octetCounted(messages).toString());
  });

  it('gets a batch over TLS when its certificate is trusted, and nothing when it is not', async () => {
    let port = 0;
    const { key, cert } = selfSigned();
    const got = await listening(createTlsServer({ key, cert }), (address) => (port = address.port));
    const server = { protocol: 'tls', host: '127.0.0.1', port } as const;
    await expect(sendToSyslog({ ...server, ca: null }, [messageOf()])).rejects.toThrow();
    await sendToSyslog({ ...server, ca: cert }, [messageOf()]);
    expect(got.join('')).toBe(octetCounted([messageOf()]).toString());
  });

  it('gets datagrams, and what is too long for one is counted', async () => {
    const socket = createSocket('udp4');
    open.push(socket);
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    const arrived = new Promise<string>((resolve) => {
      socket.once('message', (data) => {
        resolve(data.toString('utf8'));
      });
    });
    const long = messageOf({ note: 'x'.repeat(70_000) });
    const server = { protocol: 'udp', host: '127.0.0.1', port, ca: null } as const;
    await expect(sendToSyslog(server, [long, messageOf()])).resolves.toEqual({ lost: 1 });
    expect(await arrived).toBe(messageOf());
  });

  it('that is away, or hangs up in the middle, has taken nothing', async () => {
    let port = 0;
    const server = createServer((socket) => socket.resetAndDestroy());
    await listening(server, (address) => (port = address.port));
    const at = { protocol: 'tcp', host: '127.0.0.1', port, ca: null } as const;
    const much = Array.from({ length: 200 }, () => messageOf({ note: 'x'.repeat(50_000) }));
    await expect(sendToSyslog(at, much)).rejects.toThrow();
    await new Promise((resolve) => server.close(resolve));
    await expect(sendToSyslog(at, [messageOf()])).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('the copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-copy-'));
  const prefix = '{aixops}:';
  let redisServer: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    redisServer = await startRedis({ folder });
    redis = connectRedis(redisServer.url, () => undefined);
    await readyRedis(redis, redisServer.url, 5_000);
  });
  afterAll(async () => {
    redis.disconnect();
    await redisServer.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A trail of so many records; what was sent, and what failed. */
  async function bench(count: number) {
    await redis.flushall();
    const audit = createAudit(redis, prefix, () => 1_000);
    const trail = createTrail(redis, prefix);
    const event = { code: 'step.ended', actor: 'worker', object: 'c-1', detail: {} } as const;
    const all = await Promise.all(Array.from({ length: count }, () => audit.append(event)));
    const state = { sent: [] as string[], lost: 0, failed: 0, isAway: false };
    const options: CopyOptions = {
      audit,
      trail,
      send: (messages) => {
        if (state.isAway) return Promise.reject(new Error('away'));
        state.sent.push(...messages);
        return Promise.resolve({ lost: 0 });
      },
      newId: () => 'token',
      onLost: (lost) => (state.lost += lost),
      onFailed: () => (state.failed += 1),
      stopping: () => false,
    };
    return { all, state, options, trail };
  }

  it('goes on after an outage, and after a restart, where it was', async () => {
    const { all, state, options, trail } = await bench(350);
    state.isAway = true;
    await createCopy(options).catchUp();
    expect(state).toMatchObject({ sent: [], failed: 1 });
    expect(await trail.copied()).toBe(0);
    state.isAway = false;
    await createCopy({ ...options, stopping: () => state.sent.length >= 100 }).catchUp();
    expect(await trail.copied()).toBe(100);
    const copy = createCopy(options);
    await Promise.all([copy.catchUp(), copy.catchUp()]);
    expect(state.sent).toEqual(all.map(syslogMessage));
    expect(await trail.copied()).toBe(350);
    expect(state).toMatchObject({ lost: 0, failed: 1 });
  });

  it('counts what was trimmed before it could be sent', async () => {
    const { all, state, options, trail } = await bench(20);
    const anchor = { kind: 'anchor', sequence: 14, hash: all[14]?.hash ?? '', at: '' } as const;
    expect(await trail.trim(all.slice(0, 15), checkpointOf(anchor, null))).toBe(true);
    await createCopy(options).catchUp();
    expect(state.lost).toBe(15);
    expect(state.sent).toEqual(all.slice(15).map(syslogMessage));
  });

  it('sends nothing while another worker does', async () => {
    const { state, options, trail } = await bench(5);
    await trail.claim('copying', 'another', 60_000);
    await createCopy(options).catchUp();
    expect(state).toMatchObject({ sent: [], failed: 0 });
  });

  it('never rejects, whatever Redis does', async () => {
    const { state, options } = await bench(1);
    const gone = connectRedis('redis://127.0.0.1:1', () => undefined);
    await createCopy({ ...options, trail: createTrail(gone, prefix) }).catchUp();
    gone.disconnect();
    expect(state).toMatchObject({ sent: [], failed: 1 });
  });
});
