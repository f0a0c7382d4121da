import type { RedisLink } from '../redis/link.js';
import { unsealed, type Sealer } from '../core/sealer.js';
import type { Hush } from './hush.js';
import type { Recheck } from './marked.js';

/** What people said of one place: who knows of it, and who is to renew it. Either may be missing. */
export interface Marks {
  readonly hush: Hush | null;
  readonly owner: string | null;
}

/** What people did to certificates, in Redis. */
export interface MarksStore {
  /** By item id, for those of which anything was said. */
  marks(items: readonly string[]): Promise<ReadonlyMap<string, Marks>>;
  allMarks(): Promise<ReadonlyMap<string, Marks>>;
  /**
   * Says the same of all items at once. `before` is what the first of them was seen to have: of two people who say
   * something at the same moment one is told what the other said, and nothing is written.
   */
  hush(
    items: readonly string[],
    hush: Hush,
    before: Hush | null,
  ): Promise<{ ok: true } | { ok: false; now: Hush | null }>;
  assign(items: readonly string[], owner: string): Promise<void>;
  /** What reading lines of an edition again has shown, by line id. */
  rechecks(edition: string): Promise<ReadonlyMap<string, Recheck>>;
  putRecheck(edition: string, line: string, recheck: Recheck): Promise<void>;
  /** Certificates that moved within their store keep what was said of them: `[before, now]`. */
  move(moves: readonly (readonly [string, string])[]): Promise<void>;
}

// KEYS: hushes · ARGV: what the first item was seen to have ('' for none), what is said, item ids
const hushScript = `
local now = redis.call('HGET', KEYS[1], ARGV[3]) or ''
if now ~= ARGV[1] then return now end
for i = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], ARGV[2]) end
return 1`;

// KEYS: hushes, owners · ARGV: pairs of ids, before and now
const moveScript = `
for _, key in ipairs(KEYS) do
  local values = {}
  for i = 1, #ARGV, 2 do values[i] = redis.call('HGET', key, ARGV[i]) end
  for i = 1, #ARGV, 2 do if values[i] then redis.call('HDEL', key, ARGV[i]) end end
  for i = 1, #ARGV, 2 do if values[i] then redis.call('HSET', key, ARGV[i + 1], values[i]) end end
end
return 1`;

/**
 * A MarksStore on one Redis; `key` names its keys, `keepSeconds` is how long what belongs to an edition stays. `sealer`
 * closes what was read; what people said stays open, for a script compares it.
 */
export function createMarksStore(
  redis: RedisLink,
  key: (...parts: string[]) => string,
  keepSeconds: number,
  sealer: Sealer = unsealed,
): MarksStore {
  return {
    marks: async (items) => {
      if (items.length === 0) return new Map();
      const [hushes, owners] = await Promise.all([
        redis.hmget(key('hushes'), ...items),
        redis.hmget(key('owners'), ...items),
      ]);
      return marksOf(hushes, owners, items);
    },
    allMarks: async () => {
      const [hushes, owners] = await Promise.all([
        redis.hgetall(key('hushes')),
        redis.hgetall(key('owners')),
      ]);
      const items = [...new Set([...Object.keys(hushes), ...Object.keys(owners)])];
      return marksOf(
        items.map((item) => hushes[item] ?? null),
        items.map((item) => owners[item] ?? null),
        items,
      );
    },
    hush: async (items, hush, before) => {
      const seen = before === null ? '' : JSON.stringify(before);
      const answer = await redis.eval(hushScript, 1, key('hushes'), seen, JSON.stringify(hush), ...items);
      return typeof answer === 'string' ? { ok: false, now: parsed(answer) } : { ok: true };
    },
    assign: async (items, owner) => {
      if (items.length === 0) return;
      await redis.hset(key('owners'), Object.fromEntries(items.map((item) => [item, owner])));
    },
    rechecks: async (edition) => {
      const name = key('rechecks', edition);
      const all = Object.entries(await redis.hgetall(name));
      return new Map(all.map(([line, text]) => [line, JSON.parse(sealer.open(name, text)) as Recheck]));
    },
    putRecheck: async (edition, line, recheck) => {
      const name = key('rechecks', edition);
      await redis.hset(name, line, sealer.seal(name, JSON.stringify(recheck)));
      await redis.expire(name, keepSeconds);
    },
    move: async (moves) => {
      if (moves.length === 0) return;
      await redis.eval(moveScript, 2, key('hushes'), key('owners'), ...moves.flat());
    },
  };
}

function marksOf(
  hushes: readonly (string | null)[],
  owners: readonly (string | null)[],
  items: readonly string[],
) {
  return new Map(
    items.flatMap((item, at): [string, Marks][] => {
      const [hush, owner] = [parsed(hushes[at]), owners[at] ?? null];
      return hush === null && owner === null ? [] : [[item, { hush, owner }]];
    }),
  );
}

function parsed(text: string | null | undefined): Hush | null {
  return text == null || text === '' ? null : (JSON.parse(text) as Hush);
}
