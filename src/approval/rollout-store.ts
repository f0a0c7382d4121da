import type { RedisLink } from '../redis/link.js';
import type { Plan } from '../core/plan.js';
import { unsealed, type Sealer } from '../core/sealer.js';
import { fromStored, knownOnes, storedText } from '../core/stored.js';
import { isKnownRollout, rolloutCan, rolloutEnds, type Rollout, type RolloutMove } from './rollout-states.js';
import { LeaseLostError } from './store.js';

/**
 * Roll-outs in Redis, written by compare-and-set on the version as changes are. Their plans stand beside them, one by
 * one: they never change, and a list of two hundred is not read again for each move.
 */
export interface RolloutStore {
  /** False, and nothing written, when a roll-out of that id is there already. `plans` are by target. */
  create(rollout: Rollout, plans: ReadonlyMap<string, Plan>): Promise<boolean>;
  get(id: string): Promise<Rollout | null>;
  /** The plan of one target as it was approved; null for a target that has none. */
  plan(id: string, target: string): Promise<Plan | null>;
  plans(id: string): Promise<ReadonlyMap<string, Plan>>;
  /**
   * Makes one move of the table, or tells why not. `patch` may add to what the move itself sets. What ends by it is due at
   * once, until somebody whose words are on its card takes it off with `setDue`.
   */
  move(
    id: string,
    move: RolloutMove,
    by: RolloutBy,
    patch?: (rollout: Rollout) => Partial<Rollout>,
  ): Promise<RolloutMoved>;
  /** Changes anything but the state, under the same compare-and-set. Rejects for an unknown id. */
  update(id: string, patch: (rollout: Rollout) => Partial<Rollout>, lease?: string): Promise<Rollout>;
  /** The newest ones, newest first. */
  recent(count: number): Promise<Rollout[]>;
  /** Those in which something may still happen. */
  open(): Promise<Rollout[]>;
  /** When a worker must look again (epoch milliseconds); null takes it off the list. */
  setDue(id: string, dueMs: number | null): Promise<void>;
  due(beforeMs: number): Promise<string[]>;
  /** Takes the right to carry it on for `ttlMs`; false when another worker has it. */
  takeLease(id: string, token: string, ttlMs: number): Promise<boolean>;
  renewLease(id: string, token: string, ttlMs: number): Promise<boolean>;
  dropLease(id: string, token: string): Promise<void>;
}

export interface RolloutBy {
  readonly user: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The worker's lease token; left out for people's moves. */
  readonly lease?: string;
}

export type RolloutMoved =
  | { readonly kind: 'moved'; readonly rollout: Rollout }
  | { readonly kind: 'not-allowed'; readonly rollout: Rollout }
  | { readonly kind: 'missing' };

