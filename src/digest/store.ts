import { pause } from '../loop/slices.js';
import { unsealed, type Sealer } from '../core/sealer.js';
import { fromStored, storedText, type StoredKind } from '../core/stored.js';
import type { RedisLink } from '../redis/link.js';
import type { Edition } from './edition.js';
import { createMarksStore, type MarksStore } from './marks-store.js';
import type { Memory } from './memory.js';

/** What a button's id stands for. */
export interface LineRef {
  readonly edition: string;
  readonly line: string;
}

/**
 * Editions and what people said of certificates, in Redis. An edition is kept before anything of it is put into the
 * outbox, and in the same write the memory for the next one, so that a process that dies in between neither loses a day
 * nor makes it twice: whoever comes next finds the edition pending and carries it on.
 */
export interface DigestStore extends MarksStore {
  /** Takes the right to work on a channel's digest; false while another has it. One's own can be taken again. */
  claim(channel: string, token: string, ttlMs: number): Promise<boolean>;
  letGo(channel: string, token: string): Promise<void>;
  /** The last local date that was posted in a channel; null for none ever. */
  lastPosted(channel: string): Promise<string | null>;
  /** When the edition of that date was made (epoch milliseconds); null for none, or where that was not kept. */
  lastPostedMs(channel: string): Promise<number | null>;
  /** The edition of a channel that was kept and is not wholly in the outbox yet. */
  pending(channel: string): Promise<Edition | null>;
  isPending(channel: string): Promise<boolean>;
  memory(channel: string): Promise<Memory | null>;
  /** Keeps a day's edition with what it leaves for the next; false, and nothing is written, where that day has one. */
  keepDaily(edition: Edition, memory: Memory): Promise<boolean>;
  /** Everything of the edition is in the outbox: its date is posted. */
  markPosted(edition: Edition): Promise<void>;
  /** Keeps an edition that somebody asked for; no day is posted by it. */
  keepAsked(edition: Edition): Promise<void>;
  edition(id: string): Promise<Edition | null>;
  line(id: string): Promise<LineRef | null>;
}

const keepSeconds = 40 * 24 * 3600;

// KEYS: edition, pending, memory, then one per line · ARGV: edition json, edition id, memory json ('' for an asked one), line refs
const keepScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ${keepSeconds})
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[2], ARGV[2])
  redis.call('SET', KEYS[3], ARGV[3])
end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i], 'EX', ${keepSeconds}) end
return 1`;

// KEYS: posted, pending, posted at · ARGV: date, edition id, when (epoch ms). A date never goes back.
const postedScript = `
local last = redis.call('GET', KEYS[1])
if not last or last < ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('SET', KEYS[3], ARGV[3])
end
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1`;

const claimScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const letGoScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** A DigestStore on one Redis; `prefix` carries the hash tag, `sealer` closes what was read from nodes. */
export function createDigestStore(redis: RedisLink, prefix: string, sealer: Sealer = unsealed): DigestStore {
  const key = (...parts: string[]): string => `${prefix}digest:${parts.join(':')}`;
  const read = async <T extends object>(kind: StoredKind, id: string, name: string): Promise<T | null> => {
    const text = await redis.get(name);
    return text === null ? null : fromStored<T>(kind, id, sealer.open(name, text));
  };
  const editionOf = (id: string): Promise<Edition | null> =>
    read<Edition>('digest edition', id, key('edition', id));
  const keep = async (edition: Edition, memory: Memory | null): Promise<boolean> => {
    const { id, channel, lines } = edition;
    const [name, memoryName] = [key('edition', id), key('memory', channel)] as const;
    const keys = [name, key('pending', channel), memoryName];
    const refs = lines.map((line) => JSON.stringify({ edition: id, line: line.id } satisfies LineRef));
    const all = [...keys, ...lines.map((line) => key('line', line.id))];
    // Of ten thousand certificates either text is megabytes: everything else has its turn between them.
    const forNext = memory === null ? '' : sealer.seal(memoryName, storedText("digest's memory", memory));
    await pause();
    const args = [sealer.seal(name, storedText('digest edition', edition)), id, forNext, ...refs];
    await pause();
    return (await redis.eval(keepScript, all.length, ...all, ...args)) === 1;
  };
  return {
    ...createMarksStore(redis, key, keepSeconds, sealer),
    claim: async (channel, token, ttlMs) =>
      (await redis.eval(claimScript, 1, key('claim', channel), token, String(ttlMs))) === 1,
    letGo: async (channel, token) => {
      await redis.eval(letGoScript, 1, key('claim', channel), token);
    },
    lastPosted: (channel) => redis.get(key('posted', channel)),
    lastPostedMs: async (channel) => {
      const ms = await redis.get(key('posted-at', channel));
      return ms === null ? null : Number(ms);
    },
    pending: async (channel) => {
      const id = await redis.get(key('pending', channel));
      if (id === null) return null;
      const edition = await editionOf(id);
      // Too old to be known: nobody can carry it on.
      if (edition === null) await redis.del(key('pending', channel));
      return edition;
    },
    isPending: async (channel) => (await redis.exists(key('pending', channel))) === 1,
    memory: (channel) => read<Memory>("digest's memory", channel, key('memory', channel)),
    keepDaily: (edition, memory) => keep(edition, memory),
    markPosted: async ({ id, channel, date, at }) => {
      const keys = [key('posted', channel), key('pending', channel), key('posted-at', channel)];
      await redis.eval(postedScript, keys.length, ...keys, date, id, String(Date.parse(at)));
    },
    keepAsked: async (edition) => {
      await keep(edition, null);
    },
    edition: editionOf,
    line: async (id) => {
      const text = await redis.get(key('line', id));
      return text === null ? null : (JSON.parse(text) as LineRef);
    },
  };
}
