/**
 * Replication is asynchronous: what a master has acknowledged is lost when it dies before a replica has it. Here a write
 * that promises something is followed by WAIT on the same connection, so that it counts only with replicas behind it.
 * Source: redis.io, WAIT: it makes a loss unlikely and not impossible, for another replica may be chosen.
 */
import { RefusedError, UnconfirmedError } from '../core/errors.js';
import type { RedisLink } from './link.js';

/** Does a write and resolves when enough replicas have it. */
export type Kept = <T>(write: () => Promise<T>) => Promise<T>;

export interface KeptOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** How many; with 0 a write counts as soon as the master has it. */
  readonly replicas: number;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
}

/** The connection is blocked that long at most; replicas in step answer within a millisecond or two. */
const waitMs = 800;

/** What was seen last counts that long. */
const freshMs = 1_000;

/** A replica tells every second how far it is: one that has not for so long hangs. */
const mostLagSeconds = 5;

interface Seen {
  /** Names the history of the data; a master that takes over begins another one. Source: redis.io, Replication. */
  readonly history: string;
  /** Replicas in step as the master sees it. */
  readonly online: number;
}

/**
 * Before the write throws RefusedError where there are too few replicas anyway: nothing was written. After it UnconfirmedError
 * where too few confirmed it, or where another master took over meanwhile: then it may count or not.
 */
export function createKept(options: KeptOptions): Kept {
  if (options.replicas === 0) return (write) => write();
  const replication = new Replication(options);
  return async (write) => {
    const before = await replication.before();
    const result = await write();
    await replication.confirm(before);
    return result;
  };
}

/** The same store, with the writes of those names kept; the store's own calls of itself are not. */
export function keeping<Store extends object>(
  store: Store,
  names: readonly (keyof Store & string)[],
  kept: Kept,
): Store {
  const written = new Set<string | symbol>(names);
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      return written.has(name) ? (...args: unknown[]) => kept(() => call(...args) as Promise<unknown>) : call;
    },
  });
}

class Replication {
  private seen: (Seen & { readonly at: number }) | null = null;
  private running: Promise<Seen & { readonly confirmed: number }> | null = null;
  private next: Promise<Seen & { readonly confirmed: number }> | null = null;
  private readonly key: string;

  constructor(private readonly options: KeptOptions) {
    this.key = `${options.prefix}kept`;
  }

  /** The history that a write begins in; throws RefusedError where it could not be kept. */
  async before(): Promise<string> {
    const { replicas, monotonic } = this.options;
    const { seen } = this;
    if (seen !== null && seen.online >= replicas && monotonic() - seen.at < freshMs) return seen.history;
    const now = this.note(seenIn(await this.ask('look')));
    if (now.online >= replicas) return now.history;
    throw new RefusedError(tooFew(now.online, replicas), 'redis-replicas');
  }

  async confirm(before: string): Promise<void> {
    const { replicas } = this.options;
    const after = await this.settle().catch((error: unknown) => {
      throw new UnconfirmedError(unconfirmed, { cause: error });
    });
    if (after.confirmed < replicas || after.history !== before) throw new UnconfirmedError(unconfirmed);
  }

  /** One WAIT at a time, for all who have written before it began. */
  private settle(): Promise<Seen & { readonly confirmed: number }> {
    if (this.running === null) return this.start();
    this.next ??= this.running.then(
      () => this.start(),
      () => this.start(),
    );
    return this.next;
  }

  private start(): Promise<Seen & { readonly confirmed: number }> {
    this.next = null;
    const asked = this.ask('wait').then((replies) => {
      const confirmed = Number(replies[1]);
      // Whoever comes next looks anew.
      if (confirmed < this.options.replicas) this.seen = null;
      return { ...this.note(seenIn(replies)), confirmed };
    });
    this.running = asked;
    const done = (): void => {
      if (this.running === asked) this.running = null;
    };
    asked.then(done, done);
    return asked;
  }

  /** In one go on one connection to the node that has our slot: WAIT speaks of what its own connection wrote. */
  private async ask(what: 'look' | 'wait'): Promise<readonly unknown[]> {
    const pipeline = this.options.redis.pipeline();
    if (what === 'look') pipeline.exists(this.key);
    else pipeline.set(this.key, '1').wait(this.options.replicas, waitMs);
    const replies = (await pipeline.info('replication').exec()) ?? [];
    const failed = replies.find(([error]) => error !== null)?.[0];
    if (failed === undefined || failed === null) return replies.map(([, reply]) => reply);
    this.seen = null;
    // A Cluster's client follows MOVED for single commands only: this one teaches it where our slot is now.
    await this.options.redis.exists(this.key);
    throw failed;
  }

  private note(seen: Seen): Seen {
    this.seen = { ...seen, at: this.options.monotonic() };
    return seen;
  }
}

function seenIn(replies: readonly unknown[]): Seen {
  const info = String(replies.at(-1));
  const lags = [...info.matchAll(/^slave\d+:.*\bstate=online\b.*\blag=(\d+)/gm)].map(([, lag]) =>
    Number(lag),
  );
  return {
    history: /^master_replid:(\S+)/m.exec(info)?.[1] ?? '',
    online: lags.filter((lag) => lag <= mostLagSeconds).length,
  };
}

function tooFew(online: number, wanted: number): string {
  return (
    `Redis has ${online} of the ${wanted} ${wanted === 1 ? 'replica' : 'replicas'} that it must have (redis.replicas): ` +
    'a fail-over now would forget what was decided. Nothing was written, and nothing was run. Try again when its replicas are back.'
  );
}

const unconfirmed =
  'Redis did not confirm that a replica has this, so it is not known whether it counts. Nothing was run because of it. ' +
  'Look at the card before you try again.';
