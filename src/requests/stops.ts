import type { Stopped } from '../core/request.js';
import type { RedisLink } from '../redis/link.js';

/** Who has asked that the reading for a request ends before its end. */
export interface StopStore {
  /** Asks its worker to stop reading. Answers null where that counts, else who was before, or that reading has ended. */
  stop(id: string, stopped: Stopped): Promise<Stopped | 'ended' | null>;
  /** Who has asked its worker to stop; null while nobody has, and once reading has ended. */
  stopOf(id: string): Promise<Stopped | null>;
  /** Says that reading has ended, so that nobody stops it any more; who was before is answered. */
  endReading(id: string): Promise<Stopped | null>;
  /** Makes a request the newest of those with the same key, and answers which one was that before. */
  takePlace(key: string, id: string): Promise<string | null>;
}

const keepSeconds = 24 * 3600;
const ended = 'ended';

/** A StopStore on one Redis; `prefix` carries the hash tag. */
export function createStopStore(redis: RedisLink, prefix: string): StopStore {
  const keyOf = (id: string): string => `${prefix}stop:${id}`;
  /** The word of whoever was first: of a stop and the end of reading one counts. */
  const firstOf = async (id: string, word: string): Promise<string | null> => {
    const isFirst = (await redis.set(keyOf(id), word, 'EX', keepSeconds, 'NX')) === 'OK';
    return isFirst ? word : redis.get(keyOf(id));
  };
  return {
    stop: async (id, stopped) => {
      const word = JSON.stringify(stopped);
      const first = await firstOf(id, word);
      return first === word || first === null ? null : (stoppedIn(first) ?? ended);
    },
    stopOf: async (id) => stoppedIn(await redis.get(keyOf(id))),
    endReading: async (id) => stoppedIn(await firstOf(id, ended)),
    takePlace: async (name, id) => {
      const key = `${prefix}newest:${name}`;
      const replies = await redis.multi().get(key).set(key, id, 'EX', keepSeconds).exec();
      const before: unknown = replies?.[0]?.[1];
      return typeof before === 'string' ? before : null;
    },
  };
}

function stoppedIn(word: string | null): Stopped | null {
  return word === null || word === ended ? null : (JSON.parse(word) as Stopped);
}
