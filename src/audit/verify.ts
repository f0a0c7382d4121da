/**
 * Reads a trail from its oldest record to its newest and names what was changed, removed, inserted or moved. Pure; holds
 * one record and what is missing so far, so that a trail of any length can be read.
 */
import type { KeyObject } from 'node:crypto';
import { genesis, hashOf, inAscii, lineOf, type AuditRecord } from './chain.js';
import { standingOf, type Checkpoint, type Standing } from './checkpoint.js';
import { Places, type Tampering } from './places.js';

export type { Tampering } from './places.js';

export interface Verification {
  readonly records: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly checkpoints: Readonly<Record<Standing, number>>;
  /** The last checkpoint that a given key has signed and that the trail agrees with. */
  readonly signedUpTo: Pick<Checkpoint, 'sequence' | 'at'> | null;
  /** At most a hundred; `tamperings` counts all. */
  readonly found: readonly Tampering[];
  readonly tamperings: number;
}

export interface VerifyOptions {
  /** Public keys that the reader trusts; with none, signatures are not looked at. */
  readonly keys: readonly KeyObject[];
  /** Checkpoints, the anchor of what was trimmed, and what was kept elsewhere. */
  readonly checkpoints: readonly Checkpoint[];
  /** The trail may begin anywhere: what was before is not looked at. */
  readonly isPart?: boolean;
  /** Somebody chose which records are here: that others are not is no finding. */
  readonly isSelection?: boolean;
  /** Checkpoints that were kept elsewhere: they count without a signature. */
  readonly kept?: readonly Checkpoint[];
}

const mostTold = 100;

/** Give it every line in order with `take`, and ask for `end`. */
export class TrailCheck {
  private readonly found: Tampering[] = [];
  private tamperings = 0;
  private records = 0;
  private first: number | null = null;
  private readonly standings = { signed: 0, unsigned: 0, foreign: 0, forged: 0 };
  private readonly awaited = new Map<number, Checkpoint[]>();
  private signedUpTo: Verification['signedUpTo'] = null;
  private readonly places: Places;

  constructor(private readonly options: VerifyOptions) {
    const anchors = options.checkpoints.filter(({ kind }) => kind === 'anchor');
    const anchor = anchors.sort((a, b) => a.sequence - b.sequence).at(-1);
    const start =
      anchor === undefined ? { next: 0, hash: genesis } : { next: anchor.sequence + 1, hash: anchor.hash };
    const isFree = options.isPart === true || options.isSelection === true;
    this.places = new Places(isFree ? null : start, (tampering) => {
      if (options.isSelection !== true || tampering.kind !== 'removed') this.tell(tampering);
    });
    for (const checkpoint of options.checkpoints) this.await(checkpoint);
    for (const checkpoint of options.kept ?? []) this.expect(checkpoint);
  }

  /** One record's line. */
  take(line: string): void {
    const record = recordIn(line);
    this.records += 1;
    if (record === null) {
      this.places.take(null);
      return;
    }
    this.first ??= record.sequence;
    const isIntact = hashOf(record) === record.hash && isAsWritten(line, lineOf(record));
    if (!isIntact) this.tell(changed(record));
    else this.compare(record);
    this.places.take({ record, isIntact });
  }

  end(): Verification {
    this.places.end();
    for (const [sequence, checkpoints] of this.awaited) {
      // What lies before the trail's beginning was trimmed, or is outside the part that was chosen.
      if (sequence > this.places.last && this.options.isSelection !== true)
        this.tell(cutOff(this.places.last, checkpoints[0]?.at ?? '', sequence));
    }
    const { keys, isSelection } = this.options;
    if (keys.length > 0 && this.signedUpTo === null && isSelection !== true) this.tell(notSigned);
    return {
      records: this.records,
      first: this.first,
      last: this.records === 0 ? null : this.places.last,
      checkpoints: this.standings,
      signedUpTo: this.signedUpTo,
      found: [...this.found].sort((a, b) => (a.sequence ?? Infinity) - (b.sequence ?? Infinity)),
      tamperings: this.tamperings,
    };
  }

  /** A checkpoint; told of before the record that it is about, or it is of no use. */
  expect(checkpoint: Checkpoint): void {
    const { sequence } = checkpoint;
    if (this.records > 0 && sequence <= this.places.last + 1) this.tell(tooLate(checkpoint));
    else this.awaited.set(sequence, [...(this.awaited.get(sequence) ?? []), checkpoint]);
  }

