import type { RedisLink } from '../redis/link.js';
import { redactIn } from '../core/redact.js';
import { unsealed, type Sealer } from '../core/sealer.js';
import { fromStored, knownOnes, storedText } from '../core/stored.js';
import { ChangeIndex, type ChangeQuery } from './change-index.js';
import { outputsSince, withoutOutputs } from './outputs.js';
import { compareAndSet, createScript, drop, renew } from './store-scripts.js';
import { sinceOf } from './standing.js';
import { can, endStates, isKnownChange } from './states.js';
import type { Change, HistoryEntry, JournalEntry, Move } from './states.js';

/**
 * Changes in Redis. Every write is a compare-and-set on the version, so that of two people who click at the same
 * moment one wins and the other is told who won; every write of a worker also proves that it still holds the lease.
 */
export interface ChangeStore {
  /** False, and nothing written, when a change of that id is there already. */
  create(change: Change): Promise<boolean>;
  /**
   * The same for a proposal, in the place of whichever proposal for the same fix and target was put forward last:
   * `before` is its id, as `proposedLast` told it. `overtaken`: another one has come meanwhile, and nothing was written.
   */
  propose(change: Change, before: string | null): Promise<'created' | 'exists' | 'overtaken'>;
  /** The id of the proposal put forward last for the same fix and target as this one, whatever became of it. */
  proposedLast(change: Change): Promise<string | null>;
  get(id: string): Promise<Change | null>;
  /**
   * Makes one move of the state table, or tells why not. `patch` may add to what the move itself sets. What ends by it is
   * due at once, until somebody who has put in order what it leaves takes it off with `setDue`.
   */
  move(id: string, move: Move, by: MoveBy, patch?: (change: Change) => Partial<Change>): Promise<Moved>;
  /** Changes anything but the state, under the same compare-and-set. */
  update(id: string, patch: (change: Change) => Partial<Change>, lease?: string): Promise<Change>;
  appendJournal(id: string, entry: JournalEntry, lease: string): Promise<Change>;
  /** The newest changes, newest first. */
  recent(count: number): Promise<Change[]>;
  /** Changes that may still move by themselves. */
  open(): Promise<Change[]>;
  /** One page of the changes that fit, open ones first and then the newest; `from` counts from 0. */
  find(query: ChangeQuery, from: number, count: number): Promise<FoundChanges>;
  /** When a worker must look at the change again (epoch milliseconds); null takes it off the list. */
  setDue(id: string, dueMs: number | null): Promise<void>;
  due(beforeMs: number): Promise<string[]>;
  /** Changes that ran something on a node and ended before that time: their run directories may go. */
  untidy(beforeMs: number): Promise<string[]>;
  /** Looked after: off that list, or on it again at a later time (epoch milliseconds). */
  setUntidy(id: string, endedMs: number | null): Promise<void>;
  /** Some of the changes that ended before that time and still have outputs of nodes. */
  withOutputs(beforeMs: number): Promise<string[]>;
  /** Removes the outputs of a change that has ended; nothing of one that is open. `at` is ISO 8601 UTC. */
  dropOutputs(id: string, at: string): Promise<void>;
  /** Writes every change again that is not sealed with the key of now; returns how many. */
  reseal(): Promise<number>;
  /** Takes the right to work on a change for `ttlMs`; false when another worker has it. */
  takeLease(id: string, token: string, ttlMs: number): Promise<boolean>;
  renewLease(id: string, token: string, ttlMs: number): Promise<boolean>;
  dropLease(id: string, token: string): Promise<void>;
}

export interface FoundChanges {
  readonly changes: readonly Change[];
  /** On all pages. */
  readonly total: number;
}

export interface MoveBy {
  readonly user: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly note: string;
  /** The worker's lease token; left out for people's moves. */
  readonly lease?: string;
}

export type Moved =
  | { readonly kind: 'moved'; readonly change: Change }
  | { readonly kind: 'not-allowed'; readonly change: Change }
  | { readonly kind: 'missing' };

