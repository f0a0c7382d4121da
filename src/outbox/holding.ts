import type { RedisLink } from '../redis/link.js';
import type { OutboxKeys } from './keys.js';
import { endScript, holdScript, letGoScript } from './scripts.js';

/** Who sends for a channel: one process at a time. */
export interface OutboxHolding {
  /** Takes the right to post to a channel; false when another bot has it. */
  hold(channel: string, token: string, ttlMs: number): Promise<boolean>;
  letGo(channel: string, token: string): Promise<void>;
  /** Lets go of a channel if nothing waits for it; false where something does, and then it is still held. */
  end(channel: string, token: string): Promise<boolean>;
}

/** The same on one Redis. */
export function createHolding(redis: RedisLink, { queueKey, holdKey }: OutboxKeys): OutboxHolding {
  return {
    hold: async (channel, token, ttlMs) =>
      (await redis.eval(holdScript, 1, holdKey(channel), token, String(ttlMs))) === 1,
    end: async (channel, token) =>
      (await redis.eval(endScript, 2, queueKey(channel), holdKey(channel), token)) === 1,
    letGo: async (channel, token) => {
      await redis.eval(letGoScript, 1, holdKey(channel), token);
    },
  };
}
