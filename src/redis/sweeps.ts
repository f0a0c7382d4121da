import { digestOf } from '../core/canonical.js';
import type { Sealer } from '../core/sealer.js';
import type { SharedSweeps, SweepAbout } from '../run/sharing.js';
import type { RedisLink } from './link.js';

/** Without a sign of life of its own process a sweep is over after this; that process tends it every few seconds. */
const keepMs = 30_000;
/** Of which nothing was heard for so long, that process is taken for dead. */
const deadMs = 8_000;
/** So many results are fetched at once: they are read in one go. */
const givenAtOnce = 50;

// The store's own clock: processes need not agree on the time.
const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;
const keep = (first: number): string =>
  `for i = ${first}, #KEYS do redis.call('PEXPIRE', KEYS[i], ${keepMs}) end`;

/** Nodes lie in so many buckets, always in the same one. */
const buckets = 32;
const putBack = (entry: string): string =>
  `redis.call('ZADD', KEYS[2], tonumber(string.sub(${entry}, 1, 4), 16) % ${buckets}, ${entry})`;

// KEYS: about, todo · ARGV: about, entries
const layScript = `
redis.call('SET', KEYS[1], ARGV[1])
for i = 2, #ARGV do ${putBack('ARGV[i]')} end
${keep(1)}
return 1`;

// KEYS: about, todo, taken, heard · ARGV: by, count, buckets in the order in which they are looked into
const takeScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
${now}
local taken = {}
for i = 3, #ARGV do
  local left = tonumber(ARGV[2]) - #taken
  if left <= 0 then break end
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[i], ARGV[i], 'LIMIT', 0, left)) do
    redis.call('ZREM', KEYS[2], entry)
    redis.call('HSET', KEYS[3], entry, ARGV[1])
    taken[#taken + 1] = entry
  end
end
redis.call('ZADD', KEYS[4], now, ARGV[1])
${keep(3)}
return taken`;

// KEYS: about, taken, heard, results · ARGV: by, then entry and result in turn
const giveScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
${now}
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[1] then
    redis.call('HDEL', KEYS[2], ARGV[i])
    redis.call('RPUSH', KEYS[4], ARGV[i], ARGV[i + 1])
  end
end
redis.call('ZADD', KEYS[3], now, ARGV[1])
${keep(2)}
return 1`;

// KEYS: about, heard · ARGV: by
const beatScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
${now}
redis.call('ZADD', KEYS[2], now, ARGV[1])
return 1`;

// KEYS: about, todo, taken · ARGV: by
const handBackScript = `
local all = redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  if all[i + 1] == ARGV[1] then
    redis.call('HDEL', KEYS[3], all[i])
    if redis.call('EXISTS', KEYS[1]) == 1 then ${putBack('all[i]')} end
  end
end
${keep(2)}
return 1`;

// KEYS: results · ARGV: how many fields
const givenScript = `
local given = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
return given`;

// KEYS: about, todo, taken, heard, results · ARGV: own
const tendScript = `
${now}
${keep(1)}
local all = redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  local by = all[i + 1]
  if by ~= ARGV[1] and now - tonumber(redis.call('ZSCORE', KEYS[4], by) or '0') > ${deadMs} then
    redis.call('HDEL', KEYS[3], all[i])
    ${putBack('all[i]')}
  end
end
return 1`;

/**
 * In which order a process looks for nodes: each in another one, and always in the same. Sweep after sweep it gets much the
 * same nodes, to which its connections are warm.
 */
function bucketsOf(by: string): readonly string[] {
  const known = orders.get(by);
  if (known !== undefined) return known;
  const order = Array.from({ length: buckets }, (_, bucket) => String(bucket))
    .map((bucket) => ({ bucket, place: digestOf([by, bucket]) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ bucket }) => bucket);
  // A process asks for itself alone; others are tests.
  if (orders.size < 100) orders.set(by, order);
  return order;
}

const orders = new Map<string, readonly string[]>();

/** Shared sweeps on one Redis; `prefix` carries the hash tag. What was read is sealed as other documents are. */
export function createSweeps(redis: RedisLink, prefix: string, sealer: Sealer): SharedSweeps {
  const key = (id: string, part: string): string => `${prefix}sweep:${id}:${part}`;
  const keys = (id: string, ...parts: string[]): string[] => parts.map((part) => key(id, part));
  const run = (script: string, on: readonly string[], ...args: readonly string[]): Promise<unknown> =>
    redis.eval(script, on.length, ...on, ...args);
  const open = (id: string, text: string): string | null =>
    text === '' ? null : sealer.open(key(id, 'results'), text);
  return {
    lay: async (id, about, entries) => {
      await run(layScript, keys(id, 'about', 'todo'), JSON.stringify(about), ...entries);
    },
    about: async (id) => {
      const text = await redis.get(key(id, 'about'));
      return text === null ? null : (JSON.parse(text) as SweepAbout);
    },
    take: async (id, by, count) => {
      const on = keys(id, 'about', 'todo', 'taken', 'heard');
      const taken = await run(takeScript, on, by, String(count), ...bucketsOf(by));
      return Array.isArray(taken) ? (taken as string[]) : null;
    },
    give: async (id, by, read) => {
      const on = keys(id, 'about', 'taken', 'heard', 'results');
      const results = read.flatMap(({ entry, text }) => [
        entry,
        text === null ? '' : sealer.seal(key(id, 'results'), text),
      ]);
      return (await run(giveScript, on, by, ...results)) === 1;
    },
    beat: async (id, by) => (await run(beatScript, keys(id, 'about', 'heard'), by)) === 1,
    handBack: async (id, by) => {
      await run(handBackScript, keys(id, 'about', 'todo', 'taken'), by);
    },
    given: async (id) => {
      const fields = (await run(givenScript, keys(id, 'results'), String(2 * givenAtOnce))) as string[];
      return fields.flatMap((entry, at) =>
        at % 2 === 0 ? [{ entry, text: open(id, fields[at + 1] ?? '') }] : [],
      );
    },
    tend: async (id, own) => {
      await run(tendScript, keys(id, 'about', 'todo', 'taken', 'heard', 'results'), own);
    },
    putSide: async (id, system, text) => {
      const sides = key(id, 'sides');
      await redis.hset(sides, system, sealer.seal(`${sides}:${system}`, text));
      // Nobody tends it: it stays as long as a long sweep may take.
      await redis.pexpire(sides, 20 * keepMs);
    },
    side: async (id, system) => {
      const sides = key(id, 'sides');
      const text = await redis.hget(sides, system);
      return text === null ? null : sealer.open(`${sides}:${system}`, text);
    },
    close: async (id) => {
      await redis.del(...keys(id, 'about', 'todo', 'taken', 'heard', 'results', 'sides'));
    },
  };
}
