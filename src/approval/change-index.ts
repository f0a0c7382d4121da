/**
 * Where changes are found without reading them all: sorted sets by creation time, one for each state, lock, target, fix
 * and requester. The store writes them in the same script as the change itself.
 */
import type { RedisLink } from '../redis/link.js';
import { knownOnes } from '../core/stored.js';
import { endStates, type Change, type ChangeState } from './states.js';

/** What is looked for; a list that is left out does not choose, one that is empty finds nothing. */
export interface ChangeQuery {
  /** Keys as locks have them, `node:lpar1`, `cluster:erp`, `system:p9-a`: one of them is locked or meant by the change. */
  readonly places?: readonly string[];
  readonly states?: readonly ChangeState[];
  readonly fix?: string;
  /** Accounts that asked for it. */
  readonly requesters?: readonly string[];
  /** Epoch milliseconds. */
  readonly since?: number;
}

/** Ids of one page, open ones first and then the newest, and how many there are on all pages. */
export interface FoundIds {
  readonly ids: readonly string[];
  readonly total: number;
}

/** More sets than these in one question are no question any more: the answer is then every change. */
const mostPlaces = 2_000;
const rebuildVersion = '1';
const isKnown: Readonly<Record<ChangeState, true>> = {
  planned: true,
  proposed: true,
  approved: true,
  running: true,
  waiting: true,
  verifying: true,
  verified: true,
  failed: true,
  unknown: true,
  rejected: true,
  expired: true,
  stale: true,
  'rolling-back': true,
  'rolled-back': true,
  'rollback-failed': true,
};
const allStates = Object.keys(isKnown) as readonly ChangeState[];

/** States in which something may still happen. */
export const openStates: readonly ChangeState[] = allStates.filter((state) => !endStates.includes(state));

// KEYS: two that are used up, then the sets of every group. ARGV: least score, from, to, sets of open states, then the
// number of sets in each group. A change is found when each group holds it. An open one counts double: it sorts first.
const findScript = `
local found, other = KEYS[1], KEYS[2]
local at = 3
for group = 5, #ARGV do
  local count = tonumber(ARGV[group])
  local into = group == 5 and found or other
  local union = { 'ZUNIONSTORE', into, count }
  for n = 1, count do
    union[n + 3] = KEYS[at]
    at = at + 1
  end
  union[count + 4] = 'AGGREGATE'
  union[count + 5] = 'MAX'
  redis.call(unpack(union))
  if group > 5 then redis.call('ZINTERSTORE', found, 2, found, other, 'AGGREGATE', 'MAX') end
end
redis.call('ZREMRANGEBYSCORE', found, '-inf', '(' .. ARGV[1])
local total = redis.call('ZCARD', found)
for n = 1, tonumber(ARGV[4]) do
  redis.call('ZINTERSTORE', other, 2, found, KEYS[at], 'AGGREGATE', 'MAX')
  redis.call('ZUNIONSTORE', found, 2, found, other, 'AGGREGATE', 'SUM')
  at = at + 1
end
local ids = redis.call('ZREVRANGE', found, ARGV[2], ARGV[3])
redis.call('DEL', found, other)
return { total, ids }`;

// KEYS: change, state set, then the sets that never change. ARGV: version that was read, id, created (epoch ms)
const addScript = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
for n = 2, #KEYS do redis.call('ZADD', KEYS[n], ARGV[3], ARGV[2]) end
return 1`;

/** The index of changes on one Redis; `prefix` carries the hash tag. */
export class ChangeIndex {
  constructor(
    private readonly redis: RedisLink,
    private readonly prefix: string,
  ) {}

  /** The set of a state. */
  stateKey(state: ChangeState): string {
    return `${this.prefix}changes:state:${state}`;
  }

  /** The sets that a change is in for ever. */
  lastingKeys(change: Change): readonly string[] {
    const { plan, requester } = change;
    const places = new Set([
      ...plan.locks,
      ...(plan.locks.includes(`cluster:${plan.target}`) ? [] : [`node:${plan.target}`]),
    ]);
    return [
      `${this.prefix}changes:fix:${plan.fix}`,
      `${this.prefix}changes:asked:${requester}`,
      ...[...places].map((place) => this.placeKey(place)),
    ];
  }

  /** One page of what fits; `from` counts from 0. */
  async find(query: ChangeQuery, from: number, count: number): Promise<FoundIds> {
    const groups = this.groupsOf(query);
    if (groups.some((group) => group.length === 0)) return { ids: [], total: 0 };
    const open = openStates.map((state) => this.stateKey(state));
    // The script deletes them before it ends, and scripts run one after the other: nobody else ever sees them.
    const used = [`${this.prefix}changes:found`, `${this.prefix}changes:other`];
    const keys = [...used, ...groups.flat(), ...open];
    const args = [
      String(query.since ?? 0),
      from,
      from + count - 1,
      open.length,
      ...groups.map((group) => group.length),
    ];
    const answer = await this.redis.eval(findScript, keys.length, ...keys, ...args.map(String));
    const [total, ids] = answer as [number, string[]];
    return { ids, total };
  }

  /** Puts changes of before there was an index into it, once; `read` gives one by its id. */
  async rebuildOnce(recentKey: string, read: (id: string) => Promise<Change | null>): Promise<void> {
    const marker = `${this.prefix}changes:indexed`;
    if ((await this.redis.get(marker)) === rebuildVersion) return;
    const step = 100;
    for (let from = 0; ; from += step) {
      const ids = await this.redis.zrange(recentKey, String(from), String(from + step - 1));
      await Promise.all(ids.map((id) => this.add(id, read)));
      if (ids.length < step) break;
    }
    await this.redis.set(marker, rebuildVersion);
  }

  /** Reads again where the change moved in between. */
  private async add(id: string, read: (id: string) => Promise<Change | null>): Promise<void> {
    for (;;) {
      // One that a newer process wrote is in the index already, by that process.
      const [change] = await knownOnes([id], read);
      if (change === undefined) return;
      const keys = [`${this.prefix}change:${id}`, this.stateKey(change.state), ...this.lastingKeys(change)];
      const args = [String(change.version), id, String(Date.parse(change.createdAt))];
      if ((await this.redis.eval(addScript, keys.length, ...keys, ...args)) === 1) return;
    }
  }

  private groupsOf({ places, states, fix, requesters }: ChangeQuery): readonly (readonly string[])[] {
    return [
      (states ?? allStates).map((state) => this.stateKey(state)),
      ...(places === undefined || places.length > mostPlaces
        ? []
        : [places.map((place) => this.placeKey(place))]),
      ...(fix === undefined ? [] : [[`${this.prefix}changes:fix:${fix}`]]),
      ...(requesters === undefined ? [] : [requesters.map((user) => `${this.prefix}changes:asked:${user}`)]),
    ];
  }

  private placeKey(place: string): string {
    return `${this.prefix}changes:at:${place}`;
  }
}
