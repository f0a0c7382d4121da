import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorInfo } from '../../../src/core/errors.js';
import type { FactSet, Reading } from '../../../src/core/fact.js';
import type { Collected, Reached } from '../../../src/runbooks/definition.js';
import { rmc } from '../../../src/runbooks/diagnostics/rmc.js';
import { rmcHmcFactNames, rmcNodeFacts } from '../../../src/runbooks/diagnostics/rmc/facts.js';
import { judge } from '../../../src/runbooks/judge.js';
import { caseNames, collectedOf, readCase } from '../cases.js';

type Readings = Readonly<Record<string, Reading<unknown>>>;
type Side = 'node' | 'hmc' | 'followUp';

const lost: ErrorInfo = { class: 'LostError', message: 'stopped after 20 s without an end' };
const cut: ErrorInfo = {
  class: 'ParseError',
  message: 'the last line is cut off (line 2: "I A 0x")',
  line: 'I A 0x',
};

/** The ways in which a fact may not be there. Cut-off output is a ParseError: the readers' own tests see to that. */
const ways: Readonly<Record<string, (before: Reading<unknown>) => Reading<unknown> | null>> = {
  deleted: () => null,
  'timed out': ({ evidence }) => ({ kind: 'unread', error: lost, evidence }),
  'cut off': ({ evidence }) => ({ kind: 'unread', error: cut, evidence }),
  'failed with a code': ({ evidence }) => ({
    kind: 'failure',
    failure: { code: '0513-001', message: '0513-001 The System Resource Controller is not active.' },
    evidence,
  }),
  'failed without one': ({ evidence }) => ({
    kind: 'failure',
    failure: { code: null, message: '/bin/bash: that: command not found' },
    evidence,
  }),
};

/** Every fact that the diagnostic asks for, in the first round trip and in the second. */
function factsOf(collected: Collected<FactSet, FactSet>): readonly (readonly [Side, string])[] {
  const readHmc = collected.hmc === null ? [] : rmcHmcFactNames;
  const readLater = Object.keys(readings(collected.followUp));
  return [
    ...Object.keys(rmcNodeFacts).map((name) => ['node', name] as const),
    ...readHmc.map((name) => ['hmc', name] as const),
    ...readLater.map((name) => ['followUp', name] as const),
  ];
}

function without(
  collected: Collected<FactSet, FactSet>,
  [side, name]: readonly [Side, string],
  way: (before: Reading<unknown>) => Reading<unknown> | null,
): Collected<FactSet, FactSet> {
  const before = readings(collected[side]);
  const reading = before[name];
  if (reading === undefined) return collected;
  const after = way(reading);
  const others = Object.entries(before).filter(([other]) => other !== name);
  const facts = Object.fromEntries(after === null ? others : [...others, [name, after] as const]);
  return { ...collected, [side]: { ok: true, facts } };
}

function readings(side: Reached<FactSet> | null | undefined): Readings {
  return side?.ok === true ? side.facts : {};
}

const levelOf = (collected: Collected<FactSet, FactSet>) =>
  judge(rmc, collected, '2026-03-01T06:00:00.000Z', 40).verdict;

describe('every fact taken away in turn, in every way, from every case', () => {
  it.each(caseNames)('%s is never ok', (name) => {
    const whole = collectedOf(name);
    for (const fact of factsOf(whole))
      for (const [way, make] of Object.entries(ways)) {
        const changed = without(whole, fact, make);
        const findings = rmc.judge(changed);
        expect(levelOf(changed), `${fact.join(' ')} ${way}`).not.toBe('ok');
        for (const one of findings)
          expect(one.observed, `${fact.join(' ')} ${way}`).not.toContain('undefined');
      }
  });

  it('takes facts of the second round trip away too', () => {
    const sides = new Set(caseNames.flatMap((name) => factsOf(collectedOf(name)).map(([side]) => side)));
    expect([...sides]).toEqual(['node', 'hmc', 'followUp']);
  });
});

describe('any facts taken away', () => {
  const starts = caseNames.filter((name) => readCase(name).expect.verdict !== 'unknown');
  const someFacts = fc.constantFrom(...starts).chain((name) => {
    const whole = collectedOf(name);
    return fc.tuple(
      fc.constant(whole),
      fc.subarray([...factsOf(whole)], { minLength: 1 }),
      fc.constantFrom(...Object.values(ways)),
    );
  });

  it('never leave an ok behind', () => {
    fc.assert(
      fc.property(someFacts, ([whole, facts, way]) => {
        const changed = facts.reduce((rest, fact) => without(rest, fact, way), whole);
        expect(levelOf(changed)).not.toBe('ok');
      }),
      { numRuns: 500 },
    );
  });

  it('never bring a fix for an unread cause: what is offered has a root of its own', () => {
    fc.assert(
      fc.property(someFacts, ([whole, facts, way]) => {
        const changed = facts.reduce((rest, fact) => without(rest, fact, way), whole);
        for (const one of rmc.judge(changed)) {
          if (one.follows !== undefined || one.severity === 'unknown') expect(one.fixes).toEqual([]);
          if (one.id === 'fact.unreadable') expect(one.severity).not.toBe('ok');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a side that was not reached', () => {
  const refused = {
    ok: false,
    error: { class: 'ConnectError', message: 'connection refused', reason: 'refused' },
  } as const;

  it.each(caseNames)('is never ok: %s', (name) => {
    const whole = collectedOf(name);
    expect(levelOf({ ...whole, node: refused })).not.toBe('ok');
    if (whole.hmc !== null) expect(levelOf({ ...whole, hmc: refused })).not.toBe('ok');
  });
});
