/**
 * How the trail lies in Redis, and the scripts that touch it. The list holds one line per record; `base` is the sequence
 * of its first one, which grows when old records are trimmed; `of:<object>` holds the sequences of one object's records.
 */
import type { AuditRecord } from './chain.js';

/** Under which names a record is found again: what it is about, and the one target that it names. */
export function indexedUnder({ object, detail }: AuditRecord): readonly string[] {
  const target = detail['target'];
  const isName = typeof target === 'string' && target !== object && /^[^\s,]{1,200}$/.test(target);
  return isName ? [object, target] : [object];
}

/**
 * KEYS: list, base, turn, then an index per entry · ARGV: the sequence that the writer takes to be next, its token, 1 where
 * it wants a turn of its own, number of records, the records, then a sequence per index.
 * 1 when written; else where the trail ends: another was quicker, or it is another's turn.
 */
export const appendScript = `
local next = tonumber(redis.call('GET', KEYS[2]) or '0') + redis.call('LLEN', KEYS[1])
local turn = redis.call('GET', KEYS[3])
local isOthers = turn and turn ~= ARGV[2]
if isOthers or next ~= tonumber(ARGV[1]) then
  if ARGV[3] == '1' and not isOthers then redis.call('SET', KEYS[3], ARGV[2], 'PX', 1000) end
  return { next, redis.call('LINDEX', KEYS[1], -1) or '' }
end
local records = tonumber(ARGV[4])
for i = 1, records do redis.call('RPUSH', KEYS[1], ARGV[4 + i]) end
for i = 4, #KEYS do
  local sequence = ARGV[1 + records + i]
  redis.call('ZADD', KEYS[i], sequence, sequence)
end
if turn then redis.call('DEL', KEYS[3]) end
return 1`;

/** KEYS: list, base. */
export const tailScript = `
local next = tonumber(redis.call('GET', KEYS[2]) or '0') + redis.call('LLEN', KEYS[1])
return { next, redis.call('LINDEX', KEYS[1], -1) or '' }`;

/** KEYS: list, base · ARGV: first sequence, count. What is older than the list is left out. */
export const readScript = `
local base = tonumber(redis.call('GET', KEYS[2]) or '0')
local from = math.max(tonumber(ARGV[1]) - base, 0)
return redis.call('LRANGE', KEYS[1], from, from + tonumber(ARGV[2]) - 1)`;

/** KEYS: list, base, index · ARGV: highest score, count. Newest first. */
export const findScript = `
local base = tonumber(redis.call('GET', KEYS[2]) or '0')
local lines = {}
for _, sequence in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[3], ARGV[1], '-inf', 'LIMIT', 0, ARGV[2])) do
  local at = tonumber(sequence) - base
  local line = at >= 0 and redis.call('LINDEX', KEYS[1], at)
  if line then lines[#lines + 1] = line end
end
return lines`;

/** KEYS: checkpoints · ARGV: sequence of the new one, the new one. They only go forward. */
export const addCheckpointScript = `
local last = redis.call('LINDEX', KEYS[1], -1)
if last then
  local isRead, checkpoint = pcall(cjson.decode, last)
  if isRead and type(checkpoint) == 'table' and tonumber(checkpoint.sequence or -1) >= tonumber(ARGV[1]) then return 0 end
end
redis.call('RPUSH', KEYS[1], ARGV[2])
return 1`;

/**
 * KEYS: list, base, checkpoints, anchor, then an index per entry · ARGV: sequence of the first record, how many, the anchor,
 * then a sequence per index. Only what the writer took for the oldest goes, so that nothing is trimmed twice.
 */
export const trimScript = `
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then return 0 end
local count = tonumber(ARGV[2])
if redis.call('LLEN', KEYS[1]) <= count then return 0 end
redis.call('LTRIM', KEYS[1], count, -1)
local base = tonumber(ARGV[1]) + count
redis.call('SET', KEYS[2], base)
redis.call('SET', KEYS[4], ARGV[3])
for i = 5, #KEYS do redis.call('ZREM', KEYS[i], ARGV[i - 1]) end
while true do
  local oldest = redis.call('LINDEX', KEYS[3], 0)
  local isRead, checkpoint = pcall(cjson.decode, oldest or '')
  if not oldest or not isRead or type(checkpoint) ~= 'table' then break end
  if tonumber(checkpoint.sequence or base) >= base then break end
  redis.call('LPOP', KEYS[3])
end
return 1`;

/** KEYS: work · ARGV: token, milliseconds. */
export const claimScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** KEYS: work · ARGV: token. */
export const letGoScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
