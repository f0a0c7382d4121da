/**
 * The second proof of a person: a code from their own authenticator (TOTP), asked where the policy wants it. Off unless
 * the policy says so. A right code is remembered for an hour and taken once; wrong ones lock for a while.
 * Source: RFC 6238 §4 and §5.2 (one step of tolerance, a code is accepted once), RFC 4226 §7.3 (throttling).
 */
import { randomUUID } from 'node:crypto';
import type { RedisLink } from '../redis/link.js';
import { Secret as Key, TOTP } from 'otpauth';
import type { Secret } from '../core/secret.js';

export interface StepUp {
  /** Whether this person gave a right code within the last hour. */
  isFresh(user: string): Promise<boolean>;
  /** Whether there is a secret for this person at all. */
  isEnrolled(user: string): boolean;
  /**
   * Takes what the person typed. `used`: right, but taken once already. `locked`: too many wrong ones, whatever this one
   * is. `not-enrolled`: there is no secret for this person, so nothing that needs a code can be done by them.
   */
  offer(user: string, code: string): Promise<StepUpAnswer>;
}

export type StepUpAnswer = 'ok' | 'wrong' | 'used' | 'locked' | 'not-enrolled';

export interface StepUpTools {
  readonly redis: RedisLink;
  /** Carries the hash tag. */
  readonly prefix: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** By account: a Base32 secret. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** What authenticators take for granted when a code is typed in by hand. */
const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const periodMs = shape.period * 1_000;
const freshMs = 60 * 60_000;
const lockMs = 15 * 60_000;
const mostWrong = 5;

// KEYS: fresh until, last step taken, times of wrong codes, locked until
// ARGV: now (ms), step of the code or '', fresh for (ms), lock for (ms), most wrong ones, unique mark of this try
// One script, so that many guesses at the same moment are counted one by one.
const offerScript = `
local now = tonumber(ARGV[1])
local locked = tonumber(redis.call('GET', KEYS[4]) or '0')
if locked > now then return 'locked' end
if ARGV[2] == '' then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[4]))
  redis.call('ZADD', KEYS[3], now, ARGV[6])
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
  if redis.call('ZCARD', KEYS[3]) < tonumber(ARGV[5]) then return 'wrong' end
  redis.call('DEL', KEYS[3])
  redis.call('SET', KEYS[4], now + tonumber(ARGV[4]), 'PX', ARGV[4])
  return 'locked'
end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[2]) <= last then return 'used' end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[1], now + tonumber(ARGV[3]), 'PX', ARGV[3])
redis.call('DEL', KEYS[3])
return 'ok'`;

/** A StepUp on one Redis, for the people whose secrets it is given. */
export function createStepUp({ redis, prefix, clock, secrets }: StepUpTools): StepUp {
  const key = (what: string, user: string): string => `${prefix}step-up:${what}:${user}`;
  const asScript = async (user: string, step: number | null, nowMs: number): Promise<StepUpAnswer> => {
    const keys = ['fresh', 'taken', 'wrong', 'locked'].map((what) => key(what, user));
    const args = [nowMs, step ?? '', freshMs, lockMs, mostWrong, randomUUID()].map(String);
    const answer = await redis.eval(offerScript, 4, ...keys, ...args);
    return answer as StepUpAnswer;
  };
  return {
    isEnrolled: (user) => secrets.has(user),
    isFresh: async (user) => {
      // Whoever's secret was taken away is not believed any more.
      if (!secrets.has(user)) return false;
      return Number((await redis.get(key('fresh', user))) ?? 0) > clock();
    },
    offer: async (user, code) => {
      const secret = secrets.get(user);
      if (secret === undefined) return 'not-enrolled';
      const nowMs = clock();
      return asScript(user, stepOf(secret, code, nowMs), nowMs);
    },
  };
}

/** Which 30 seconds a code belongs to: these, the ones before or the ones after; null for none of them. */
function stepOf(secret: Secret, code: string, nowMs: number): number | null {
  // People type `123 456`, as their authenticator shows it.
  const token = code.replace(/[\s-]/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const delta = TOTP.validate({
    token,
    secret: Key.fromBase32(secret.reveal()),
    ...shape,
    timestamp: nowMs,
    window: 1,
  });
  return delta === null ? null : Math.floor(nowMs / periodMs) + delta;
}

/** A new secret of 160 random bits as Base32, and the address that authenticators take it from. */
export function newStepUpSecret(user: string): { readonly secret: string; readonly url: string } {
  const secret = new Key({ size: 20 });
  return {
    secret: secret.base32,
    url: new TOTP({ issuer: 'aixops', label: user, secret, ...shape }).toString(),
  };
}
