import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chain,
  emptyTail,
  hashOf,
  lineOf,
  type AuditEvent,
  type AuditRecord,
} from '../../src/audit/chain.js';
import { checkpointOf, type Checkpoint } from '../../src/audit/checkpoint.js';
import { recordIn, TrailCheck, type Verification } from '../../src/audit/verify.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const codes = [
  'request.accepted',
  'change.proposed',
  'change.decided',
  'step.intended',
  'step.ended',
] as const;

function trailOf(length: number): readonly AuditRecord[] {
  const events = Array.from({ length }, (_, n): AuditEvent => {
    const code = codes[n % codes.length] ?? 'step.ended';
    return {
      code,
      actor: `U${n % 7}`,
      object: `c-${n % 50}`,
      detail: { step: n, target: `lpar${n % 9}`, ok: true },
    };
  });
  return chain(events, emptyTail, { writer: 'worker/h/1', policy: 'p1' }, '2026-07-15T08:00:00.000Z');
}

/** A checkpoint at every hundredth record and at the last. */
function checkpointsOf(trail: readonly AuditRecord[]): readonly Checkpoint[] {
  return trail
    .filter(({ sequence }) => sequence % 100 === 99 || sequence === trail.length - 1)
    .map(({ sequence, hash, at }) => checkpointOf({ kind: 'checkpoint', sequence, hash, at }, privateKey));
}

function verified(lines: readonly string[], checkpoints: readonly Checkpoint[]): Verification {
  const check = new TrailCheck({ keys: [publicKey], checkpoints });
  for (const line of lines) check.take(line);
  return check.end();
}

/** Puts records again in a chain from `from` on, as somebody does who knows how the hashes are made. */
function rehashed(records: readonly AuditRecord[], from: number): readonly AuditRecord[] {
  const [before, after] = [records.slice(0, from), records.slice(from)];
  const tail = { next: from, hash: before.at(-1)?.hash ?? emptyTail.hash };
  return [
    ...before,
    ...chain(after, tail, { writer: 'worker/h/1', policy: 'p1' }, '2026-07-15T08:00:00.000Z'),
  ];
}

interface Forgery {
  readonly lines: readonly string[];
  /** One of these sequences must be named, as one of these kinds. */
  readonly names: readonly number[];
  readonly kinds: readonly string[];
}

type Forge = (trail: readonly AuditRecord[], at: number, other: number) => Forgery;

const fields = ['code', 'actor', 'object', 'at', 'previous', 'hash', 'policy', 'writer'] as const;
const lined = (records: readonly AuditRecord[]): string[] => records.map(lineOf);
const before = (trail: readonly AuditRecord[], at: number): readonly AuditRecord[] => trail.slice(0, at);

/** What stands at `at`; every index here is inside the trail. */
const at = (trail: readonly AuditRecord[], index: number): AuditRecord => trail[index] as AuditRecord;

