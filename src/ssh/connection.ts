import type { Duplex } from 'node:stream';
import type { Ended } from '../core/outcome.js';
import type { SshRole } from '../core/observe.js';
import type { Endpoint } from '../core/target.js';
import type { StoredKeys } from './pins.js';

/** One command on one channel: never a pty, which would wrap lines and mix stderr into stdout. */
export interface ExecRequest {
  readonly command: string;
  /** Sent once the server has taken the command; null closes stdin at once. */
  readonly stdin: string | null;
  /** Bytes kept of each stream. */
  readonly keepBytes: number;
  /** `stop` closes the channel when more comes; `drain` goes on reading, so that the command is not disturbed. */
  readonly whenFull: 'stop' | 'drain';
  readonly limitMs: number;
  /** What running into `limitMs` means: a command in an HMC's shell ends with its channel, a script on a node need not. */
  readonly whenLate: 'timed-out' | 'lost';
  readonly signal: AbortSignal | undefined;
}

export interface ExecResult {
  readonly ended: Ended;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly durationMs: number;
  /** Milliseconds from the start at which stdout had grown to so many bytes; tells how long each section took. */
  readonly arrivals: readonly { readonly bytes: number; readonly atMs: number }[];
}

/**
 * `busy` (the server has no free session, open failure reason 2), `dead` (a connection that was gone before) and
 * `refused`: nothing was run. `unconfirmed`: the connection went before the server confirmed the command, which may have
 * been taken all the same: what only reads may be given again, a change may not.
 */
type Why = 'busy' | 'dead' | 'refused' | 'unconfirmed';

/** No channel came about. */
export class NotStarted extends Error {
  readonly why: Why;

  constructor(why: Why, message: string) {
    super(message);
    this.name = 'NotStarted';
    this.why = why;
  }
}

/** How long the parts of opening a connection took; milliseconds. */
export interface OpeningTimes {
  readonly tcpMs: number;
  readonly handshakeMs: number;
  readonly loginMs: number;
}

/** One SSH connection that is logged in. */
export interface Connection {
  readonly isClosed: boolean;
  readonly opening: OpeningTimes;
  /** With what it logged in: a key's type and fingerprint, or `agent`; null where that is not known. */
  readonly identity: string | null;
  /** Runs a command; rejects only with NotStarted. */
  exec(request: ExecRequest): Promise<ExecResult>;
  /** A TCP stream from the far side to `host:port`, for a jump; rejects with NotStarted. */
  forward(host: string, port: number): Promise<Duplex>;
  /** Calls back once when the connection is gone, for whatever reason. */
  onClosed(callback: () => void): void;
  /** Ends the connection; resolves when its socket is closed. */
  close(): Promise<void>;
}

/**
 * How to open a connection. `through` is a jump's connection, `agentSocket` the path of SSH_AUTH_SOCK; `signal` gives
 * up an attempt under way. `storedKeys` tells what was pinned from Slack; null where only known_hosts files count.
 */
export interface OpenOptions {
  readonly timeoutMs: number;
  readonly agentSocket: string | null;
  readonly storedKeys: StoredKeys | null;
  readonly through: Connection | null;
  readonly role: SshRole;
  readonly signal: AbortSignal;
}

/** Connects and logs in; throws ConnectError. One attempt. */
export type Open = (endpoint: Endpoint, options: OpenOptions) => Promise<Connection>;
