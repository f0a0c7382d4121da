import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/core/fact.js';
import { worst } from '../../../src/core/verdict.js';
import type { ClusterCollected } from '../../../src/runbooks/definition.js';
import { clcomd } from '../../../src/runbooks/diagnostics/clcomd.js';
import { certificatesOn, clusterOf, type ClusterCase } from '../clusters.js';

type Way = (before: Reading<unknown>) => Reading<unknown> | null;

/** The ways in which a fact may not be there. Cut-off output is a ParseError: the readers' own tests see to that. */
const ways: Readonly<Record<string, Way>> = {
  deleted: () => null,
  'timed out': ({ evidence }) => ({
    kind: 'unread',
    error: { class: 'LostError', message: 'stopped after 20 s' },
    evidence,
  }),
  'cut off': ({ evidence }) => ({
    kind: 'unread',
    error: { class: 'ParseError', message: 'the last line is cut off', line: 'x' },
    evidence,
  }),
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

const on = { security: { value: { LEVEL: 'HIGH', MECHANISM: 'OpenSSL', CERTIFICATE: '' } } };
const cases: Readonly<Record<string, ClusterCase>> = {
  healthy: {},
  'three nodes': { names: ['erp1', 'erp2', 'erp3'] },
  'with certificates': {
    nodes: { erp1: on, erp2: on },
    declared: ['/etc/cluster/.cert-*'],
    certificates: ['erp1', 'erp2'].map((name) => certificatesOn(name, 200)),
  },
  'a certificate for information': { certificates: [certificatesOn('erp1', -3)] },
};
const levelOf = (collected: ClusterCollected) =>
  worst(clcomd.judge(collected).map(({ severity }) => severity));

function without(collected: ClusterCollected, name: string, fact: string, way: Way): ClusterCollected {
  const nodes = collected.nodes.map((one) => {
    const { target, node } = one;
    const before = node.ok ? (node.facts as Readonly<Record<string, Reading<unknown>>>)[fact] : undefined;
    if (target.name !== name || !node.ok || before === undefined) return one;
    const after = way(before);
    const others = Object.entries(node.facts).filter(([other]) => other !== fact);
    const facts = Object.fromEntries(after === null ? others : [...others, [fact, after] as const]);
    return { target, node: { ok: true as const, facts } };
  });
  return { ...collected, nodes };
}

function factsOf(collected: ClusterCollected): readonly string[] {
  const [first] = collected.nodes;
  return first?.node.ok === true ? Object.keys(first.node.facts) : [];
}

describe('every fact of a node taken away in turn, in every way', () => {
  it.each(Object.keys(cases))('is never ok: %s', (name) => {
    const whole = clusterOf(cases[name] ?? {});
    expect(levelOf(whole)).toBe('ok');
    expect(factsOf(whole).length).toBeGreaterThan(25);
    for (const fact of factsOf(whole))
      for (const [way, make] of Object.entries(ways)) {
        const changed = without(whole, 'erp2', fact, make);
        expect(levelOf(changed), `${fact} ${way}`).not.toBe('ok');
        for (const { title, observed } of clcomd.judge(changed))
          expect(`${title} ${observed}`, `${fact} ${way}`).not.toContain('undefined');
      }
  });
});

describe('pairs that were not tried', () => {
  it('are never ok, whichever it is', () => {
    const whole = clusterOf({ names: ['erp1', 'erp2', 'erp3'] });
    for (const [at] of whole.pairs.entries()) {
      expect(levelOf({ ...whole, pairs: whole.pairs.filter((_, other) => other !== at) })).toBe('unknown');
      const pairs = whole.pairs.map((one, other) =>
        other === at
          ? {
              ...one,
              reading: {
                kind: 'unread' as const,
                error: { class: 'LostError' as const, message: 'lost' },
                evidence: one.reading.evidence,
              },
            }
          : one,
      );
      expect(levelOf({ ...whole, pairs })).toBe('unknown');
    }
    expect(levelOf({ ...whole, pairs: [] })).toBe('unknown');
  });

  it('never make a pair that failed look better', () => {
    const letters = fc.array(fc.constantFrom('o', 'x', 'u'), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(letters, (how) => {
        const collected = clusterOf({ tries: { 'erp1>erp2': how.join('') } });
        const isWell = how.every((one) => one === 'o');
        expect(levelOf(collected) === 'ok').toBe(isWell);
        const cell = clcomd.matrix?.(collected).answered[0]?.[1];
        if (how.includes('x')) expect(cell).toBe(how.filter((one) => one === 'o').length);
        else expect(cell).toBe(isWell ? 3 : null);
      }),
    );
  });
});

describe('nodes', () => {
  it('that were not reached are never ok', () => {
    for (const name of ['erp1', 'erp2'])
      expect(levelOf(clusterOf({ nodes: { [name]: 'unreachable' } }))).not.toBe('ok');
  });

  it('that were not asked at all are never ok', () => {
    const whole = clusterOf({});
    expect(levelOf({ ...whole, nodes: whole.nodes.slice(1) })).not.toBe('ok');
    expect(levelOf({ ...whole, nodes: [], pairs: [], cluster: { ...whole.cluster, nodes: [] } })).not.toBe(
      'ok',
    );
  });
});

describe('certificates', () => {
  it('of a cluster that declares some are never ok unread', () => {
    const whole = clusterOf(cases['with certificates'] ?? {});
    const [first, second] = whole.certificates;
    if (first === undefined || second === undefined) throw new Error('the case has two nodes');
    expect(levelOf({ ...whole, certificates: [first] })).toBe('unknown');
    for (const status of ['unreadable', 'refused', 'missing'] as const) {
      const stores = first.stores.map((store) => ({ ...store, status, reason: 'why', certificates: [] }));
      expect(levelOf({ ...whole, certificates: [{ ...first, stores }, second] }), status).toBe('unknown');
    }
    const broken = first.stores.map((store) => ({
      ...store,
      certificates: [{ label: '1', kind: 'leaf' as const, certificate: null, problem: 'not DER' }],
    }));
    expect(levelOf({ ...whole, certificates: [{ ...first, stores: broken }, second] })).toBe('unknown');
  });
});

describe('any facts taken away', () => {
  it('never leave an ok behind, and never bring a fix', () => {
    const whole = clusterOf({ names: ['erp1', 'erp2', 'erp3'] });
    const some = fc.tuple(
      fc.subarray([...factsOf(whole)], { minLength: 1 }),
      fc.constantFrom('erp1', 'erp2', 'erp3'),
      fc.constantFrom(...Object.values(ways)),
    );
    fc.assert(
      fc.property(some, ([facts, name, way]) => {
        const changed = facts.reduce((rest, fact) => without(rest, name, fact, way), whole);
        expect(levelOf(changed)).not.toBe('ok');
        for (const { severity, fixes } of clcomd.judge(changed))
          if (severity === 'unknown') expect(fixes).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
