import type { RedisLink } from '../redis/link.js';
import {
  chain,
  emptyTail,
  lineOf,
  type AuditEvent,
  type AuditOrigin,
  type AuditRecord,
  type Tail,
} from './chain.js';
import { appendScript, findScript, indexedUnder, readScript, tailScript } from './scripts.js';

export type { AuditEvent, AuditRecord } from './chain.js';
export type { AuditCode } from './codes.js';

/** Which records are wanted; what is left out does not choose. */
export interface AuditFilter {
  readonly object?: string;
  readonly code?: string;
  readonly actor?: string;
}

/** `next` is what to give as `before` for the page after this one; null where there is none. */
export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly next: number | null;
}

/** The audit trail. `append` rejects when the record is not written: the act that it announces must not happen then. */
export interface Audit {
  append(event: AuditEvent): Promise<AuditRecord>;
  /** Records from sequence `from` (0 is the first ever) or the oldest kept, at most `count`, oldest first. */
  read(from: number, count: number): Promise<AuditRecord[]>;
  /** The last `count` records about one object (a change, a request, or a target that a record names), newest first. */
  history(object: string, count: number): Promise<AuditRecord[]>;
  /**
   * A page of records newest first, of those before sequence `before`. Without an object it looks at a few thousand
   * records at most: a page may then hold fewer than `count` and still have a `next`.
   */
  find(
    filter: AuditFilter,
    page: { readonly before?: number | undefined; readonly count: number },
  ): Promise<AuditPage>;
}

/** Events that go into one write. */
const mostAtOnce = 64;
/** A writer that was overtaken so often asks for its turn: then the others wait for it, a second at most. */
const patience = 3;
/** So often a write is tried; with a turn of one's own that is never needed while Redis answers. */
const mostTries = 200;

/**
 * An Audit on one Redis; `prefix` carries the hash tag, `clock` gives epoch milliseconds. What many parts of a process
 * append at the same moment goes out in one write; of many processes one wins and the others look again.
 */
export function createAudit(
  redis: RedisLink,
  prefix: string,
  clock: () => number,
  origin: () => Partial<AuditOrigin> = () => ({}),
): Audit {
  const writer = new Writer(redis, prefix, clock, origin);
  const read = async (from: number, count: number): Promise<AuditRecord[]> => {
    const keys = [`${prefix}audit`, `${prefix}audit:base`];
    return parsed(await redis.eval(readScript, keys.length, ...keys, String(from), String(count)));
  };
  const find: Audit['find'] = async (filter, { before, count }) =>
    filter.object === undefined
      ? scan(read, await writer.tail(), filter, { before, count })
      : findOf(redis, prefix, { ...filter, object: filter.object }, { before, count });
  return {
    append: (event) => writer.append(event),
    read,
    history: async (object, count) => [...(await find({ object }, { count })).records],
    find,
  };
}

interface Waiting {
  readonly event: AuditEvent;
  readonly resolve: (record: AuditRecord) => void;
  readonly reject: (error: unknown) => void;
}

/** One process's way into the trail: one write at a time, so that it only competes with other processes. */
class Writer {
  private readonly waiting: Waiting[] = [];
  private isWriting = false;
  private last: Tail | null = null;
  private readonly token = Math.random().toString(36).slice(2);

  constructor(
    private readonly redis: RedisLink,
    private readonly prefix: string,
    private readonly clock: () => number,
    private readonly origin: () => Partial<AuditOrigin>,
  ) {}

  append(event: AuditEvent): Promise<AuditRecord> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ event, resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  /** Where the trail ends now. */
  async tail(): Promise<Tail> {
    const answer = await this.redis.eval(tailScript, 2, `${this.prefix}audit`, `${this.prefix}audit:base`);
    return tailOf(answer as TailAnswer);
  }

