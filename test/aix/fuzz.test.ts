import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aixReaders } from '../../src/aix/index.js';
import { ParseError } from '../../src/core/errors.js';
import type { Answer, Reader } from '../../src/core/fact.js';

const root = new URL('../fixtures/aix/', import.meta.url);
const runs = { numRuns: 150 };
const foreign = [
  '<--- this one is wrong',
  '# lssrc -a | grep ctrmc',
  'root@lpar1:/# ',
  'Connection to 10.20.1.11 closed.',
  '...',
  'ksh: lssrc:  not found.',
  '\u001b[31mred\u001b[0m',
  '????',
];

/**
 * No grammar is public for what these print, or a line that should not be there is what is looked for: their lines are
 * kept as they are, and broken ones cannot be told.
 */
const keptAsPrinted: readonly string[] = ['ctsyschk', 'errpt', 'gskcapicmd-details', 'log-tail', 'rhosts'];

/** Outputs that the reader understands as facts, one line per record. */
function sound(id: string): readonly string[] {
  const folder = new URL(`${id}/`, root);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt') && !file.startsWith('wrapped'))
    .filter((file) =>
      readFileSync(new URL(file.replace(/txt$/, 'json'), folder), 'utf8').includes('"kind": "facts"'),
    )
    .map((file) => readFileSync(new URL(file, folder), 'utf8').replaceAll('\r', ''))
    .filter((text) => text.trim() !== '');
}

/** The answer, or null for an error that names a line of the input. Anything else fails the test. */
function attempt(reader: Reader<unknown>, text: string): Answer<unknown> | null {
  try {
    return reader.read(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    expect(text).toContain(error.line);
    return null;
  }
}

/** The records in facts, however they are grouped. */
function recordsOf(facts: unknown): readonly string[] {
  if (Array.isArray(facts)) return facts.map((one) => JSON.stringify(one));
  if (facts === null || typeof facts !== 'object') return [];
  return Object.values(facts).flatMap((value) => (Array.isArray(value) ? recordsOf(value) : []));
}

function factsOf(answer: Answer<unknown> | null): unknown {
  return answer?.kind === 'facts' ? answer.facts : null;
}

describe.each(aixReaders.map((reader) => [reader.id, reader] as const))('%s', (id, reader) => {
  const text = fc.constantFrom(...sound(id));

  it('answers or names a line, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (any) => {
        attempt(reader, any);
      }),
      runs,
    );
  });

  it('answers or names a line when lines are doubled, dropped or out of order', () => {
    const mixed = text.chain((one) => fc.array(fc.constantFrom(...one.split('\n')), { maxLength: 30 }));
    fc.assert(
      fc.property(mixed, (lines) => {
        attempt(reader, lines.join('\n'));
      }),
      runs,
    );
  });

  it.skipIf(keptAsPrinted.includes(id))(
    'never reads other records than before when a terminal wraps the output',
    () => {
      fc.assert(
        fc.property(text, fc.integer({ min: 10, max: 132 }), (one, width) => {
          const wrapped = one.replaceAll(new RegExp(`.{${String(width)}}(?=.)`, 'g'), '$&\n');
          const answer = attempt(reader, wrapped);
          if (answer !== null) expect(answer).toEqual(reader.read(one));
        }),
        runs,
      );
    },
  );

  it('keeps all records but the last when the output is cut off anywhere', () => {
    fc.assert(
      fc.property(text, fc.nat(), (one, at) => {
        const cut = attempt(reader, one.slice(0, at % one.length));
        const before = recordsOf(factsOf(reader.read(one)));
        expect(before).toEqual(expect.arrayContaining(recordsOf(factsOf(cut)).slice(0, -1)));
      }),
      runs,
    );
  });

  // Below the first line of ct_node_id nothing is documented, so nothing there can be called foreign; around the tables
  // of cloud-init's log stands the rest of the log. readers.test.ts inserts lines where they do not belong.
  if (['ct-node-id', 'cloud-init-log', ...keptAsPrinted].includes(id)) return;

  it('does not swallow a foreign line', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...foreign), fc.nat(), (one, line, at) => {
        const lines = one.trimEnd().split('\n');
        lines.splice(at % (lines.length + 1), 0, line);
        expect(attempt(reader, lines.join('\n'))).toBeNull();
      }),
      runs,
    );
  });
});

describe('rows whose end the grammar knows', () => {
  it.each(['lssrc', 'lslpp', 'clrginfo'])('%s never reads a cut row as another one', (id) => {
    const reader = aixReaders.find((one) => one.id === id);
    if (reader === undefined) throw new Error(`no reader ${id}`);
    fc.assert(
      fc.property(fc.constantFrom(...sound(id)), fc.nat(), (one, at) => {
        const cut = attempt(reader, one.slice(0, at % one.length));
        expect(recordsOf(factsOf(reader.read(one)))).toEqual(
          expect.arrayContaining([...recordsOf(factsOf(cut))]),
        );
      }),
      { numRuns: 400 },
    );
  });
});
