import type { Redis } from 'ioredis';
import type { Edition } from './edition.js';
import type { Hush } from './hush.js';
import type { Recheck } from './marked.js';
import type { Memory } from './memory.js';

/** What people said of one place: who knows of it, and who is to renew it. Either may be missing. */
export interface Marks {
  readonly hush: Hush | null;
  readonly owner: string | null;
}

/** What a button's id stands for. */
export interface LineRef {
  readonly edition: string;
  readonly line: string;
}

/**
 * Editions and what people said of certificates, in Redis. An edition is kept before anything of it is put into the
 * outbox, and in the same write the memory for the next one, so that a process that dies in between neither loses a day
 * nor makes it twice: whoever comes next finds the edition pending and carries it on.
 */
export interface DigestStore {
  /** Takes the right to work on a channel's digest; false while another has it. One's own can be taken again. */
  claim(channel: string, token: string, ttlMs: number): Promise<boolean>;
  letGo(channel: string, token: string): Promise<void>;
  /** The last local date that was posted in a channel; null for none ever. */
  lastPosted(channel: string): Promise<string | null>;
  /** The edition of a channel that was kept and is not wholly in the outbox yet. */
  pending(channel: string): Promise<Edition | null>;
  isPending(channel: string): Promise<boolean>;
  memory(channel: string): Promise<Memory | null>;
  /** Keeps a day's edition with what it leaves for the next; false, and nothing is written, where that day has one. */
  keepDaily(edition: Edition, memory: Memory): Promise<boolean>;
  /** Everything of the edition is in the outbox: its date is posted. */
  markPosted(edition: Edition): Promise<void>;
  /** Keeps an edition that somebody asked for; no day is posted by it. */
  keepAsked(edition: Edition): Promise<void>;
  edition(id: string): Promise<Edition | null>;
  line(id: string): Promise<LineRef | null>;
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

const keepSeconds = 40 * 24 * 3600;

// KEYS: edition, pending, memory, then one per line · ARGV: edition json, edition id, memory json ('' for an asked one), line refs
const keepScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ${keepSeconds})
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[2], ARGV[2])
  redis.call('SET', KEYS[3], ARGV[3])
end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i], 'EX', ${keepSeconds}) end
return 1`;

// KEYS: posted, pending · ARGV: date, edition id. A date never goes back.
const postedScript = `
local last = redis.call('GET', KEYS[1])
if not last or last < ARGV[1] then redis.call('SET', KEYS[1], ARGV[1]) end
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1`;

const claimScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const letGoScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

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

/** A DigestStore on one Redis; `prefix` carries the hash tag. */
export function createDigestStore(redis: Redis, prefix: string): DigestStore {
  const key = (...parts: string[]): string => `${prefix}digest:${parts.join(':')}`;
  const read = async <T>(name: string): Promise<T | null> => parsed<T>(await redis.get(name));
  const keep = async (edition: Edition, memory: Memory | null): Promise<boolean> => {
    const { id, channel, lines } = edition;
    const keys = [key('edition', id), key('pending', channel), key('memory', channel)];
    const refs = lines.map((line) => JSON.stringify({ edition: id, line: line.id } satisfies LineRef));
    const all = [...keys, ...lines.map((line) => key('line', line.id))];
    const args = [JSON.stringify(edition), id, memory === null ? '' : JSON.stringify(memory), ...refs];
    return (await redis.eval(keepScript, all.length, ...all, ...args)) === 1;
  };
  const marksOf = (hushes: (string | null)[], owners: (string | null)[], items: readonly string[]) =>
    new Map(
      items.flatMap((item, at): [string, Marks][] => {
        const [hush, owner] = [parsed<Hush>(hushes[at] ?? null), owners[at] ?? null];
        return hush === null && owner === null ? [] : [[item, { hush, owner }]];
      }),
    );
  return {
    claim: async (channel, token, ttlMs) =>
      (await redis.eval(claimScript, 1, key('claim', channel), token, String(ttlMs))) === 1,
    letGo: async (channel, token) => {
      await redis.eval(letGoScript, 1, key('claim', channel), token);
    },
    lastPosted: (channel) => redis.get(key('posted', channel)),
    pending: async (channel) => {
      const id = await redis.get(key('pending', channel));
      if (id === null) return null;
      const edition = await read<Edition>(key('edition', id));
      // Too old to be known: nobody can carry it on.
      if (edition === null) await redis.del(key('pending', channel));
      return edition;
    },
    isPending: async (channel) => (await redis.exists(key('pending', channel))) === 1,
    memory: (channel) => read<Memory>(key('memory', channel)),
    keepDaily: (edition, memory) => keep(edition, memory),
    markPosted: async ({ id, channel, date }) => {
      await redis.eval(postedScript, 2, key('posted', channel), key('pending', channel), date, id);
    },
    keepAsked: async (edition) => {
      await keep(edition, null);
    },
    edition: (id) => read<Edition>(key('edition', id)),
    line: (id) => read<LineRef>(key('line', id)),
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
      return typeof answer === 'string' ? { ok: false, now: parsed<Hush>(answer) } : { ok: true };
    },
    assign: async (items, owner) => {
      if (items.length === 0) return;
      await redis.hset(key('owners'), Object.fromEntries(items.map((item) => [item, owner])));
    },
    rechecks: async (edition) => {
      const all = await redis.hgetall(key('rechecks', edition));
      return new Map(Object.entries(all).map(([line, text]) => [line, JSON.parse(text) as Recheck]));
    },
    putRecheck: async (edition, line, recheck) => {
      await redis.hset(key('rechecks', edition), line, JSON.stringify(recheck));
      await redis.expire(key('rechecks', edition), keepSeconds);
    },
    move: async (moves) => {
      if (moves.length === 0) return;
      await redis.eval(moveScript, 2, key('hushes'), key('owners'), ...moves.flat());
    },
  };
}

function parsed<T>(text: string | null): T | null {
  return text === null || text === '' ? null : (JSON.parse(text) as T);
}
