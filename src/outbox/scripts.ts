/** What Redis does in one step for the outbox; the store's own clock tells the time in all of it. */
import { storedVersions } from '../core/stored.js';
import { scoreStep } from './scores.js';

// The store's own clock tells since when an entry waits: bots and workers need not agree on the time for that.
const nowMs = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

// Tells whether somebody sends for the channel just now: who does, looks once more when he is through.
// KEYS: entry, channel queue, channels, sequence, hold · ARGV: letter json, content json, key, channel, priority, once (1/0), seconds to keep, trace
export const putScript = `
local held = redis.call('EXISTS', KEYS[5])
if ARGV[6] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return held end
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'content', ARGV[2], 'trace', ARGV[8], 'v', '${storedVersions.message}')
if version == 1 then redis.call('HSET', KEYS[1], 'letter', ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[7])
if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then
  local seen = redis.call('HGET', KEYS[1], 'ts') and ${scoreStep / 2} or 0
  redis.call('ZADD', KEYS[2], tonumber(ARGV[5]) * ${scoreStep} + seen + redis.call('INCR', KEYS[4]), ARGV[3])
  ${nowMs}
  redis.call('HSET', KEYS[1], 'since', now)
end
redis.call('SADD', KEYS[3], ARGV[4])
return held`;

// KEYS: entry, channel queue, channels · ARGV: sent version, ts, posted in, key, channel
export const settleScript = `
${nowMs}
local since = redis.call('HGET', KEYS[1], 'since')
redis.call('HSET', KEYS[1], 'sent', ARGV[1], 'unsure', '', 'trying', '')
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'ts', ARGV[2], 'postedIn', ARGV[3]) end
if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then redis.call('ZREM', KEYS[2], ARGV[4])
else
  redis.call('HSET', KEYS[1], 'since', now)
  local score = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[4]) or '')
  if score and ARGV[2] ~= '' and score % ${scoreStep} < ${scoreStep / 2} then
    redis.call('ZADD', KEYS[2], 'XX', score + ${scoreStep / 2}, ARGV[4])
  end
end
if redis.call('ZCARD', KEYS[2]) == 0 then redis.call('SREM', KEYS[3], ARGV[5]) end
if not since then return -1 end
return now - since`;

// KEYS: entry · ARGV: being tried (1/0)
export const tryingScript = `
${nowMs}
redis.call('HSET', KEYS[1], 'trying', ARGV[1] == '1' and now or '')
return 1`;

// KEYS: entry
export const triedScript = `
${nowMs}
local trying = tonumber(redis.call('HGET', KEYS[1], 'trying') or '')
return trying and now - trying or 0`;

// KEYS: channel queue · ARGV: how many to leave out, how many, from which to which score, once or more
export const rangeScript = `
local found, skip, left = {}, tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  local count = redis.call('ZCOUNT', KEYS[1], ARGV[i], ARGV[i + 1])
  if skip < count and left > 0 then
    for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[i], ARGV[i + 1], 'LIMIT', skip, left)) do
      found[#found + 1] = key
      left = left - 1
    end
  end
  skip = math.max(0, skip - count)
end
return found`;

// KEYS: hold of a channel · ARGV: token
export const letGoScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
// KEYS: channel queue, hold · ARGV: token
export const endScript = `
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1`;
// KEYS: hold of a channel · ARGV: token, milliseconds
export const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