/** A worker wrote after its lease had gone to another: it must stop at once. */
export class LeaseLostError extends Error {
  constructor(id: string) {
    super(`the right to work on change ${id} went to another worker`);
    this.name = 'LeaseLostError';
  }
}

/** A ChangeStore on one Redis; `prefix` carries the hash tag, `sealer` closes the documents. */
export function createChangeStore(redis: RedisLink, prefix: string, sealer: Sealer = unsealed): ChangeStore {
  const index = new ChangeIndex(redis, prefix);
  const docs = new Documents(redis, prefix, index, sealer);
  const openKey = `${prefix}changes:open`;
  const recentKey = `${prefix}changes:recent`;
  const dueKey = `${prefix}changes:due`;
  const untidyKey = `${prefix}changes:untidy`;
  const get = (id: string): Promise<Change | null> => docs.get(id);
  const update: ChangeStore['update'] = (id, patch, lease) => docs.update(id, patch, lease);
  return {
    get,
    update,
    move: (id, name, by, patch) => docs.move(id, name, by, patch),
    create: async (change) => (await docs.create(change, '-')) === 1,
    propose: async (change, before) => {
      const answer = await docs.create(change, before ?? '');
      return answer === 1 ? 'created' : answer === 2 ? 'overtaken' : 'exists';
    },
    proposedLast: (change) => redis.get(docs.placeKey(change)),
    appendJournal: (id, entry, lease) => update(id, (c) => ({ journal: [...c.journal, entry] }), lease),
    recent: async (count) => knownOnes(await redis.zrevrange(recentKey, 0, count - 1), get),
    open: async () => knownOnes(await redis.smembers(openKey), get),
    find: async (query, from, count) => {
      await index.rebuildOnce(recentKey, get);
      const { ids, total } = await index.find(query, from, count);
      return { changes: await knownOnes(ids, get), total };
    },
    setDue: async (id, dueMs) => {
      if (dueMs === null) await redis.zrem(dueKey, id);
      else await redis.zadd(dueKey, dueMs, id);
    },
    due: (beforeMs) => redis.zrangebyscore(dueKey, '-inf', beforeMs),
    untidy: (beforeMs) => redis.zrangebyscore(untidyKey, '-inf', beforeMs),
    setUntidy: async (id, endedMs) => {
      if (endedMs === null) await redis.zrem(untidyKey, id);
      else await redis.zadd(untidyKey, endedMs, id);
    },
    withOutputs: (beforeMs) => redis.zrangebyscore(docs.outputsKey, '-inf', beforeMs, 'LIMIT', 0, 20),
    dropOutputs: (id, at) => docs.dropOutputs(id, at),
    reseal: async () => {
      const ids = await redis.zrange(recentKey, '0', '-1');
      let count = 0;
      for (const id of ids) if (await docs.reseal(id)) count += 1;
      return count;
    },
    takeLease: async (id, token, ttlMs) =>
      (await redis.set(docs.leaseKey(id), token, 'PX', ttlMs, 'NX')) === 'OK',
    renewLease: async (id, token, ttlMs) =>
      (await redis.eval(renew, 1, docs.leaseKey(id), token, String(ttlMs))) === 1,
    dropLease: async (id, token) => {
      await redis.eval(drop, 1, docs.leaseKey(id), token);
    },
  };
}

/** Changes as documents with a version: reading, and writing by compare-and-set until it fits. */
class Documents {
  constructor(
    private readonly redis: RedisLink,
    private readonly prefix: string,
    private readonly index: ChangeIndex,
    private readonly sealer: Sealer,
  ) {}

  key(id: string): string {
    return `${this.prefix}change:${id}`;
  }

  /** An undo stands beside the fix that it undoes. */
  placeKey({ plan, rollbackOf }: Change): string {
    return `${this.prefix}proposed:${plan.target}:${plan.fix}:${rollbackOf ?? ''}`;
  }

