import type { Redis } from 'ioredis';
import { canonicalJson, digestOf } from '../core/canonical.js';

/** What is written down. `code` is stable; `detail` holds ids, digests and outcomes, never secrets or whole outputs. */
export interface AuditEvent {
  readonly code: AuditCode;
  /** Slack user id, `worker`, or `cli:<user>`. */
  readonly actor: string;
  /** The change, request or target that it is about. */
  readonly object: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export type AuditCode =
  | 'request.accepted'
  | 'request.refused'
  | 'verdict.reached'
  | 'change.proposed'
  | 'change.decided'
  | 'change.refused'
  | 'change.started'
  | 'step.intended'
  | 'step.ended'
  | 'change.ended'
  | 'digest.posted'
  | 'digest.marked';

/** One link of the chain. `hash` covers everything else in it, `previous` included. */
export interface AuditRecord extends AuditEvent {
  readonly sequence: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** The audit trail. `append` rejects when the record is not written: the act that it announces must not happen then. */
export interface Audit {
  append(event: AuditEvent): Promise<AuditRecord>;
  /** Records from sequence `from` (0 is the first), at most `count`. */
  read(from: number, count: number): Promise<AuditRecord[]>;
}

const genesis = '0'.repeat(64);

// KEYS: list · ARGV: length that the writer saw, record. Two writers at once: one is told to look again.
const appendIfLast = `
if redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
return 1`;

/** An Audit on one Redis; `prefix` carries the hash tag, `clock` gives epoch milliseconds. */
export function createAudit(redis: Redis, prefix: string, clock: () => number): Audit {
  const key = `${prefix}audit`;
  return {
    append: async (event) => {
      for (;;) {
        const [length, last] = await tail(redis, key);
        const previous = last === null ? genesis : last.hash;
        const body = { ...event, sequence: length, at: new Date(clock()).toISOString(), previous };
        const record: AuditRecord = { ...body, hash: digestOf(body) };
        if ((await redis.eval(appendIfLast, 1, key, String(length), canonicalJson(record))) === 1)
          return record;
      }
    },
    read: async (from, count) => {
      const lines = await redis.lrange(key, from, from + count - 1);
      return lines.map((line) => JSON.parse(line) as AuditRecord);
    },
  };
}

async function tail(redis: Redis, key: string): Promise<[number, AuditRecord | null]> {
  const length = await redis.llen(key);
  if (length === 0) return [0, null];
  const line = await redis.lindex(key, length - 1);
  return [length, line === null ? null : (JSON.parse(line) as AuditRecord)];
}
