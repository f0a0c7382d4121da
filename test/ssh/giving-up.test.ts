import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observed } from '../../src/core/observe.js';
import { nodeRead } from '../../src/core/remote-command.js';
import type { Endpoint } from '../../src/core/target.js';
import type { Transport } from '../../src/ssh/transport.js';
import { newKeys } from '../lab/keys.js';
import { nodeAt, transportWith } from './targets.js';

const hello = nodeRead('/bin/sh', ['-c', 'echo hello'], 'test');
let folder: string;
let server: Server;
let sockets: Socket[];
let transport: Transport;
let observed: Observed[];
let endpoint: Endpoint;

/** A server that takes connections and says nothing. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aixops-giving-up-'));
  sockets = [];
  observed = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [host, client] = [newKeys(), newKeys()];
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'key'), client.private, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${host.public}\n`);
  endpoint = {
    ...{ name: 'lpar1', host: '127.0.0.1', port, user: 'root', jump: null, become: null, agent: false },
    ...{ identityFile: join(folder, 'key'), knownHosts: join(folder, 'known_hosts'), algorithms: 'modern' },
  };
  transport = transportWith({ connectTimeoutMs: 60_000, observe: (what) => observed.push(what) });
});
afterEach(async () => {
  await transport.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function accepted(n: number): Promise<void> {
  while (sockets.length < n) await once(server, 'connection');
}

const closed = (socket: Socket | undefined): Promise<unknown> =>
  socket === undefined || socket.closed ? Promise.resolve() : once(socket, 'close');

const stopped = new Error('stopped');

describe('a connection that is being opened', () => {
  it('is given up at once when nobody waits for it any more, and counts as no failure', async () => {
    const stop = new AbortController();
    const reading = transport.read(nodeAt(endpoint), [hello], stop.signal);
    await accepted(1);
    stop.abort(stopped);
    await expect(reading).rejects.toBe(stopped);
    await closed(sockets[0]);
    expect(observed.filter(({ kind }) => kind === 'ssh-failed')).toEqual([]);
    expect(sockets).toHaveLength(1);
  }, 60_000);

  it('goes on for whoever still waits for it', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const readings = [first, second].map(({ signal }) => transport.read(nodeAt(endpoint), [hello], signal));
    await accepted(1);
    first.abort(stopped);
    await expect(readings[0]).rejects.toBe(stopped);
    expect(sockets[0]?.closed).toBe(false);
    second.abort(stopped);
    await expect(readings[1]).rejects.toBe(stopped);
    await closed(sockets[0]);
    expect(sockets).toHaveLength(1);
  }, 60_000);

  it('begins anew for whoever comes after that', async () => {
    const stop = new AbortController();
    const reading = transport.read(nodeAt(endpoint), [hello], stop.signal);
    await accepted(1);
    stop.abort(stopped);
    await expect(reading).rejects.toBe(stopped);
    const again = transport.read(nodeAt(endpoint), [hello]);
    await accepted(2);
    await transport.close();
    await expect(again).rejects.toMatchObject({ name: 'ConnectError' });
    await closed(sockets[1]);
  }, 60_000);

  it('is given up through its jump host as well', async () => {
    const stop = new AbortController();
    const behind: Endpoint = { ...endpoint, name: 'lpar2', host: '127.0.0.9', jump: endpoint };
    const reading = transport.read(nodeAt(behind), [hello], stop.signal);
    await accepted(1);
    stop.abort(stopped);
    await expect(reading).rejects.toBe(stopped);
    await closed(sockets[0]);
  }, 60_000);

  it('is not begun for who has stopped before', async () => {
    await expect(transport.read(nodeAt(endpoint), [hello], AbortSignal.abort(stopped))).rejects.toBe(stopped);
    expect(sockets).toEqual([]);
  });
});
