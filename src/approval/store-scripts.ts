/** What the store of changes does in one step inside Redis. */

// What has just ended is on the clock's list until somebody takes it off: whoever ended it may die before its card says so.
// KEYS: change, open set, lease, set of the state before, of the state after, those with outputs, due list
// ARGV: expected version, new doc, new version, id, ended (1/0), lease token or '', created (epoch ms), ended with outputs
// (epoch ms or ''), state and since when, when it ended by this (epoch ms or '')
export const compareAndSet = `
if ARGV[6] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[6] then return -1 end
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return -2 end
if version ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'doc', ARGV[2], 'since', ARGV[9])
if ARGV[5] == '1' then redis.call('SREM', KEYS[2], ARGV[4]) else redis.call('SADD', KEYS[2], ARGV[4]) end
redis.call('ZREM', KEYS[4], ARGV[4])
redis.call('ZADD', KEYS[5], ARGV[7], ARGV[4])
if ARGV[8] == '' then redis.call('ZREM', KEYS[6], ARGV[4]) else redis.call('ZADD', KEYS[6], ARGV[8], ARGV[4]) end
if ARGV[10] ~= '' then redis.call('ZADD', KEYS[7], 'NX', ARGV[10], ARGV[4]) end
return 1`;

// KEYS: change, open set, place of proposals, recent list and what else it is found in
// ARGV: version, doc, id, created (epoch ms), who had the place before or '' ('-': no place is asked for), state and since when
export const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if ARGV[5] ~= '-' then
  if (redis.call('GET', KEYS[3]) or '') ~= ARGV[5] then return 2 end
  redis.call('SET', KEYS[3], ARGV[3], 'EX', 1209600)
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'doc', ARGV[2], 'since', ARGV[6])
redis.call('SADD', KEYS[2], ARGV[3])
for n = 4, #KEYS do redis.call('ZADD', KEYS[n], ARGV[4], ARGV[3]) end
return 1`;

export const renew = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

export const drop = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
