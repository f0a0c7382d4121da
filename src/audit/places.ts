/** Whether every record of a trail stands in its place and is tied to the one before it. Pure. */
import type { AuditRecord, Tail } from './chain.js';

/**
 * One thing that is wrong. `rewritten`: the chain is whole, and is not the one that a checkpoint was made of. `unproven`:
 * a signature is missing or wrong.
 */
export interface Tampering {
  readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'rewritten' | 'unproven';
  /** Null where it is not about one record. */
  readonly sequence: number | null;
  readonly code: string | null;
  readonly sentence: string;
}

/** A record, and whether its hash is that of what it says; null for a line that is no record. */
export type Seen = { readonly record: AuditRecord; readonly isIntact: boolean } | null;

/**
 * Follows the sequence with a look at one record ahead: of two that have changed places it names the one that moved, and
 * not all those that it passed.
 */
export class Places {
  private held: Seen | undefined;
  /** The sequence that comes next; null before the first record of a part. */
  private next: number | null;
  /** What the next record may name as the one before it; null where that is not known. */
  private ends: string[] | null;
  private readonly missing: [first: number, last: number][] = [];
  /** Records that were met before their place. */
  private readonly early = new Map<number, string>();

  constructor(
    start: Tail | null,
    private readonly tell: (tampering: Tampering) => void,
  ) {
    this.next = start?.next ?? null;
    this.ends = start === null ? null : [start.hash];
  }

  /** The highest sequence up to which records stand; -1 for none. */
  get last(): number {
    return (this.next ?? 0) - 1;
  }

  take(seen: Seen): void {
    if (this.held !== undefined) this.place(this.held, seen);
    this.held = seen;
  }

  end(): void {
    if (this.held !== undefined) this.place(this.held, undefined);
    for (const [sequence, hash] of [...this.early].sort(([a], [b]) => a - b)) this.jumpTo(sequence, [hash]);
    for (const [first, last] of this.missing) this.tell(removed(first, last));
  }

  private place(seen: Seen, following: Seen | undefined): void {
    if (seen !== null) this.next ??= seen.record.sequence;
    const next = this.advanced();
    const after = following?.record.sequence;
    if (seen === null || (!seen.isIntact && seen.record.sequence !== next)) {
      if (seen === null) this.tell(unreadable(next));
      // It stands where another should: that one is not missing besides.
      if (after !== next) this.jumpTo(next, null);
      return;
    }
    const { record, isIntact } = seen;
    const ends = isIntact ? [record.hash] : null;
    if (record.sequence === next) {
      if (isIntact && this.ends?.includes(record.previous) === false) this.tell(untied(record));
      this.jumpTo(next, ends);
    } else if (record.sequence < next) this.late(record, next);
    else if (after !== undefined && after >= next && after < record.sequence) {
      this.tell(moved(record, `before record ${after}`));
      this.early.set(record.sequence, record.hash);
    } else this.jumpTo(record.sequence, ends);
  }

  /** The sequence that comes next, those left out that were met before. */
  private advanced(): number {
    let next = this.next ?? 0;
    for (;;) {
      const hash = this.early.get(next);
      if (hash === undefined) return next;
      this.early.delete(next);
      this.jumpTo(next, [hash]);
      next += 1;
    }
  }

  /** The record `sequence` stands here; those between are missing until they are met. */
  private jumpTo(sequence: number, ends: string[] | null): void {
    const next = this.next ?? 0;
    if (sequence > next) this.missing.push([next, sequence - 1]);
    this.next = sequence + 1;
    this.ends = ends;
  }

  /** A record behind its place: one that was missing there, or one too many. */
  private late(record: AuditRecord, next: number): void {
    const { sequence, hash } = record;
    const at = this.missing.findIndex(([first, last]) => first <= sequence && sequence <= last);
    const range = this.missing[at];
    if (range !== undefined) {
      this.tell(moved(record, `behind record ${next - 1}`));
      const [first, last] = range;
      const rest: [number, number][] = [
        [first, sequence - 1],
        [sequence + 1, last],
      ];
      this.missing.splice(at, 1, ...rest.filter(([from, to]) => from <= to));
      return;
    }
    this.tell(surplus(record, next - 1));
    // Either of the two may be the one that the next record is tied to.
    if (sequence === next - 1) this.ends?.push(hash);
  }
}

function unreadable(sequence: number): Tampering {
  const sentence = `The line in the place of record ${sequence} cannot be read as a record.`;
  return { kind: 'changed', sequence, code: null, sentence };
}

function untied({ sequence, code }: AuditRecord): Tampering {
  if (sequence === 0) {
    const sentence = `Record 0 (${code}) is not the first: it names one before it.`;
    return { kind: 'changed', sequence, code, sentence };
  }
  const sentence =
    `Record ${sequence} (${code}) is not tied to record ${sequence - 1}: one of the two was changed or put in, ` +
    'and given a hash of its own.';
  return { kind: 'changed', sequence, code, sentence };
}

function moved({ sequence, code }: AuditRecord, where: string): Tampering {
  const sentence = `Record ${sequence} (${code}) was moved: it stands ${where}.`;
  return { kind: 'reordered', sequence, code, sentence };
}

function surplus({ sequence, code }: AuditRecord, behind: number): Tampering {
  const sentence = `A second record ${sequence} (${code}) stands behind record ${behind}: one of them was put in.`;
  return { kind: 'inserted', sequence, code, sentence };
}

function removed(first: number, last: number): Tampering {
  const which = first === last ? `Record ${first} is` : `Records ${first} to ${last} are`;
  return { kind: 'removed', sequence: first, code: null, sentence: `${which} missing.` };
}