const forgeries: Readonly<Record<string, Forge>> = {
  'a field changed': (trail, index, other) => {
    const field = fields[other % fields.length] ?? 'code';
    const record = { ...at(trail, index), [field]: `${at(trail, index)[field] ?? ''}x` };
    const lines = lined([...before(trail, index), record, ...trail.slice(index + 1)]);
    return { lines, names: [index], kinds: ['changed'] };
  },
  'a detail changed': (trail, index) => {
    const record = { ...at(trail, index), detail: { ...at(trail, index).detail, step: -1 } };
    return {
      lines: lined([...before(trail, index), record, ...trail.slice(index + 1)]),
      names: [index],
      kinds: ['changed'],
    };
  },
  'a field taken out': (trail, index) => {
    const record = { ...at(trail, index) };
    Reflect.deleteProperty(record, 'policy');
    return {
      lines: lined([...before(trail, index), record, ...trail.slice(index + 1)]),
      names: [index],
      kinds: ['changed'],
    };
  },
  'a sequence changed': (trail, index, other) => {
    const record = { ...at(trail, index), sequence: other === index ? trail.length + 5 : other };
    return {
      lines: lined([...before(trail, index), record, ...trail.slice(index + 1)]),
      names: [record.sequence],
      kinds: ['changed'],
    };
  },
  'a field written twice, of which readers see the last': (trail, index) => {
    const lines = lined(trail);
    lines[index] = (lines[index] ?? '').replace('{', '{"actor":"UEVE",');
    return { lines, names: [index], kinds: ['changed'] };
  },
  'a record changed and hashed again': (trail, index) => {
    const body = { ...at(trail, index), actor: 'UEVE' };
    const record = { ...body, hash: hashOf(body) };
    return {
      lines: lined([...before(trail, index), record, ...trail.slice(index + 1)]),
      names: [index, index + 1],
      kinds: ['changed', 'rewritten'],
    };
  },
  'a line that is no record': (trail, index) => {
    const lines = lined(trail);
    lines[index] = (lines[index] ?? '').slice(0, 40);
    return { lines, names: [index], kinds: ['changed'] };
  },
  'a record removed': (trail, index) => ({
    lines: lined(trail.filter((_, n) => n !== index)),
    names: [index],
    kinds: ['removed'],
  }),
  'many records removed': (trail, index, other) => {
    const [from, to] = [Math.min(index, other), Math.max(index, other)];
    return {
      lines: lined([...before(trail, from), ...trail.slice(to + 1)]),
      names: [from],
      kinds: ['removed'],
    };
  },
  'a record put in with a hash that fits': (trail, index) => {
    const tail = { next: index, hash: trail[index - 1]?.hash ?? emptyTail.hash };
    const event = { code: 'change.decided', actor: 'UEVE', object: 'c-1', detail: {} } as const;
    const extra = chain([event], tail, {}, '2026-07-15T08:00:00.000Z');
    return {
      lines: lined([...before(trail, index), ...extra, ...trail.slice(index)]),
      names: [index],
      kinds: ['inserted'],
    };
  },
  'two records swapped': (trail, index, other) => {
    const swapped = [...trail];
    const to = other === index ? (index + 1) % trail.length : other;
    [swapped[index], swapped[to]] = [at(trail, to), at(trail, index)];
    return { lines: lined(swapped), names: [index, to], kinds: ['reordered'] };
  },
  'a record moved': (trail, index, other) => {
    const rest = trail.filter((_, n) => n !== index);
    const to = other === index ? (index + 1) % trail.length : other;
    const lines = lined([...rest.slice(0, to), at(trail, index), ...rest.slice(to)]);
    // Moved by one, either of the two may be said to have moved.
    return { lines, names: Math.abs(to - index) === 1 ? [index, to] : [index], kinds: ['reordered'] };
  },
  'a record copied': (trail, index, other) => {
    const lines = lined(trail);
    lines.splice(Math.max(index, other) + 1, 0, lineOf(at(trail, index)));
    return { lines, names: [index], kinds: ['inserted'] };
  },
  'the head cut off': (trail, index) => ({
    lines: lined(trail.slice(index + 1)),
    names: [0],
    kinds: ['removed'],
  }),
  'the tail cut off': (trail, index) => ({
    lines: lined(trail.slice(0, index)),
    names: [index],
    kinds: ['removed'],
  }),
  'everything from a record on written anew': (trail, index) => {
    const record = { ...at(trail, index), actor: 'UEVE' };
    const lines = lined(rehashed([...before(trail, index), record, ...trail.slice(index + 1)], index));
    const first = checkpointsOf(trail).find(({ sequence }) => sequence >= index)?.sequence ?? -1;
    return { lines, names: [first], kinds: ['rewritten'] };
  },
};

/** Tries every kind of forgery at random places of one trail. */
function everywhere(length: number, numRuns: number): void {
  const trail = trailOf(length);
  const checkpoints = checkpointsOf(trail);
  it.each(Object.entries(forgeries))(`finds and names %s (${length} records)`, (_name, forge) => {
    const place = fc.nat({ max: length - 1 });
    fc.assert(
      fc.property(place, place, (index, other) => {
        const { lines, names, kinds } = forge(trail, index, other);
        const { found } = verified(lines, checkpoints);
        const named = found.filter(
          ({ sequence, kind }) => names.includes(sequence ?? -1) && kinds.includes(kind),
        );
        expect(named, JSON.stringify(found.slice(0, 5))).not.toEqual([]);
        expect(named[0]?.sentence).toContain(String(named[0]?.sequence));
      }),
      { numRuns },
    );
  });
}

