import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hmcRead } from '../../src/core/remote-command.js';
import { newKeys } from '../lab/keys.js';
import { hmcAt, transportWith } from './targets.js';

// A server whose whole answer to a command arrives in one piece: taken, output, exit status, closed. A real one does
// so when the command is quick and the machine busy.
const folder = mkdtempSync(join(tmpdir(), 'aixops-quick-'));
const [client, host] = [newKeys(), newKeys()];
let server: Server;
let port: number;

beforeAll(async () => {
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, () => undefined);
  const sockets: Socket[] = [];
  ssh.on('connection', (connection) => {
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (take) => {
        const socket = sockets.at(-1);
        socket?.cork();
        const channel = take();
        channel.write('Version: 10\n');
        channel.exit(0);
        channel.end();
        setImmediate(() => socket?.uncork());
      });
    });
  });
  server = createServer((socket) => {
    sockets.push(socket);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  writeFileSync(join(folder, 'id'), client.private, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${host.public}\n`);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('hears the exit status that arrives together with the channel', async () => {
  const target = hmcAt({
    ...{ name: 'hmc1', host: '127.0.0.1', port, user: 'hscroot', agent: false, become: null, jump: null },
    ...{ identityFile: join(folder, 'id'), knownHosts: join(folder, 'known_hosts'), algorithms: 'modern' },
  });
  const ssh = transportWith();
  try {
    for (let round = 0; round < 5; round += 1) {
      const [outcome] = await ssh.read(target, [hmcRead('lshmc', ['-V'], 'HMC lshmc man page')]);
      expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0, stdout: 'Version: 10\n' });
    }
  } finally {
    await ssh.close();
  }
});
