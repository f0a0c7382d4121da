import { setTimeout as delay } from 'node:timers/promises';
import { ConnectError } from '../core/errors.js';
import type { SshRole } from '../core/observe.js';
import type { Endpoint, Target } from '../core/target.js';
import { connectError, isWorthRetrying, jumpFailed, unconfirmed } from './connect-errors.js';
import { NotStarted } from './connection.js';
import type { Connection } from './connection.js';
import { processLoad } from '../loop/load.js';
import { Pace } from './pace.js';
import type { Entry, Live, Opening, PoolOptions } from './pool-parts.js';
import { orAborted, Semaphore } from './semaphore.js';

/** OpenSSH's MaxSessions is 10, but it frees a session late: failures were seen from 6 in parallel on. */
const channelsPerConnection = 4;
/** Pauses before the second and the third attempt to connect. */
const connectPausesMs = [250, 1000] as const;
/** Pauses when the server has no free session. */
const busyPausesMs = [50, 100, 200, 400, 800] as const;

/** A handshake costs some milliseconds of the processor, and else waits: a quarter of a minute for a dead host. */
const handshakePace = { first: 250, least: 20, most: 2_000, atOnce: 512, parkAfterMs: 1_000 } as const;
/** Where more than these wait for theirs, a process has taken on enough: another one may have time. */
const pressedFrom = 16;

/** One warm connection per endpoint, shared by all who use it, closed when idle. */
export class Pool {
  private readonly entries = new Map<string, Entry>();
  private readonly open = new Set<Connection>();
  private readonly openings = new Set<Opening>();
  private isClosed = false;
  private readonly handshakes = new Pace(handshakePace, processLoad());

  constructor(private readonly options: PoolOptions) {}

  /**
   * Gives `work` a connection and a place among its channels. Work that was not started is given another try: on the
   * same connection when that was busy, on a new one when it was dead. Throws ConnectError when nothing was run.
   */
  use<T>(
    { kind, endpoint }: Target,
    signal: AbortSignal | undefined,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const entry = this.entry(endpoint, kind);
    return entry.channels.run(signal, async () => {
      let failure = await this.attempt(entry, signal, work);
      if (failure.kind === 'not-started' && failure.error.why !== 'refused') {
        failure = await this.attempt(entry, signal, work);
      }
      if (failure.kind === 'done') return failure.value;
      if (failure.error.why === 'unconfirmed') throw unconfirmed(endpoint, failure.error);
      throw connectError(
        endpoint,
        'refused',
        `failed: it opens no session (${failure.error.message})`,
        failure.error,
      );
    });
  }

  /** Waits while more connections are wanted than are going to be opened in the next moment. */
  async whilePressed(signal: AbortSignal | undefined): Promise<void> {
    if (this.handshakes.state().waiting > pressedFrom) await this.handshakes.room(signal);
  }

  /** Closes every connection and lets no new one come about. */
  async close(): Promise<void> {
    this.isClosed = true;
    const openings = [...this.openings];
    for (const { giveUp } of openings) giveUp.abort();
    for (const entry of this.entries.values()) {
      clearTimeout(entry.live?.idle);
      entry.live = null;
    }
    await Promise.allSettled([...this.open].map((connection) => connection.close()));
    await Promise.allSettled(openings.map(({ live }) => live));
  }