  /** Never rejects: each append is told for itself. */
  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, mostAtOnce);
      try {
        const records = await this.write(batch.map(({ event }) => event));
        records.forEach((record, n) => batch[n]?.resolve(record));
      } catch (error) {
        // What was written in spite of the error moves the tail: it is looked up again.
        this.last = null;
        for (const { reject } of batch) reject(error);
      }
    }
    this.isWriting = false;
  }

  private async write(events: readonly AuditEvent[]): Promise<readonly AuditRecord[]> {
    let tail = this.last ?? (await this.tail());
    for (let tries = 0; tries < mostTries; tries += 1) {
      const at = new Date(this.clock()).toISOString();
      const records = chain(events, tail, this.origin(), at);
      const end = { next: tail.next + records.length, hash: records.at(-1)?.hash ?? tail.hash };
      const now = await this.push(records, tail, tries >= patience);
      // The second: the answer of a first try was lost on a broken connection, and the client has sent it again.
      if (now === null || now.hash === end.hash) {
        this.last = end;
        return records;
      }
      tail = now;
      if (tries > 0) await pause(Math.random() * Math.min(2 ** tries, 20));
    }
    throw new Error('The audit trail took no record: other writers were always quicker.');
  }

  /** null when the records are written; where the trail ends instead, when another was quicker or has its turn. */
  private async push(records: readonly AuditRecord[], tail: Tail, wantsTurn: boolean): Promise<Tail | null> {
    const { prefix } = this;
    const entries = records.flatMap((record) =>
      indexedUnder(record).map((object) => [`${prefix}audit:of:${object}`, String(record.sequence)] as const),
    );
    const keys = [
      `${prefix}audit`,
      `${prefix}audit:base`,
      `${prefix}audit:turn`,
      ...entries.map(([key]) => key),
    ];
    const head = [String(tail.next), this.token, wantsTurn ? '1' : '0', String(records.length)];
    const args = [...head, ...records.map(lineOf), ...entries.map(([, sequence]) => sequence)];
    const answer = await this.redis.eval(appendScript, keys.length, ...keys, ...args);
    return answer === 1 ? null : tailOf(answer as TailAnswer);
  }
}

type TailAnswer = readonly [next: number, last: string];

function tailOf([next, last]: TailAnswer): Tail {
  if (last === '') return { ...emptyTail, next };
  try {
    return { next, hash: (JSON.parse(last) as AuditRecord).hash };
  } catch (error) {
    throw new Error(
      'The last record of the audit trail is no record: somebody wrote to it by hand. Nothing is done without the trail; type: aixops audit verify',
      { cause: error },
    );
  }
}

function parsed(lines: unknown): AuditRecord[] {
  return (lines as readonly string[]).map((line) => JSON.parse(line) as AuditRecord);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface Wanted {
  readonly before: number | undefined;
  readonly count: number;
}

const pageSize = 200;
/** Records that one page without an object looks at. */
const mostScanned = 4_000;

/** By the index of one object; code and actor choose among what it gives. */
async function findOf(
  redis: RedisLink,
  prefix: string,
  filter: AuditFilter & { readonly object: string },
  { before, count }: Wanted,
): Promise<AuditPage> {
  const keys = [`${prefix}audit`, `${prefix}audit:base`, `${prefix}audit:of:${filter.object}`];
  const found: AuditRecord[] = [];
  const size = filter.code === undefined && filter.actor === undefined ? count + 1 : pageSize;
  let at = before;
  for (;;) {
    const top = at === undefined ? '+inf' : `(${at}`;
    const page = parsed(await redis.eval(findScript, keys.length, ...keys, top, String(size)));
    for (const record of page) {
      if (found.length === count) return { records: found, next: at ?? null };
      at = record.sequence;
      if (fits(record, filter)) found.push(record);
    }
    if (page.length < size) return { records: found, next: null };
  }
}

async function scan(
  read: Audit['read'],
  tail: Tail,
  filter: AuditFilter,
  { before, count }: Wanted,
): Promise<AuditPage> {
  const found: AuditRecord[] = [];
  let at = Math.min(before ?? tail.next, tail.next);
  const stopAt = Math.max(0, at - mostScanned);
  while (at > stopAt) {
    const from = Math.max(stopAt, at - pageSize);
    const page = (await read(from, at - from)).filter(({ sequence }) => sequence < at).reverse();
    if (page.length === 0) return { records: found, next: null };
    for (const record of page) {
      if (found.length === count) return { records: found, next: at };
      at = record.sequence;
      if (fits(record, filter)) found.push(record);
    }
    // Older ones are not kept any more.
    if (at > from) return { records: found, next: null };
  }
  return { records: found, next: at > 0 ? at : null };
}

function fits(record: AuditRecord, { code, actor }: AuditFilter): boolean {
  return (code === undefined || record.code === code) && (actor === undefined || record.actor === actor);
}