// KEYS: roll-out, open set, recent list, plans · ARGV: version, doc, id, created (epoch ms), target, plan, target, plan …
const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for n = 5, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[n], ARGV[n + 1]) end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'doc', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3])
return 1`;

// What has just ended is on the clock's list until somebody takes it off: whoever ended it may die before its card says so.
// KEYS: roll-out, open set, lease, due list
// ARGV: expected version, new doc, new version, id, ended (1/0), lease token or '', when it ended by this (epoch ms or '')
const writeScript = `
if ARGV[6] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[6] then return -1 end
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'doc', ARGV[2])
if ARGV[5] == '1' then redis.call('SREM', KEYS[2], ARGV[4]) else redis.call('SADD', KEYS[2], ARGV[4]) end
if ARGV[7] ~= '' then redis.call('ZADD', KEYS[4], 'NX', ARGV[7], ARGV[4]) end
return 1`;

const renew = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const drop = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** A RolloutStore on one Redis; `prefix` carries the hash tag, `sealer` closes what is kept. */
export function createRolloutStore(
  redis: RedisLink,
  prefix: string,
  sealer: Sealer = unsealed,
): RolloutStore {
  const docs = new Rollouts(redis, prefix, sealer);
  const dueKey = `${prefix}rollouts:due`;
  const get = (id: string): Promise<Rollout | null> => docs.get(id);
  return {
    get,
    create: (rollout, plans) => docs.create(rollout, plans),
    move: (id, name, by, patch) => docs.move(id, name, by, patch),
    update: (id, patch, lease) => docs.update(id, patch, lease),
    plan: async (id, target) => {
      const text = await redis.hget(docs.plansKey(id), target);
      return text === null ? null : docs.openPlan(id, target, text);
    },
    plans: async (id) => {
      const all = Object.entries(await redis.hgetall(docs.plansKey(id)));
      return new Map(all.map(([target, text]) => [target, docs.openPlan(id, target, text)]));
    },
    recent: async (count) => knownOnes(await redis.zrevrange(`${prefix}rollouts:recent`, 0, count - 1), get),
    open: async () => knownOnes(await redis.smembers(`${prefix}rollouts:open`), get),
    setDue: async (id, dueMs) => {
      if (dueMs === null) await redis.zrem(dueKey, id);
      else await redis.zadd(dueKey, dueMs, id);
    },
    due: (beforeMs) => redis.zrangebyscore(dueKey, '-inf', beforeMs),
    takeLease: async (id, token, ttlMs) =>
      (await redis.set(docs.leaseKey(id), token, 'PX', ttlMs, 'NX')) === 'OK',
    renewLease: async (id, token, ttlMs) =>
      (await redis.eval(renew, 1, docs.leaseKey(id), token, String(ttlMs))) === 1,
    dropLease: async (id, token) => {
      await redis.eval(drop, 1, docs.leaseKey(id), token);
    },
  };
}

/** Roll-outs as documents with a version: reading, and writing by compare-and-set until it fits. */
class Rollouts {
  constructor(
    private readonly redis: RedisLink,
    private readonly prefix: string,
    private readonly sealer: Sealer,
  ) {}

  key(id: string): string {
    return `${this.prefix}rollout:${id}`;
  }

  plansKey(id: string): string {
    return `${this.prefix}rollout:${id}:plans`;
  }

  leaseKey(id: string): string {
    return `${this.prefix}rollout:${id}:lease`;
  }

  async get(id: string): Promise<Rollout | null> {
    const doc = await this.redis.hget(this.key(id), 'doc');
    if (doc === null) return null;
    return fromStored<Rollout>('roll-out', id, this.sealer.open(this.key(id), doc), isKnownRollout);
  }

  openPlan(id: string, target: string, text: string): Plan {
    return JSON.parse(this.sealer.open(`${this.plansKey(id)}:${target}`, text)) as Plan;
  }

  async create(rollout: Rollout, plans: ReadonlyMap<string, Plan>): Promise<boolean> {
    const { prefix } = this;
    const keys = [
      this.key(rollout.id),
      `${prefix}rollouts:open`,
      `${prefix}rollouts:recent`,
      this.plansKey(rollout.id),
    ];
    const head = [
      String(rollout.version),
      this.sealed(rollout),
      rollout.id,
      String(Date.parse(rollout.createdAt)),
    ];
    const name = this.plansKey(rollout.id);
    const pairs = [...plans].flatMap(([target, plan]) => [
      target,
      this.sealer.seal(`${name}:${target}`, JSON.stringify(plan)),
    ]);
    return (await this.redis.eval(createScript, 4, ...keys, ...head, ...pairs)) === 1;
  }

  async update(id: string, patch: (r: Rollout) => Partial<Rollout>, lease?: string): Promise<Rollout> {
    for (;;) {
      const before = await this.get(id);
      if (before === null) throw new Error(`roll-out ${id} is not in Redis`);
      const after = { ...before, ...patch(before), version: before.version + 1 };
      if (await this.write(before, after, lease)) return after;
    }
  }

  async move(
    id: string,
    name: RolloutMove,
    by: RolloutBy,
    patch?: (rollout: Rollout) => Partial<Rollout>,
  ): Promise<RolloutMoved> {
    for (;;) {
      const before = await this.get(id);
      if (before === null) return { kind: 'missing' };
      if (!rolloutCan[name](before.state)) return { kind: 'not-allowed', rollout: before };
      const history = [...before.history, { at: by.at, move: name, by: by.user }];
      const moved = { ...before, state: rolloutCan[name].to, history };
      const after = { ...moved, ...patch?.(before), version: before.version + 1 };
      if (await this.write(before, after, by.lease)) return { kind: 'moved', rollout: after };
    }
  }

  private sealed(rollout: Rollout): string {
    return this.sealer.seal(this.key(rollout.id), storedText('roll-out', rollout));
  }

  private async write(before: Rollout, after: Rollout, lease = ''): Promise<boolean> {
    const isEnded = rolloutEnds.includes(after.state);
    const endsNow = isEnded && !rolloutEnds.includes(before.state);
    const endedAt = endsNow ? String(Date.parse(after.history.at(-1)?.at ?? after.createdAt)) : '';
    const lists = [`${this.prefix}rollouts:open`, this.leaseKey(after.id), `${this.prefix}rollouts:due`];
    const versions = [String(before.version), this.sealed(after), String(after.version)];
    const args = [...versions, after.id, isEnded ? '1' : '0', lease, endedAt];
    const answer = await this.redis.eval(writeScript, 4, this.key(after.id), ...lists, ...args);
    if (answer === -1) throw new LeaseLostError(after.id);
    return answer === 1;
  }
}