  async create(change: Change, before: string): Promise<unknown> {
    const { index, prefix } = this;
    const found = [`${prefix}changes:recent`, index.stateKey(change.state), ...index.lastingKeys(change)];
    const keys = [this.key(change.id), `${prefix}changes:open`, this.placeKey(change), ...found];
    const created = String(Date.parse(change.createdAt));
    const args = [String(change.version), this.sealed(change), change.id, created, before, sinceOf(change)];
    return this.redis.eval(createScript, keys.length, ...keys, ...args);
  }

  get outputsKey(): string {
    return `${this.prefix}changes:outputs`;
  }

  sealed(change: Change): string {
    const { history, note, error, grounds } = change;
    // The plan stays to the letter: its digest is what was approved. The journal comes without secrets.
    const said = redactIn({ history, note, error, ...(grounds !== undefined && { grounds }) });
    return this.sealer.seal(this.key(change.id), storedText('change', { ...change, ...said }));
  }

  leaseKey(id: string): string {
    return `${this.prefix}lease:${id}`;
  }

  async get(id: string): Promise<Change | null> {
    const doc = await this.redis.hget(this.key(id), 'doc');
    if (doc === null) return null;
    return fromStored<Change>('change', id, this.sealer.open(this.key(id), doc), isKnownChange);
  }

  async dropOutputs(id: string, at: string): Promise<void> {
    if ((await this.get(id)) === null) await this.redis.zrem(this.outputsKey, id);
    else await this.update(id, (change) => withoutOutputs(change, at));
  }

  async reseal(id: string): Promise<boolean> {
    const doc = await this.redis.hget(this.key(id), 'doc');
    if (doc === null || this.sealer.isCurrent(doc)) return false;
    await this.update(id, () => ({}));
    return true;
  }

  async update(id: string, patch: (c: Change) => Partial<Change>, lease?: string): Promise<Change> {
    for (;;) {
      const before = await this.get(id);
      if (before === null) throw new Error(`change ${id} is not in Redis`);
      const after = { ...before, ...patch(before), version: before.version + 1 };
      if (await this.write(before, after, lease)) return after;
    }
  }

  async move(id: string, name: Move, by: MoveBy, patch?: (c: Change) => Partial<Change>): Promise<Moved> {
    for (;;) {
      const before = await this.get(id);
      if (before === null) return { kind: 'missing' };
      if (!can[name](before.state)) return { kind: 'not-allowed', change: before };
      const entry: HistoryEntry = { at: by.at, move: name, by: by.user, note: by.note };
      const moved = { ...before, state: can[name].to, history: [...before.history, entry] };
      const after = { ...moved, ...patch?.(before), version: before.version + 1 };
      if (await this.write(before, after, by.lease)) return { kind: 'moved', change: after };
    }
  }

  private async write(before: Change, after: Change, lease = ''): Promise<boolean> {
    const isEnded = endStates.includes(after.state);
    const endsNow = isEnded && !endStates.includes(before.state);
    const states = [this.index.stateKey(before.state), this.index.stateKey(after.state)];
    const open = `${this.prefix}changes:open`;
    const lists = [this.outputsKey, `${this.prefix}changes:due`];
    const keys = [this.key(after.id), open, this.leaseKey(after.id), ...states, ...lists];
    const args = [
      String(before.version),
      this.sealed(after),
      String(after.version),
      after.id,
      isEnded ? '1' : '0',
      lease,
      String(Date.parse(after.createdAt)),
      String(outputsSince(after) ?? ''),
      sinceOf(after),
      endsNow ? String(Date.parse(after.history.at(-1)?.at ?? after.createdAt)) : '',
    ];
    const answer = await this.redis.eval(compareAndSet, keys.length, ...keys, ...args);
    if (answer === -1) throw new LeaseLostError(after.id);
    return answer === 1;
  }
}
