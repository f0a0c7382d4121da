import type { Duplex } from 'node:stream';
import { collect } from './channel.js';
import type { ExecStream } from './channel.js';
import { oneLine } from './connect-errors.js';
import { NotStarted } from './connection.js';
import type { Connection, ExecRequest, ExecResult, OpeningTimes } from './connection.js';
import { insideOf, openSession, startCommand } from './session-channel.js';
import type { SessionChannel, SshInside } from './session-channel.js';

type Done<T> = (error: Error | undefined, channel: T) => void;

/** The part of an ssh2 client that is used once it is connected. */
export interface SshClient {
  exec(command: string, done: Done<ExecStream>): unknown;
  forwardOut(fromHost: string, fromPort: number, host: string, port: number, done: Done<Duplex>): unknown;
  once(event: 'close' | 'handshake' | 'ready', callback: () => void): unknown;
  end(): unknown;
}

/** A channel that was asked for before its command; null where the server gave none. */
interface Ahead {
  readonly opened: Promise<SessionChannel | null>;
}

/** One ssh2 client that is connected, as a Connection. */
export class ClientConnection implements Connection {
  isClosed = false;
  identity: string | null = null;
  private inside: SshInside | null = null;
  /** Channels opened ahead: whoever takes one saves a round trip. With those under way never more than were ever needed at once. */
  private readonly ahead: Ahead[] = [];
  private underWay = 0;
  private mostUnderWay = 0;
  opening: OpeningTimes = { tcpMs: 0, handshakeMs: 0, loginMs: 0 };

  constructor(
    private readonly client: SshClient,
    private readonly sock: Duplex,
    private readonly openTimeoutMs: number,
    /** When connecting began, on the clock of `performance`; the socket is connected now. */
    begunAt: number,
  ) {
    this.timeOpening(begunAt);
    this.onClosed(() => {
      this.isClosed = true;
      this.ahead.length = 0;
    });
  }

  private timeOpening(begunAt: number): void {
    const connectedAt = performance.now();
    let agreedAt = connectedAt;
    this.client.once('handshake', () => {
      agreedAt = performance.now();
    });
    this.client.once('ready', () => {
      const loginMs = performance.now() - agreedAt;
      this.opening = { tcpMs: connectedAt - begunAt, handshakeMs: agreedAt - connectedAt, loginMs };
    });
  }

  onClosed(callback: () => void): void {
    this.client.once('close', callback);
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.run(request);
    } finally {
      this.underWay -= 1;
      this.openAhead();
    }
  }

  private async run(request: ExecRequest): Promise<ExecResult> {
    const isDropped = () => this.isClosed;
    // Made when it connects: not there yet when this was constructed.
    const inside = (this.inside ??= insideOf(this.client));
    // Listened to at once: the answer to a quick command arrives together with the channel, exit status and all.
    if (inside === null)
      return this.opened<ExecStream, ExecResult>(
        (done) => this.client.exec(request.command, done),
        (stream) => collect(stream, request, isDropped),
      );
    const session = await this.session(inside);
    return this.opened<Promise<ExecResult>, ExecResult>(
      (done) => {
        const answered = (failed: boolean | Error): void => {
          if (failed === false) done(undefined, collected);
          else done(failed === true ? new Error('Unable to exec') : failed, collected);
        };
        startCommand(inside, session, request.command, answered);
        const collected = collect(session, request, isDropped);
        // Who is aborted meanwhile waits for no answer.
        const giveUp = (): void => done(undefined, collected);
        request.signal?.addEventListener('abort', giveUp, { once: true });
        // Node keeps a signal that is made of others for as long as anybody listens to it, and with it what he holds.
        void collected.then(() => request.signal?.removeEventListener('abort', giveUp));
      },
      (collected) => collected,
    );
  }

  /** A channel that was opened ahead, be it still on its way, or else a new one. */
  private async session(inside: SshInside): Promise<SessionChannel> {
    for (let spare = this.ahead.shift(); spare !== undefined; spare = this.ahead.shift()) {
      const { opened } = spare;
      const channel = await this.opened<SessionChannel | null, SessionChannel | null>(
        (done) => void opened.then((one) => done(undefined, one)),
        (one) => one,
      );
      if (channel?.outgoing.state === 'open') return channel;
    }
    return this.opened<SessionChannel, SessionChannel>(
      (done) => openSession(inside, done),
      (channel) => channel,
    );
  }

  /** A server counts a channel among its few sessions from the moment when it is open: one takes the place of another. */
  private openAhead(): void {
    const { inside } = this;
    if (inside === null || this.isClosed) return;
    if (this.ahead.length + this.underWay >= this.mostUnderWay) return;
    const opened = new Promise<SessionChannel | null>((resolve) => {
      try {
        openSession(inside, (error, channel) => {
          if (error !== undefined) {
            resolve(null);
            return;
          }
          channel.on('error', () => undefined);
          channel.once('close', () => this.forget(spare));
          resolve(channel);
        });
      } catch {
        // A dead connection: whoever wants it next is told.
        resolve(null);
      }
    });
    const spare: Ahead = { opened };
    this.ahead.push(spare);
    void opened.then((channel) => {
      if (channel === null) this.forget(spare);
    });
  }

  private forget(spare: Ahead): void {
    const at = this.ahead.indexOf(spare);
    if (at >= 0) this.ahead.splice(at, 1);
  }

  forward(host: string, port: number): Promise<Duplex> {
    return this.opened<Duplex, Duplex>(
      (done) => this.client.forwardOut('127.0.0.1', 0, host, port, done),
      (stream) => stream,
    );
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    const closed = new Promise<void>((resolve) => {
      this.onClosed(resolve);
    });
    const timer = setTimeout(() => this.sock.destroy(), closeGraceMs);
    this.client.end();
    await closed;
    clearTimeout(timer);
  }

  /**
   * What `use` makes of a channel in the moment it opens, or NotStarted. A server that does not answer in time is taken
   * for dead and cut off.
   */
  private opened<T, R>(ask: (done: Done<T>) => void, use: (channel: T) => R | Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new NotStarted('unconfirmed', `no answer within ${this.openTimeoutMs / 1000} s`));
        this.sock.destroy();
      }, this.openTimeoutMs);
      try {
        ask((error, channel) => {
          clearTimeout(timer);
          if (error === undefined) resolve(use(channel));
          else reject(notStarted(error, this.sock.destroyed));
        });
      } catch (error) {
        // On a dead connection ssh2 throws at once: nothing was sent.
        clearTimeout(timer);
        reject(new NotStarted('dead', String(error)));
      }
    });
  }
}

const closeGraceMs = 1000;

/** RFC 4254 §5.1: 2 connect failed (what OpenSSH says when MaxSessions is reached), 4 resource shortage. */
function notStarted(error: Error & { reason?: unknown }, isGone: boolean): NotStarted {
  if (error.reason === 2 || error.reason === 4) return new NotStarted('busy', oneLine(error.message));
  if (typeof error.reason === 'number') return new NotStarted('refused', oneLine(error.message));
  // ssh2 says "Unable to exec" when the server refuses the command, and as well when the connection goes before it
  // has answered: then the command may have been taken.
  const isRefused = !isGone && error.message.startsWith('Unable to exec');
  return new NotStarted(isRefused ? 'refused' : 'unconfirmed', oneLine(error.message));
}
