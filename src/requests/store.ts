import type { RedisLink } from '../redis/link.js';
import type { FactSet } from '../core/fact.js';
import type { Offer, Request } from '../core/request.js';
import { redactIn } from '../core/redact.js';
import { plainKeeping, type Keeping } from '../core/sealer.js';
import { fromStored, storedText } from '../core/stored.js';
import type { Collected } from '../runbooks/definition.js';
import { createStopStore, type StopStore } from './stops.js';

const keepSeconds = 7 * 24 * 3600;
const dayMs = 24 * 3_600_000;
/** First readings wait for the second ones: an hour late at most. */
const keepEarlierSeconds = 2 * 24 * 3600;

/** Requests from Slack and the fixes offered on their cards, kept for a week. */
export interface RequestStore extends StopStore {
  put(request: Request): Promise<void>;
  /** Throws NewerError for a request that a newer aixops wrote. */
  get(id: string): Promise<Request | null>;
  /** Who asked for what, and where: these fields every version has. */
  originOf(id: string): Promise<Pick<Request, 'origin' | 'asked'> | null>;
  /** Whether its job may be done: false where it was withdrawn. */
  begin(id: string): Promise<boolean>;
  /** Keeps its job from being done, wherever it is; false where a worker has begun with it. */
  withdraw(id: string): Promise<boolean>;
  putOffer(offer: Offer & { readonly requestId: string }): Promise<void>;
  offer(id: string): Promise<(Offer & { readonly requestId: string }) | null>;
  /** Keeps what was read of targets that are read a second time later. */
  putEarlier(id: string, collected: readonly Collected<FactSet, FactSet>[]): Promise<void>;
  /** What was kept, or nothing. */
  earlier(id: string): Promise<readonly Collected<FactSet, FactSet>[]>;
  /** True the first time a key is seen within a day, or within `forMs`: Slack delivers some things twice. */
  once(key: string, forMs?: number): Promise<boolean>;
  /** Counts a key as seen for a day from now. */
  keepSeen(key: string): Promise<void>;
  forget(key: string): Promise<void>;
}

/** A RequestStore on one Redis; `prefix` carries the hash tag. */
export function createRequestStore(
  redis: RedisLink,
  prefix: string,
  { sealer, days }: Keeping = plainKeeping,
): RequestStore {
  const isPhase = ({ phase }: Request): boolean =>
    (['queued', 'reading', 'waiting', 'done', 'stopped', 'failed'] satisfies Request['phase'][]).includes(
      phase,
    );
  const textOf = async (key: string): Promise<string | null> => {
    const text = await redis.get(key);
    return text === null ? null : sealer.open(key, text);
  };
  /** Of two words the one that was there first. */
  const firstOf = async (key: string, word: string): Promise<string | null> => {
    const isFirst = (await redis.set(key, word, 'EX', 24 * 3600, 'NX')) === 'OK';
    return isFirst ? word : redis.get(key);
  };
  const read = async <T>(key: string): Promise<T | null> => {
    const text = await textOf(key);
    return text === null ? null : (JSON.parse(text) as T);
  };
  const keepText = async (key: string, text: string, seconds: number): Promise<void> => {
    const ttl = Math.min(seconds, days * 24 * 3600);
    await redis.set(key, sealer.seal(key, text), 'EX', ttl);
  };
  const keep = (key: string, value: unknown, seconds: number): Promise<void> =>
    keepText(key, JSON.stringify(value), seconds);
  return {
    ...createStopStore(redis, prefix),
    put: ({ verdicts, ...rest }) =>
      // Verdicts come without secrets of known shapes, and those of a thousand targets are searched once, not at each write.
      keepText(
        `${prefix}request:${rest.id}`,
        storedText('request', { ...redactIn(rest), verdicts }),
        keepSeconds,
      ),
    get: async (id) => {
      const text = await textOf(`${prefix}request:${id}`);
      return text === null ? null : fromStored<Request>('request', id, text, isPhase);
    },
    originOf: async (id) => {
      const text = await textOf(`${prefix}request:${id}`);
      return text === null ? null : (JSON.parse(text) as Pick<Request, 'origin' | 'asked'>);
    },
    begin: async (id) => (await firstOf(`${prefix}request:${id}:job`, 'begun')) === 'begun',
    withdraw: async (id) => (await firstOf(`${prefix}request:${id}:job`, 'withdrawn')) === 'withdrawn',
    putOffer: (offer) => keep(`${prefix}offer:${offer.id}`, offer, keepSeconds),
    offer: (id) => read<Offer & { requestId: string }>(`${prefix}offer:${id}`),
    putEarlier: (id, collected) => keep(`${prefix}earlier:${id}`, collected, keepEarlierSeconds),
    earlier: async (id) => (await read<Collected<FactSet, FactSet>[]>(`${prefix}earlier:${id}`)) ?? [],
    once: async (key, forMs = dayMs) =>
      (await redis.set(`${prefix}seen:${key}`, '1', 'PX', forMs, 'NX')) === 'OK',
    keepSeen: async (key) => {
      await redis.set(`${prefix}seen:${key}`, '1', 'PX', dayMs);
    },
    forget: async (key) => {
      await redis.del(`${prefix}seen:${key}`);
    },
  };
}
