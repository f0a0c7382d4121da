/** The trail as it lies in Redis, for those who look after it: checkpoints, the anchor, and trimming. */
import type { RedisLink } from '../redis/link.js';
import type { AuditRecord } from './chain.js';
import { asCheckpoint, type Checkpoint } from './checkpoint.js';
import {
  addCheckpointScript,
  claimScript,
  indexedUnder,
  letGoScript,
  readScript,
  tailScript,
  trimScript,
} from './scripts.js';

/** How many lines one read takes. */
export const pageSize = 500;

export interface Trail {
  /** The sequence that comes next, and the first one kept. */
  bounds(): Promise<{ readonly first: number; readonly next: number }>;
  /** Lines of records from a sequence on, oldest first, as they lie there. */
  lines(from: number, count: number): Promise<readonly string[]>;
  /** The checkpoints from the oldest on, `pageSize` at a time. */
  checkpoints(): AsyncIterable<Checkpoint>;
  lastCheckpoint(): Promise<Checkpoint | null>;
  /** What stands for the records that retention took; null where it took none. */
  anchor(): Promise<Checkpoint | null>;
  /** Adds a checkpoint; false where there is one as late already. */
  addCheckpoint(checkpoint: Checkpoint): Promise<boolean>;
  /** Takes away these records, the oldest ones, and leaves the anchor; false where they are not the oldest any more. */
  trim(records: readonly AuditRecord[], anchor: Checkpoint): Promise<boolean>;
  /** Takes one kind of work on the trail for so long; false while another has it. One's own can be taken again. */
  claim(work: string, token: string, ttlMs: number): Promise<boolean>;
  letGo(work: string, token: string): Promise<void>;
  /** Up to which sequence records were copied elsewhere (the next to copy). */
  copied(): Promise<number>;
  setCopied(next: number): Promise<void>;
}

/** The trail on one Redis; `prefix` carries the hash tag. */
export function createTrail(redis: RedisLink, prefix: string): Trail {
  const list = `${prefix}audit`;
  const [base, points, anchorKey] = [`${list}:base`, `${list}:checkpoints`, `${list}:anchor`];
  return {
    bounds: async () => {
      const [next] = (await redis.eval(tailScript, 2, list, base)) as [number, string];
      return { first: Number((await redis.get(base)) ?? 0), next };
    },
    lines: async (from, count) =>
      (await redis.eval(readScript, 2, list, base, String(from), String(count))) as string[],
    checkpoints: async function* () {
      for (let from = 0; ; from += pageSize) {
        const lines = await redis.lrange(points, from, from + pageSize - 1);
        for (const line of lines) {
          const checkpoint = checkpointIn(line);
          if (checkpoint !== null) yield checkpoint;
        }
        if (lines.length < pageSize) return;
      }
    },
    lastCheckpoint: async () => checkpointIn(await redis.lindex(points, -1)),
    anchor: async () => checkpointIn(await redis.get(anchorKey)),
    addCheckpoint: async (checkpoint) => {
      const args = [String(checkpoint.sequence), JSON.stringify(checkpoint)];
      return (await redis.eval(addCheckpointScript, 1, points, ...args)) === 1;
    },
    trim: async (records, anchor) => {
      const [first] = records;
      if (first === undefined) return false;
      const entries = records.flatMap((record) =>
        indexedUnder(record).map((object) => [`${list}:of:${object}`, String(record.sequence)] as const),
      );
      const keys = [list, base, points, anchorKey, ...entries.map(([key]) => key)];
      const head = [String(first.sequence), String(records.length), JSON.stringify(anchor)];
      const args = [...head, ...entries.map(([, sequence]) => sequence)];
      return (await redis.eval(trimScript, keys.length, ...keys, ...args)) === 1;
    },
    claim: async (work, token, ttlMs) =>
      (await redis.eval(claimScript, 1, `${list}:work:${work}`, token, String(ttlMs))) === 1,
    letGo: async (work, token) => {
      await redis.eval(letGoScript, 1, `${list}:work:${work}`, token);
    },
    copied: async () => Number((await redis.get(`${list}:copied`)) ?? 0),
    setCopied: async (next) => {
      await redis.set(`${list}:copied`, String(next));
    },
  };
}

/** The line as a checkpoint; null for none and for what is none. */
function checkpointIn(line: string | null): Checkpoint | null {
  if (line === null) return null;
  try {
    return asCheckpoint(JSON.parse(line));
  } catch {
    return null;
  }
}
