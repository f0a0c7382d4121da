/**
 * Who has a session on an HMC and who waits for one, in Redis, over all workers: first come, first served. A place that
 * becomes free is given to the first in the line in the same script, which tells of it on a channel.
 */
import { channelOf } from './bus.js';
import type { RedisLink } from './link.js';

export interface HmcLineOptions {
  readonly redis: RedisLink;
  readonly prefix: string;
  /** Sessions at a time on one HMC, over all workers. */
  readonly limit: number;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** What a script has done. */
export interface LineAnswer {
  /** Whose turn it is since, or was already: of those who asked they are in, of others they have been told. */
  readonly turns: readonly string[];
  /** Whether workers that stand in no line, of an older version, take places on this HMC too. */
  readonly isContested: boolean;
}

export interface HmcLine {
  /** Asks for places on an HMC. Who gets none stands in the line from now on, and must ask again within 5 s to be counted there. */
  ask(hmc: string, tokens: readonly string[]): Promise<LineAnswer>;
  /** Gives up a place, or leaves the line. */
  leave(hmc: string, token: string): Promise<LineAnswer>;
  /** Keeps a place for another 15 s. */
  renew(hmc: string, token: string): Promise<void>;
}

/** Whose turn it is, is told on this topic. */
export const turnTopic = 'hmc-turn';

// A session that is not renewed for so long belonged to a worker that died.
const leaseMs = 15_000;
/** A place that was given to somebody who was waiting must be taken within this. */
const offerMs = 5_000;
/** Who has not asked for so long is passed over, for he may be dead, but keeps his place in the line for a while. */
const seenMs = 5_000;
const forgottenMs = 30_000;
/** So long after one was seen workers of an older version are reckoned with. */
const contestedMs = 120_000;
/** So long a place is kept for them: they look every 50 ms. */
const openMs = 150;

// KEYS: sessions by when they end at the latest, the line by arrival, who waits by when he asked last, the places that were
// given up since older workers were there, and whether one of them is kept open
// ARGV: now, limit, end of a session, end of an offer, seen since, forgotten before, channel, tokens
const head = `
local sessions, line, seen, mark, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local limit, since, turns = tonumber(ARGV[2]), tonumber(ARGV[5]), {}
redis.call('ZREMRANGEBYSCORE', sessions, '-inf', ARGV[1])
for _, token in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', ARGV[6])) do
  redis.call('ZREM', line, token)
  redis.call('ZREM', seen, token)
end
for _, token in ipairs(redis.call('ZRANGE', sessions, 0, -1)) do
  if string.sub(token, 1, 1) ~= ':' then
    redis.call('INCRBY', mark, 0)
    redis.call('PEXPIRE', mark, ${contestedMs})
  end
end
local function handOn(asking)
  local free = limit - redis.call('ZCARD', sessions) - redis.call('EXISTS', open)
  if free <= 0 then return end
  for _, token in ipairs(redis.call('ZRANGE', line, 0, -1)) do
    if tonumber(redis.call('ZSCORE', seen, token) or '-1') > since then
      redis.call('ZREM', line, token)
      redis.call('ZREM', seen, token)
      redis.call('ZADD', sessions, asking[token] and ARGV[3] or ARGV[4], token)
      turns[#turns + 1] = token
      -- A user without rights on the channel loses speed and nothing else.
      if not asking[token] then redis.pcall('PUBLISH', ARGV[7], token) end
      free = free - 1
      if free == 0 then return end
    end
  end
end
local function answer()
  redis.call('PEXPIRE', sessions, ${leaseMs * 2})
  redis.call('PEXPIRE', line, ${forgottenMs * 2})
  redis.call('PEXPIRE', seen, ${forgottenMs * 2})
  return {redis.call('EXISTS', mark), turns}
end`;

const ask = `${head}
local asking = {}
for i = 8, #ARGV do
  local token = ARGV[i]
  asking[token] = true
  if redis.call('ZSCORE', sessions, token) then
    redis.call('ZADD', sessions, ARGV[3], token)
    turns[#turns + 1] = token
  else
    if not redis.call('ZSCORE', line, token) then
      local last = redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')[2] or '0'
      redis.call('ZADD', line, tonumber(last) + 1, token)
    end
    redis.call('ZADD', seen, ARGV[1], token)
  end
end
handOn(asking)
return answer()`;

// Every fourth place is kept open for a moment where older workers look for one: they would never find any.
const leave = `${head}
redis.call('ZREM', sessions, ARGV[8])
redis.call('ZREM', line, ARGV[8])
redis.call('ZREM', seen, ARGV[8])
if redis.call('EXISTS', mark) == 1 and redis.call('INCR', mark) % 4 == 0 then
  redis.call('SET', open, '1', 'PX', ${openMs})
end
handOn({})
return answer()`;

/** Where the sessions of an HMC are counted: a sorted set by when each ends at the latest. */
export function hmcSessionsKey(prefix: string, hmc: string): string {
  return `${prefix}hmc:${hmc}`;
}

/** The lines before all HMCs. Tokens begin with a colon: older workers' do not. */
export function createHmcLine({ redis, prefix, limit, clock }: HmcLineOptions): HmcLine {
  const run = async (script: string, hmc: string, tokens: readonly string[]): Promise<LineAnswer> => {
    const keys = [
      hmcSessionsKey(prefix, hmc),
      ...['line', 'seen', 'given-up', 'open'].map((what) => `${prefix}hmc-${what}:${hmc}`),
    ];
    const now = clock();
    const args = [now, limit, now + leaseMs, now + offerMs, now - seenMs, now - forgottenMs];
    const channel = channelOf(prefix, turnTopic);
    const reply = await redis.eval(script, keys.length, ...keys, ...args.map(String), channel, ...tokens);
    const [isContested, turns] = reply as [number, string[]];
    return { turns, isContested: isContested === 1 };
  };
  return {
    ask: (hmc, tokens) => run(ask, hmc, tokens),
    leave: (hmc, token) => run(leave, hmc, [token]),
    renew: async (hmc, token) => {
      await redis.zadd(hmcSessionsKey(prefix, hmc), 'XX', clock() + leaseMs, token);
    },
  };
}
