/** The chain itself, pure: what a record is, and how each is tied to the one before. */
import { canonicalJson, digestOf } from '../core/canonical.js';
import type { AuditCode } from './codes.js';

/** What is written down. `detail` holds ids, digests and outcomes, never secrets or whole outputs. */
export interface AuditEvent {
  readonly code: AuditCode;
  /** Slack user id, `worker`, or `cli:<user>`. */
  readonly actor: string;
  /** The change, request or target that it is about. */
  readonly object: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** Which process writes, and under which policy. */
export interface AuditOrigin {
  /** Role, host and instance, such as `worker/host1/4f2a9c`. */
  readonly writer: string;
  /** The version of the policy that the process goes by. */
  readonly policy: string;
}

/**
 * One link of the chain. `hash` covers everything else in it, `previous` included, and whatever further fields there are:
 * records of before a field existed verify as they are.
 */
export interface AuditRecord extends AuditEvent, Partial<AuditOrigin> {
  readonly sequence: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** Where the next record is tied to. */
export interface Tail {
  /** The sequence of the next record. */
  readonly next: number;
  /** The hash of the last one. */
  readonly hash: string;
}

/** What the first record has in place of the hash of one before. */
export const genesis = '0'.repeat(64);

/** The tail of a trail in which nothing was written yet. */
export const emptyTail: Tail = { next: 0, hash: genesis };

/** Ties events to the tail, in order, as records of this moment (`at` is ISO 8601 UTC). */
export function chain(
  events: readonly AuditEvent[],
  tail: Tail,
  origin: Partial<AuditOrigin>,
  at: string,
): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  let previous = tail.hash;
  for (const { code, actor, object, detail } of events) {
    const body = {
      code,
      actor,
      object,
      detail,
      ...origin,
      sequence: tail.next + records.length,
      at,
      previous,
    };
    const record: AuditRecord = { ...body, hash: digestOf(body) };
    records.push(record);
    previous = record.hash;
  }
  return records;
}

/** What a record's hash must be. */
export function hashOf(record: AuditRecord): string {
  return digestOf({ ...record, hash: undefined });
}

/** A record as one line: the bytes that are kept, exported and compared. */
export function lineOf(record: AuditRecord): string {
  return canonicalJson(record);
}

/** JSON text in ASCII, what is not as `\u` escapes: nothing in it can steer a terminal, and it says the same. */
export function inAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
