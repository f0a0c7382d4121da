import type { RedisLink } from '../redis/link.js';
import type { FactSet } from '../core/fact.js';
import type { Offer, Request } from '../core/request.js';
import { redactIn } from '../core/redact.js';
import { plainKeeping, type Keeping } from '../core/sealer.js';
import type { Collected } from '../runbooks/definition.js';

const keepSeconds = 7 * 24 * 3600;
/** First readings wait for the second ones: an hour late at most. */
const keepEarlierSeconds = 2 * 24 * 3600;

/** Requests from Slack and the fixes offered on their cards, kept for a week. */
export interface RequestStore {
  put(request: Request): Promise<void>;
  get(id: string): Promise<Request | null>;
  putOffer(offer: Offer & { readonly requestId: string }): Promise<void>;
  offer(id: string): Promise<(Offer & { readonly requestId: string }) | null>;
  /** Keeps what was read of targets that are read a second time later. */
  putEarlier(id: string, collected: readonly Collected<FactSet, FactSet>[]): Promise<void>;
  /** What was kept, or nothing. */
  earlier(id: string): Promise<readonly Collected<FactSet, FactSet>[]>;
  /** True the first time a key is seen within a day: Slack delivers some things twice. */
  once(key: string): Promise<boolean>;
  forget(key: string): Promise<void>;
}

/** A RequestStore on one Redis; `prefix` carries the hash tag. */
export function createRequestStore(
  redis: RedisLink,
  prefix: string,
  { sealer, days }: Keeping = plainKeeping,
): RequestStore {
  const read = async <T>(key: string): Promise<T | null> => {
    const text = await redis.get(key);
    return text === null ? null : (JSON.parse(sealer.open(key, text)) as T);
  };
  const keep = async (key: string, value: unknown, seconds: number): Promise<void> => {
    const ttl = Math.min(seconds, days * 24 * 3600);
    await redis.set(key, sealer.seal(key, JSON.stringify(value)), 'EX', ttl);
  };
  return {
    put: ({ verdicts, ...rest }) =>
      // Verdicts come without secrets of known shapes, and those of a thousand targets are searched once, not at each write.
      keep(`${prefix}request:${rest.id}`, { ...redactIn(rest), verdicts }, keepSeconds),
    get: (id) => read<Request>(`${prefix}request:${id}`),
    putOffer: (offer) => keep(`${prefix}offer:${offer.id}`, offer, keepSeconds),
    offer: (id) => read<Offer & { requestId: string }>(`${prefix}offer:${id}`),
    putEarlier: (id, collected) => keep(`${prefix}earlier:${id}`, collected, keepEarlierSeconds),
    earlier: async (id) => (await read<Collected<FactSet, FactSet>[]>(`${prefix}earlier:${id}`)) ?? [],
    once: async (key) => (await redis.set(`${prefix}seen:${key}`, '1', 'EX', 24 * 3600, 'NX')) === 'OK',
    forget: async (key) => {
      await redis.del(`${prefix}seen:${key}`);
    },
  };
}
