import type { SshRole } from '../core/observe.js';
import type { Endpoint } from '../core/target.js';
import type { Connection, Open } from './connection.js';
import type { StoredKeys } from './pins.js';
import type { Semaphore } from './semaphore.js';

/** Where the transport tells what is worth knowing later; pino's logger fits. */
export interface TransportLog {
  debug(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface PoolOptions {
  readonly open: Open;
  readonly connectTimeoutMs: number;
  readonly idleCloseMs: number;
  readonly agentSocket: string | null;
  readonly storedKeys: StoredKeys | null;
  readonly log: TransportLog | undefined;
}

/** A connection that work may use, and who does. */
export interface Live {
  readonly connection: Connection;
  users: number;
  isRetired: boolean;
  idle: NodeJS.Timeout | undefined;
}

/** A connection that is being opened, for as long as somebody waits for it. */
export interface Opening {
  readonly live: Promise<Live>;
  waiters: number;
  readonly giveUp: AbortController;
}

/** What the pool knows of one endpoint. */
export interface Entry {
  readonly endpoint: Endpoint;
  readonly role: SshRole;
  readonly channels: Semaphore;
  live: Live | null;
  opening: Opening | null;
}