  private async attempt<T>(
    entry: Entry,
    signal: AbortSignal | undefined,
    work: (connection: Connection) => Promise<T>,
  ): Promise<{ kind: 'done'; value: T } | { kind: 'not-started'; error: NotStarted }> {
    const live = await this.hold(entry, signal);
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return { kind: 'done', value: await work(live.connection) };
        } catch (error) {
          if (!(error instanceof NotStarted)) throw error;
          const pause = busyPausesMs[tries];
          if (error.why !== 'busy' || pause === undefined) {
            if (error.why !== 'refused') this.retire(entry, live);
            return { kind: 'not-started', error };
          }
          await delay(pause, undefined, signal === undefined ? {} : { signal });
        }
      }
    } finally {
      this.release(entry, live);
    }
  }

  private entry(endpoint: Endpoint, role: SshRole): Entry {
    const key = JSON.stringify(endpoint);
    const found = this.entries.get(key);
    if (found !== undefined) return found;
    const made: Entry = {
      endpoint,
      role,
      channels: new Semaphore(channelsPerConnection),
      live: null,
      opening: null,
    };
    this.entries.set(key, made);
    return made;
  }

  /** A live connection that stays open until it is released. */
  private async hold(entry: Entry, signal: AbortSignal | undefined): Promise<Live> {
    signal?.throwIfAborted();
    if (this.isClosed) throw closedError(entry.endpoint);
    if (entry.live !== null && entry.live.connection.isClosed) entry.live = null;
    const live = entry.live ?? (await this.opened(entry, signal));
    clearTimeout(live.idle);
    live.users += 1;
    return live;
  }

  /** Waits for a connection that is being opened, for whomever; without anybody who waits it is given up. */
  private async opened(entry: Entry, signal: AbortSignal | undefined): Promise<Live> {
    const opening = (entry.opening ??= this.begin(entry));
    opening.waiters += 1;
    try {
      return await orAborted(opening.live, signal);
    } finally {
      opening.waiters -= 1;
      if (opening.waiters === 0 && this.openings.has(opening)) {
        if (entry.opening === opening) entry.opening = null;
        opening.giveUp.abort();
      }
    }
  }

  private begin(entry: Entry): Opening {
    const giveUp = new AbortController();
    const opening: Opening = { live: this.openPatiently(entry, giveUp.signal), waiters: 0, giveUp };
    this.openings.add(opening);
    const ended = (): void => {
      this.openings.delete(opening);
      if (entry.opening === opening) entry.opening = null;
    };
    opening.live.then(ended, ended);
    return opening;
  }

  private release(entry: Entry, live: Live): void {
    live.users -= 1;
    if (live.users > 0) return;
    if (live.isRetired || this.isClosed) void live.connection.close();
    else this.rest(entry, live);
  }

  /** Nobody uses it: it is closed when that lasts. */
  private rest(entry: Entry, live: Live): void {
    live.idle = setTimeout(() => {
      this.retire(entry, live);
      void live.connection.close();
    }, this.options.idleCloseMs);
  }

  /** New work gets another connection; work under way on this one goes on. */
  private retire(entry: Entry, live: Live): void {
    live.isRetired = true;
    if (entry.live === live) entry.live = null;
  }

  private async openPatiently(entry: Entry, signal: AbortSignal): Promise<Live> {
    for (const pause of connectPausesMs) {
      try {
        return await this.openNow(entry, signal);
      } catch (error) {
        if (!isWorthRetrying(error) || signal.aborted) throw error;
        const reason = error instanceof ConnectError ? error.reason : null;
        this.options.log?.debug(
          { target: entry.endpoint.name, reason, pauseMs: pause },
          'connecting is tried again',
        );
        await delay(pause, undefined, { signal }).catch(() => undefined);
      }
    }
    return this.openNow(entry, signal);
  }

  private async openNow(entry: Entry, signal: AbortSignal): Promise<Live> {
    const { endpoint, role } = entry;
    if (this.isClosed) throw closedError(endpoint);
    const jump = endpoint.jump === null ? null : await this.holdJump(endpoint, endpoint.jump, signal);
    let connection: Connection;
    try {
      const { connectTimeoutMs: timeoutMs, agentSocket, storedKeys } = this.options;
      const through = jump?.connection ?? null;
      const how = { timeoutMs, agentSocket, storedKeys, through, signal, role };
      connection = await this.handshakes.run(signal, () => this.options.open(endpoint, how));
    } catch (error) {
      jump?.release();
      throw error;
    }
    const live: Live = { connection, users: 0, isRetired: false, idle: undefined };
    this.open.add(connection);
    connection.onClosed(() => {
      this.open.delete(connection);
      clearTimeout(live.idle);
      this.retire(entry, live);
      jump?.release();
    });
    if (signal.aborted) void connection.close();
    else {
      entry.live = live;
      // Whoever waited may have left in this very moment.
      this.rest(entry, live);
    }
    return live;
  }

  private async holdJump(
    endpoint: Endpoint,
    jump: Endpoint,
    signal: AbortSignal,
  ): Promise<{ connection: Connection; release: () => void }> {
    const entry = this.entry(jump, 'jump');
    try {
      const live = await this.hold(entry, signal);
      return {
        connection: live.connection,
        release: () => {
          this.release(entry, live);
        },
      };
    } catch (error) {
      throw error instanceof ConnectError ? jumpFailed(endpoint, jump, error) : error;
    }
  }
}

function closedError(endpoint: Endpoint): ConnectError {
  return connectError(endpoint, 'unreachable', 'failed: the transport is closed');
}
