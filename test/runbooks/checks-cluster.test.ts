import { describe, expect, it } from 'vitest';
import { sumOfText } from '../../src/aix/cksum.js';
import type { ClusterCheck } from '../../src/core/plan.js';
import { clusterChecksHold, clusterQuestions, isClusterCheck } from '../../src/runbooks/checks-cluster.js';
import { clusterCheckWords } from '../../src/slack/views/cluster-check-words.js';
import { certificatesOn, type Changed, type ClusterCase } from './clusters.js';
import { changeable, listed } from './fixes/cluster-ground.js';

const list = sumOfText('/etc/cluster/rhosts', '10.20.1.11\n10.20.1.12\n');
const ended = '2026-10-22T10:00:00.000Z';
const dated = (label = '1') => ({ node: 'erp2', path: '/etc/cluster/.cert-erp2', label, notAfter: ended });
const certificates = [certificatesOn('erp1', 300), certificatesOn('erp2', 300)];
const on = (changed: Changed | 'unreachable'): ClusterCase => ({ nodes: { erp2: changed }, certificates });
const status = (state: string, pid: number | null): Changed => ({
  clcomd: { value: [{ name: 'clcomd', group: 'caa', pid, status: state }] },
});

/** A check, a cluster where it does not hold, and what is told then. */
const cases: readonly (readonly [ClusterCheck, ClusterCase, RegExp])[] = [
  [
    { kind: 'clcomd', node: 'erp2', status: 'active' },
    on(status('inoperative', null)),
    /erp2 is inoperative/,
  ],
  [
    { kind: 'clcomd', node: 'erp2', status: 'active' },
    on({ clcomd: null }),
    /lssrc -s clcomd on erp2 was not read/,
  ],
  [
    { kind: 'clrsh-pairs', nodes: ['erp1', 'erp2'], rounds: 3 },
    { tries: { 'erp2>erp1': 'oox' } },
    /erp2 to erp1 answered 2 of 3/,
  ],
  [
    { kind: 'clrsh-pairs', nodes: ['erp1', 'erp2'], rounds: 3 },
    { tries: { 'erp2>erp2': 'ouo' } },
    /erp2 to erp2 answered 2 of 3/,
  ],
  [
    { kind: 'clrsh-pairs', nodes: ['erp1'], also: [{ from: 'erp2', to: 'erp1' }], rounds: 3 },
    { tries: { 'erp2>erp1': 'ddd' } },
    /300 s/,
  ],
  [{ kind: 'rhosts', nodes: ['erp1', 'erp2'], file: null }, on(listed(['10.20.1.11'])), /is not the same/],
  [
    { kind: 'rhosts', nodes: ['erp1', 'erp2'], file: list },
    on(listed(['10.20.1.11', '10.20.1.12'], { mode: '-rw-r--r--' })),
    /-rw-r--r-- root:system, not/,
  ],
  [{ kind: 'rhosts', nodes: ['erp1', 'erp2'], file: list }, on({ sums: { value: [] } }), /erp2 is not there/],
  [{ kind: 'files', node: 'erp2', files: [list] }, on(listed(['10.20.1.9'])), /has cksum/],
  [{ kind: 'files', node: 'erp2', files: [list] }, on({ sums: null }), /was not read/],
  [
    { kind: 'cluster-manager', node: 'erp2', state: 'ST_STABLE' },
    on({ manager: { value: { state: 'ST_INIT', vrmf: null, ibcastEvents: null, rmIbcastEvents: null } } }),
    /in ST_INIT; before it was in ST_STABLE/,
  ],
  [
    { kind: 'resource-groups', groups: ['erp_rg ONLINE on erp1'] },
    on({ groups: null }),
    /clRGinfo -s on erp2 was not read/,
  ],
  [
    { kind: 'resource-groups', groups: ['erp_rg ONLINE on erp2'] },
    {},
    /not as before: erp_rg ONLINE on erp1/,
  ],
  [
    { kind: 'caa-nodes-up', nodes: ['erp1', 'erp2'] },
    on({ members: { value: [{ name: 'erp1', state: 'DOWN', isLocal: false, pointsOfContact: 0 }] } }),
    /sees erp1 DOWN/,
  ],
  [
    { kind: 'certificates-later', than: [dated()] },
    { certificates: [certificatesOn('erp2', -12)] },
    /is not later than before/,
  ],
  [
    { kind: 'certificates-later', than: [dated('2')] },
    { certificates },
    /does not hold this certificate any more/,
  ],
  [{ kind: 'certificates-later', than: [dated()] }, { certificates: [] }, /was not read/],
  [
    { kind: 'certificates-later', than: [dated()] },
    { certificates: [certificatesOn('erp2', 300, { stores: [] })] },
    /was not read/,
  ],
];

describe('a check of a cluster', () => {
  it.each(cases)('%o does not hold where it should not', (check, one, reason) => {
    const seen = clusterChecksHold([check], changeable(one));
    expect(seen.agreed).toBe(false);
    expect(seen.note).toMatch(reason);
    expect(seen.note).not.toContain('undefined');
  });

  it.each(cases)('%o holds where all is well, and fails where the node is not reached', (check) => {
    const wanted = check.kind === 'resource-groups' ? { ...check, groups: ['erp_rg ONLINE on erp1'] } : check;
    const label = wanted.kind === 'certificates-later' ? { ...wanted, than: [dated()] } : wanted;
    expect(clusterChecksHold([label], changeable({ certificates }))).toMatchObject({ agreed: true });
    const lost = certificatesOn('erp2', 300, {
      error: { class: 'ConnectError', message: 'refused' },
      stores: [],
    });
    const none = { nodes: { erp1: 'unreachable', erp2: 'unreachable' }, certificates: [lost] } as const;
    const tries = Object.fromEntries(
      ['erp1', 'erp2'].flatMap((a) => ['erp1', 'erp2'].map((b) => [`${a}>${b}`, 'uuu'])),
    );
    expect(clusterChecksHold([label], changeable({ ...none, tries }))).toMatchObject({ agreed: false });
  });

  it('marks which processes it has seen', () => {
    const checks = (['erp1', 'erp2'] as const).map(
      (node) => ({ kind: 'clcomd', node, status: 'active' }) as const,
    );
    const before = clusterChecksHold(checks, changeable(on(status('active', 5_439_966))));
    const again = clusterChecksHold(checks, changeable(on(status('active', 777))));
    expect([before.agreed, again.agreed]).toEqual([true, true]);
    expect(before.mark).not.toBe(again.mark);
  });

  it('asks for what it needs, and for the rounds of the most patient one', () => {
    const questions = clusterQuestions(cases.map(([check]) => check));
    expect(Object.keys(questions.node).sort()).toEqual([
      'clcomd',
      'entries',
      'groups',
      'manager',
      'members',
      'security',
      'sums',
    ]);
    expect(questions.rounds).toBe(3);
    expect(questions.certificatesNamed).toBeDefined();
    expect(clusterQuestions([cases[0]![0]])).toMatchObject({ rounds: 0 }); // the list is not empty
  });

  it('is told from a check of a node, and has words of its own', () => {
    expect(isClusterCheck({ kind: 'reached' })).toBe(false);
    for (const [check] of cases) {
      expect(isClusterCheck(check)).toBe(true);
      expect(clusterCheckWords(check)).not.toMatch(/undefined|\bamong ,/);
    }
  });
});
