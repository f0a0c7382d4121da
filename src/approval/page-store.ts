import type { RedisLink } from '../redis/link.js';
import type { ChangesAsk } from '../core/changes-ask.js';

/** One page of a list of changes, as its button stands for it. */
export interface ListPage {
  readonly ask: ChangesAsk;
  /** The command as it was understood. */
  readonly asked: string;
  /** Counts from 0. */
  readonly from: number;
}

/** Questions behind the buttons of lists: a button carries an id, and a day later nobody turns that page any more. */
export interface PageStore {
  put(id: string, page: ListPage): Promise<void>;
  get(id: string): Promise<ListPage | null>;
}

const keepSeconds = 24 * 3600;

/** A PageStore on one Redis; `prefix` carries the hash tag. */
export function createPageStore(redis: RedisLink, prefix: string): PageStore {
  const key = (id: string): string => `${prefix}changes:page:${id}`;
  return {
    put: async (id, page) => {
      await redis.set(key(id), JSON.stringify(page), 'EX', keepSeconds);
    },
    get: async (id) => {
      const text = await redis.get(key(id));
      return text === null ? null : (JSON.parse(text) as ListPage);
    },
  };
}
