import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ServerChannel } from 'ssh2';
import { openShell } from './shell.js';

export type SshMode = 'normal' | 'closed' | 'silent' | 'login-refused' | 'other-key';

export interface EndpointOptions {
  readonly name: string;
  readonly root: string;
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** Private host keys: the pinned one, and the one of the scenario `other-key`. */
  readonly hostKey: string;
  readonly otherHostKey: string;
  /** The one public key that may log in, as its wire bytes. */
  readonly clientKey: Buffer;
  readonly log: (text: string) => void;
  /** Told of each command that has ended, with all that went in and out. */
  readonly onRan?: (name: string, ran: Ran) => void;
}

/** One command as it was run, for a tape. */
export interface Ran {
  readonly command: string;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** One SSH server of the lab. Its way of failing can be changed while it runs; the port stays. */
export class Endpoint {
  host = '';
  port = 0;
  /** Accepted TCP connections since the start. */
  connections = 0;
  mode: SshMode = 'normal';
  /** So many commands still lose their connection. */
  disconnects = 0;
  /** Process groups of the shells begun that are still alive. */
  readonly groups = new Set<number>();
  private tcp: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private readonly servers: { readonly right: ssh2.Server; readonly other: ssh2.Server };

  constructor(private readonly options: EndpointOptions) {
    const serve = (hostKey: string) =>
      new ssh2.Server({ hostKeys: [hostKey] }, (client) => this.welcome(client));
    this.servers = { right: serve(options.hostKey), other: serve(options.otherHostKey) };
  }

  /** Listens; where the address does not exist on this machine (macOS has only 127.0.0.1), on 127.0.0.1 instead. */
  async open(): Promise<void> {
    const { address, port } = this.options;
    try {
      await this.listen(address, port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error;
      await this.listen('127.0.0.1', port);
    }
  }

  /** Changes how the server fails. `closed` gives the port up, the others take it again. */
  async setMode(mode: SshMode): Promise<void> {
    this.mode = mode;
    if (mode === 'closed') await this.close();
    else if (this.tcp === null) await this.listen(this.host, this.port);
  }

  /** Drops every open connection, as a broken network does. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Stops listening and drops what is open. */
  async close(): Promise<void> {
    const tcp = this.tcp;
    this.tcp = null;
    this.drop();
    if (tcp !== null) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  private async listen(host: string, port: number): Promise<void> {
    const tcp = createServer({ noDelay: true }, (socket) => this.accept(socket));
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, host, () => resolve());
    });
    const address = tcp.address();
    if (address === null || typeof address === 'string')
      throw new Error(`${this.options.name}: no TCP address`);
    this.tcp = tcp;
    this.host = address.address;
    this.port = address.port;
  }

  private accept(socket: Socket): void {
    this.connections += 1;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.mode === 'silent') return;
    (this.mode === 'other-key' ? this.servers.other : this.servers.right).injectSocket(socket);
  }

  private welcome(client: Connection): void {
    client.on('error', (error) => this.options.log(`${this.options.name}: ${error.message}`));
    client.on('authentication', (context) => {
      if (this.isAllowed(context)) context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (take, _refuse, info) => this.run(take(), info.command));
      session.on('shell', (take) => this.run(take(), null));
    });
  }

  private isAllowed(context: AuthContext): boolean {
    if (context.method !== 'publickey' || context.username !== this.options.user) return false;
    if (this.mode === 'login-refused' || !context.key.data.equals(this.options.clientKey)) return false;
    // First the client only asks whether the key would do; the signature comes with the second question.
    if (context.signature === undefined || context.blob === undefined) return context.signature === undefined;
    const key = ssh2.utils.parseKey(context.key.data);
    if (key instanceof Error) return false;
    // What cannot be checked comes back as an Error, whatever the types say.
    const verdict: unknown = key.verify(context.blob, context.signature, context.hashAlgo);
    return verdict === true;
  }

  private run(channel: ServerChannel, command: string | null): void {
    const { child, stdin, stdout, stderr } = openShell(this.options.root, command);
    this.remember(child.pid);
    channel.on('error', () => undefined);
    channel.pipe(stdin);
    stdout.pipe(channel, { end: false });
    stderr.pipe(channel.stderr, { end: false });
    if (this.disconnects > 0) {
      this.disconnects -= 1;
      let isDropped = false;
      // Once: when the command ends that goes on behind it, somebody else may be connected.
      const drop = (): void => {
        if (!isDropped) this.drop();
        isDropped = true;
      };
      // A moment later, so that the first output is on its way.
      stdout.once('data', () => setTimeout(drop, 50));
      child.once('exit', drop);
    }
    const heard = this.options.onRan === undefined ? null : listening({ stdin: channel, stdout, stderr });
    child.on('exit', (code, signal) => {
      this.forgetEnded();
      if (signal === null) channel.exit(code ?? 255);
      else channel.exit(signal.replace(/^SIG/, ''), false, '');
    });
    child.on('error', (error) => {
      channel.stderr.write(`${error.message}\n`);
      channel.exit(127);
      channel.end();
    });
    // As with sshd, the channel stays open until nothing holds the command's output any more.
    void Promise.allSettled([finished(stdout), finished(stderr), once(child, 'exit')]).then(() => {
      if (heard !== null)
        this.options.onRan?.(this.options.name, {
          command: command ?? '',
          ...heard(),
          exitCode: child.exitCode ?? 255,
        });
      channel.end();
    });
    // A client that goes away leaves the command running, only without anybody to read it.
    channel.on('close', () => {
      stdin.end();
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
  }

  private remember(pid: number | undefined): void {
    if (pid !== undefined) this.groups.add(pid);
  }

  // A group's number may be given to others once it is empty: it is forgotten then.
  private forgetEnded(): void {
    for (const group of this.groups) {
      try {
        process.kill(-group, 0);
      } catch {
        this.groups.delete(group);
      }
    }
  }
}

/** Notes what goes by on each stream; the answer is called when all has gone by. */
function listening<Name extends string>(
  streams: Readonly<Record<Name, Readable>>,
): () => Record<Name, string> {
  const heard = Object.entries<Readable>(streams).map(([name, stream]) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    return [name, parts] as const;
  });
  return () =>
    Object.fromEntries(heard.map(([name, parts]) => [name, Buffer.concat(parts).toString('utf8')])) as Record<
      Name,
      string
    >;
}