  /** Judges what the trail itself brings along. */
  private await(checkpoint: Checkpoint): void {
    const standing = standingOf(checkpoint, this.options.keys);
    this.standings[standing] += 1;
    const { sequence, kind, at } = checkpoint;
    if (standing === 'forged') this.tell(forged(checkpoint));
    if (kind === 'checkpoint') this.expect(checkpoint);
    else if (standing === 'signed') this.signedUpTo = { sequence, at };
    else if (standing !== 'forged' && this.options.keys.length > 0) this.tell(looseAnchor(checkpoint));
  }

  private compare({ sequence, code, hash }: AuditRecord): void {
    const checkpoints = this.awaited.get(sequence);
    if (checkpoints === undefined) return;
    this.awaited.delete(sequence);
    for (const checkpoint of checkpoints) {
      if (checkpoint.hash !== hash) this.tell(rewritten(sequence, code, checkpoint, this.signedUpTo));
      else if (standingOf(checkpoint, this.options.keys) === 'signed')
        this.signedUpTo = { sequence, at: checkpoint.at };
    }
  }

  private tell(tampering: Tampering): void {
    this.tamperings += 1;
    if (this.found.length < mostTold) this.found.push(tampering);
  }
}

/** Exports are in ASCII; so is every other line of a record that holds nothing else. */
function isAsWritten(line: string, written: string): boolean {
  return line === written || line === inAscii(written);
}

/** The line as a record; null where it is none. */
export function recordIn(line: string): AuditRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { sequence, at, code, actor, object, detail, previous, hash } = value as Record<string, unknown>;
  const texts = [at, code, actor, object, previous, hash];
  const isRecord =
    Number.isSafeInteger(sequence) &&
    (sequence as number) >= 0 &&
    texts.every((text) => typeof text === 'string') &&
    typeof detail === 'object' &&
    detail !== null;
  return isRecord ? (value as AuditRecord) : null;
}

function changed({ sequence, code }: AuditRecord): Tampering {
  const sentence = `Record ${sequence} (${code}) was changed: what it says does not give its hash.`;
  return { kind: 'changed', sequence, code, sentence };
}

function rewritten(
  sequence: number,
  code: string,
  checkpoint: Checkpoint,
  signedUpTo: Verification['signedUpTo'],
): Tampering {
  const since =
    signedUpTo === null ? '' : ` Up to record ${signedUpTo.sequence} it agrees with what was signed.`;
  const sentence =
    `Record ${sequence} (${code}) is not the one that the checkpoint of ${checkpoint.at} was made of: ` +
    `it, or some before it, was written anew.${since}`;
  return { kind: 'rewritten', sequence, code, sentence };
}

function cutOff(last: number, at: string, sequence: number): Tampering {
  const which = last + 1 === sequence ? `Record ${sequence} is` : `Records ${last + 1} to ${sequence} are`;
  const sentence = `${which} missing at the end: the checkpoint of ${at} was made when the trail still had them.`;
  return { kind: 'removed', sequence: last + 1, code: null, sentence };
}

function tooLate({ sequence, at }: Checkpoint): Tampering {
  const sentence = `The checkpoint of ${at} stands behind record ${sequence}, which it is about: it was moved there.`;
  return { kind: 'reordered', sequence, code: null, sentence };
}

function forged({ kind, sequence, at }: Checkpoint): Tampering {
  const sentence = `The ${kind} of ${at} at record ${sequence} has a wrong signature: it was changed, or made without the key.`;
  return { kind: 'unproven', sequence, code: null, sentence };
}

function looseAnchor({ sequence }: Checkpoint): Tampering {
  const sentence =
    `The records up to ${sequence} are gone, and the anchor that stands for them is not signed with a key that was given: ` +
    'retention has taken them, or somebody else.';
  return { kind: 'unproven', sequence, code: null, sentence };
}

const notSigned: Tampering = {
  kind: 'unproven',
  sequence: null,
  code: null,
  sentence:
    'No checkpoint that the trail agrees with is signed with a key that was given: aixops has never had that key, or somebody took the checkpoints away.',
};
