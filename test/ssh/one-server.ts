import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import type { HmcTarget } from '../../src/core/target.js';
import { newKeys } from '../lab/keys.js';
import { hmcAt } from './targets.js';

/** A command that arrived: what it is, how to take it, and the connection that it came by. */
export interface Arrived {
  readonly command: string;
  readonly take: () => ServerChannel;
  readonly socket: Socket | undefined;
}

export interface OneServer {
  /** An HMC of ours that is this server. */
  readonly target: HmcTarget;
  /** Channels opened and commands arrived so far, in order. */
  readonly events: readonly ('channel' | 'command')[];
  stop(): void;
}

/** An SSH server that lets everybody in and does with each command what a test wants: for moments that no real one repeats. */
export async function startOneServer(
  onCommand: (arrived: Arrived) => void,
  onLogin: (connection: Connection, context: AuthContext) => void = (_connection, context) =>
    context.accept(),
  onConnection: (connection: Connection) => void = () => undefined,
): Promise<OneServer> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-one-server-'));
  const [client, host] = [newKeys(), newKeys()];
  const sockets: Socket[] = [];
  const events: ('channel' | 'command')[] = [];
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, () => undefined);
  ssh.on('connection', (connection) => {
    connection.on('error', () => undefined);
    onConnection(connection);
    connection.on('authentication', (context) => onLogin(connection, context));
    connection.on('session', (accept) => {
      events.push('channel');
      accept().on('exec', (take, _refuse, { command }) => {
        events.push('command');
        onCommand({ command, take, socket: sockets.at(-1) });
      });
    });
  });
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const [identityFile, knownHosts] = [join(folder, 'id'), join(folder, 'known_hosts')];
  writeFileSync(identityFile, client.private, { mode: 0o600 });
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${host.public}\n`);
  return {
    events,
    target: hmcAt({
      ...{ name: 'hmc1', host: '127.0.0.1', port, user: 'hscroot', agent: false, become: null, jump: null },
      ...{ identityFile, knownHosts, algorithms: 'modern' },
    }),
    stop: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