describe('the trail', () => {
  everywhere(10_000, 2);
  everywhere(40, 60);
});

it('finds nothing in a trail that nobody touched', () => {
  const trail = trailOf(10_000);
  const report = verified(lined(trail), checkpointsOf(trail));
  expect(report).toMatchObject({ records: 10_000, first: 0, last: 9_999, tamperings: 0, found: [] });
  expect(report.checkpoints).toEqual({ signed: 100, unsigned: 0, foreign: 0, forged: 0 });
  expect(report.signedUpTo).toMatchObject({ sequence: 9_999 });
});

it('verifies records of before a field existed, and of after', () => {
  const old = chain(
    [{ code: 'step.ended', actor: 'worker', object: 'c-1', detail: {} }],
    emptyTail,
    {},
    '2026-01-01T00:00:00.000Z',
  );
  const tail = { next: 1, hash: at(old, 0).hash };
  const young = chain(
    [{ code: 'step.ended', actor: 'worker', object: 'c-1', detail: {} }],
    tail,
    { writer: 'w', policy: 'p' },
    '2026-01-02T00:00:00.000Z',
  );
  expect(verified(lined([...old, ...young]), checkpointsOf([...old, ...young])).found).toEqual([]);
});

describe('a checkpoint', () => {
  const trail = trailOf(30);
  const claim = { kind: 'checkpoint', sequence: 29, hash: at(trail, 29).hash, at: at(trail, 29).at } as const;
  const kindsOf = (checkpoints: readonly Checkpoint[], keys = [publicKey]): readonly string[] => {
    const check = new TrailCheck({ keys, checkpoints });
    for (const line of lined(trail)) check.take(line);
    return check.end().found.map(({ kind }) => kind);
  };

  it('is told when it was made without the key', () => {
    const other = generateKeyPairSync('ed25519');
    expect(kindsOf([{ ...checkpointOf(claim, privateKey), sequence: 28 }])).toContain('unproven');
    expect(kindsOf([checkpointOf(claim, other.privateKey)])).toEqual(['unproven']);
    expect(kindsOf([checkpointOf(claim, null)])).toEqual(['unproven']);
    expect(kindsOf([])).toEqual(['unproven']);
    expect(kindsOf([checkpointOf(claim, other.privateKey)], [publicKey, other.publicKey])).toEqual([]);
    expect(kindsOf([checkpointOf(claim, null)], [])).toEqual([]);
  });

  it('does not stand for records that retention has not taken', () => {
    const anchored = (kind: 'anchor' | 'checkpoint') => {
      const { hash } = at(trail, 9);
      const check = new TrailCheck({
        keys: [publicKey],
        checkpoints: [
          checkpointOf({ ...claim, kind, sequence: 9, hash }, privateKey),
          checkpointOf(claim, privateKey),
        ],
      });
      for (const line of lined(trail.slice(10))) check.take(line);
      return check.end().found.map(({ sentence }) => sentence);
    };
    expect(anchored('anchor')).toEqual([]);
    expect(anchored('checkpoint')).toEqual(['Records 0 to 9 are missing.']);
  });
});

it('takes a part of a trail for what it is', () => {
  const trail = trailOf(30);
  const check = new TrailCheck({ keys: [], checkpoints: checkpointsOf(trail), isPart: true });
  for (const line of lined(trail.slice(5, 20))) check.take(line);
  expect(check.end().found.map(({ sentence }) => sentence)).toEqual([
    'Records 20 to 29 are missing at the end: the checkpoint of 2026-07-15T08:00:00.000Z was made when the trail still had them.',
  ]);
});

it('reads as a record only what is one', () => {
  expect(recordIn('{"sequence":1}')).toBeNull();
  expect(recordIn('null')).toBeNull();
  expect(recordIn('{')).toBeNull();
});
