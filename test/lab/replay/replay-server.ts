import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ServerChannel } from 'ssh2';
import { DelayLine, Later } from './delay-line.js';
import type { FaultKind } from './faults.js';
import type { Answer } from './tape.js';

/** One host that is replayed. */
export interface ReplayHost {
  readonly address: string;
  readonly fault: FaultKind | null;
  /** The answer to a command with its standard input; null where the tape has none. */
  readonly answer: (command: string, stdin: string) => Answer | null;
}

export interface ReplayServerOptions {
  readonly port: number;
  readonly roundTripMs: number;
  /** From the end of a question to the start of its answer. */
  readonly remoteMs: number;
  readonly hostKey: string;
  /** The one public key that may log in, as its wire bytes. */
  readonly clientKey: Buffer;
}

/** What was seen since the start. */
export interface Counts {
  connections: number;
  open: number;
  mostOpen: number;
  logins: number;
  answers: number;
  /** Questions that the tape does not know. */
  unknown: string[];
}

/** Many SSH servers in one process, each on its own loopback address and all on one port. */
export class ReplayServer {
  readonly counts: Counts = { connections: 0, open: 0, mostOpen: 0, logins: 0, answers: 0, unknown: [] };
  private readonly byAddress: ReadonlyMap<string, ReplayHost>;
  private readonly listening: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly ssh: ssh2.Server;
  private readonly oneWay: Later;
  /** The handshake of TCP, before anything is heard, and before anything is said. */
  private readonly untilHeard: Later;
  private readonly untilSaid: Later;

  constructor(
    hosts: readonly ReplayHost[],
    private readonly options: ReplayServerOptions,
  ) {
    this.byAddress = new Map(hosts.map((host) => [host.address, host]));
    this.ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (client, { ip }) => this.welcome(client, ip));
    this.oneWay = new Later(options.roundTripMs / 2);
    this.untilHeard = new Later(options.roundTripMs);
    this.untilSaid = new Later(options.roundTripMs * 1.5);
  }

  /** Listens for every host that does not refuse. */
  async open(): Promise<void> {
    for (const { address, fault } of this.byAddress.values()) {
      if (fault === 'refused') continue;
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
        this.accept(socket, address),
      );
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: address, port: this.options.port, backlog: 64 }, resolve);
      });
      this.listening.push(server);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.listening.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private accept(socket: Socket, address: string): void {
    const { counts } = this;
    counts.connections += 1;
    counts.open += 1;
    counts.mostOpen = Math.max(counts.mostOpen, counts.open);
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      counts.open -= 1;
      this.sockets.delete(socket);
    });
    if (this.byAddress.get(address)?.fault === 'silent') {
      socket.resume();
      return;
    }
    const line = new DelayLine(socket, this.oneWay);
    line.on('error', () => undefined);
    // ssh2 tells its listener the remote address alone: it is lent for saying which host this is.
    Object.assign(line, { remoteAddress: address });
    this.untilHeard.do(() => socket.resume());
    this.untilSaid.do(() => this.ssh.injectSocket(line as unknown as Socket));
  }

  private welcome(client: Connection, address: string): void {
    const host = this.byAddress.get(address);
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (this.isAllowed(context)) context.accept();
      else context.reject(['publickey']);
    });
    client.on('ready', () => {
      this.counts.logins += 1;
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('pty', (agree) => agree());
      session.on('exec', (take, _refuse, { command }) => {
        if (host !== undefined) this.run(take(), host, command, client).catch(() => undefined);
      });
    });
  }

  private isAllowed(context: AuthContext): boolean {
    if (context.method !== 'publickey' || !context.key.data.equals(this.options.clientKey)) return false;
    if (context.signature === undefined || context.blob === undefined) return context.signature === undefined;
    const key = ssh2.utils.parseKey(context.key.data);
    if (key instanceof Error) return false;
    const verdict: unknown = key.verify(context.blob, context.signature, context.hashAlgo);
    return verdict === true;
  }

  private async run(
    channel: ServerChannel,
    host: ReplayHost,
    command: string,
    client: Connection,
  ): Promise<void> {
    channel.on('error', () => undefined);
    // Only a bare shell waits for what it is to do.
    const stdin = command.endsWith('/ksh') ? await all(channel) : '';
    channel.resume();
    const { fault } = host;
    if (fault === 'hang') return;
    const remoteMs = this.options.remoteMs * (fault === 'slow' ? 20 : 1);
    if (remoteMs > 0) await delay(remoteMs);
    const answer = host.answer(command, stdin);
    this.counts.answers += 1;
    if (answer === null) {
      if (this.counts.unknown.length < 20) this.counts.unknown.push(command.slice(0, 200));
      channel.stderr.write(`replay: nothing on the tape for ${command.slice(0, 80)}\n`);
      ended(channel, 127);
      return;
    }
    if (fault === 'garbage') {
      channel.write(garbled(answer.stdout));
      ended(channel, 0);
      return;
    }
    if (fault === 'cut') {
      channel.write(answer.stdout.slice(0, answer.stdout.length >> 1), () =>
        setImmediate(() => client.end()),
      );
      return;
    }
    if (answer.stdout !== '') channel.write(answer.stdout);
    if (answer.stderr !== '') channel.stderr.write(answer.stderr);
    ended(channel, answer.exitCode);
  }
}

/** Read by events: the iterator of a stream would end the channel with it. */
function all(channel: ServerChannel): Promise<string> {
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    channel.on('data', (part: Buffer) => parts.push(part));
    channel.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
  });
}

function ended(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}

/** As many bytes and lines, none of which says anything; frames stay, as when a disk or a program is what is broken. */
function garbled(text: string): string {
  return text.replace(/^[^@\n].*$/gm, (line) =>
    line.replace(/./g, (char, at: number) =>
      String.fromCharCode(33 + ((char.charCodeAt(0) * 31 + at * 7) % 90)),
    ),
  );
}
