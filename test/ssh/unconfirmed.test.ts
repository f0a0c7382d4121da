import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hmcChange, hmcRead } from '../../src/core/remote-command.js';
import { newKeys } from '../lab/keys.js';
import { hmcAt, transportWith } from './targets.js';

// A server that takes a command, and whose connection breaks before it has said so: for the client the command looks
// like one that never began.
const folder = mkdtempSync(join(tmpdir(), 'aixops-unconfirmed-'));
const [client, host] = [newKeys(), newKeys()];
const taken: string[] = [];
let breaks = 0;
let server: Server;
let port: number;

beforeAll(async () => {
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, () => undefined);
  const sockets: Socket[] = [];
  ssh.on('connection', (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (take, _refuse, { command }) => {
        taken.push(command);
        if (breaks > 0) {
          breaks -= 1;
          sockets.at(-1)?.destroy();
          return;
        }
        const channel = take();
        channel.exit(0);
        channel.end();
      });
    });
  });
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
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
beforeEach(() => {
  taken.length = 0;
  breaks = 1;
});

const target = () =>
  hmcAt({
    ...{ name: 'hmc1', host: '127.0.0.1', port, user: 'hscroot', agent: false, become: null, jump: null },
    ...{ identityFile: join(folder, 'id'), knownHosts: join(folder, 'known_hosts'), algorithms: 'modern' },
  });

it('never gives a change again that the HMC may have taken, and calls it lost', async () => {
  const ssh = transportWith();
  const rebuild = hmcChange(
    'once',
    'chsysstate',
    ['-o', 'rebuild', '-r', 'sys', '-m', 'p9'],
    'HMC chsysstate man page',
  );
  try {
    const outcome = await ssh.change(target(), rebuild, 10_000);
    expect(outcome).toMatchObject({ ended: 'lost', exitCode: null });
    expect(taken).toEqual(['chsysstate -o rebuild -r sys -m p9']);
  } finally {
    await ssh.close();
  }
});

it('asks again what only reads', async () => {
  const ssh = transportWith();
  try {
    const [outcome] = await ssh.read(target(), [hmcRead('lshmc', ['-V'], 'HMC lshmc man page')]);
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(taken).toEqual(['lshmc -V', 'lshmc -V']);
  } finally {
    await ssh.close();
  }
});
