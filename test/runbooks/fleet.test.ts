import { describe, expect, it } from 'vitest';
import type { FactSet } from '../../src/core/fact.js';
import type { KnownNode } from '../../src/core/fleet.js';
import type { Collected } from '../../src/runbooks/definition.js';
import { addressOfAnother, nodeIdDuplicate, twinsIn, twinsOf } from '../../src/runbooks/fleet.js';
import { knownNodeOf } from '../../src/runbooks/fleet-known.js';
import { collectedOf, readingOf } from './cases.js';

const id = '5a1e0c7d3b92f846';
const node = (name: string, more: Partial<KnownNode> = {}): KnownNode => ({
  name,
  nodeId: id,
  lparId: null,
  system: null,
  machine: null,
  addresses: [],
  readAt: '2026-03-01T06:00:00.000Z',
  inCluster: false,
  ...more,
});
const since = (day: string): Partial<KnownNode> => ({ nodeIdSince: `${day}T06:00:00.000Z` });

describe('twins', () => {
  it('are nodes with one id, in whatever form it was printed', () => {
    const fleet = [
      node('a', { nodeId: '0X5A1E0C7D3B92F846'.toLowerCase() }),
      node('b', { nodeId: '5A1E0C7D3B92F846' }),
      node('c', { nodeId: '5a1e0c7d3b92f847' }),
    ];
    expect(twinsIn(fleet).map((twins) => twins.nodes.map((one) => one.name))).toEqual([['a', 'b']]);
    expect(twinsOf('c', fleet)).toBeNull();
  });

  it('are not nodes that have no id', () => {
    expect(twinsIn([node('a', { nodeId: null }), node('b', { nodeId: null })])).toEqual([]);
  });

  it('is not one LPAR under two names of the inventory', () => {
    const place = { system: 'p9-a', lparId: 3 };
    expect(twinsIn([node('a', place), node('b', place)])).toEqual([]);
    expect(twinsIn([node('a', place), node('b', place), node('c')])).toHaveLength(1);
  });
});

describe('which twin is changed', () => {
  const decided = (...fleet: KnownNode[]) => {
    const [twins] = twinsIn(fleet);
    return [twins?.keep, twins?.why];
  };

  it('is never the one in a cluster', () => {
    expect(decided(node('a', { inCluster: true }), node('b', since('2020-01-01')))).toEqual([
      'a',
      'a is in a cluster, which needs its node ID',
    ]);
  });

  it('is for a person to say where both are in clusters', () => {
    expect(decided(node('a', { inCluster: true }), node('b', { inCluster: true }))).toEqual([
      null,
      'a and b are all in clusters, and none of them may be changed',
    ]);
  });

  it('is the newcomer', () => {
    expect(decided(node('a', since('2026-02-20')), node('b', since('2025-06-01')))).toEqual([
      'b',
      'b has had it since 2025-06-01, a was first seen with it on 2026-02-20',
    ]);
  });

  it.each([
    ['both were first seen together', node('a', since('2026-02-20')), node('b', since('2026-02-20'))],
    [
      'it is not known whether one is in a cluster',
      node('a', { inCluster: null }),
      node('b', { inCluster: true }),
    ],
    [
      'nothing is known of clusters',
      node('a', { inCluster: null, ...since('2020-01-01') }),
      node('b', since('2026-02-01')),
    ],
  ])('is for a person to say where %s', (_why, a, b) => {
    expect(decided(a, b)[0]).toBeNull();
  });
});

/** The healthy case as LPAR `lpar1`, with what is known of the fleet. */
function collected(fleet: readonly KnownNode[]): Collected<FactSet, FactSet> {
  return { ...collectedOf('healthy'), fleet };
}

describe('the finding of a node id that somebody else has', () => {
  it('offers a new id for the clone alone, and says why it is the clone', () => {
    const fleet = [node('lpar1', since('2026-02-20')), node('lpar9', since('2025-06-01'))];
    expect(nodeIdDuplicate(collected(fleet))).toMatchObject({
      id: 'rsct.node-id-duplicate',
      severity: 'crit',
      title: 'lpar1 has the same RSCT node ID as lpar9.',
      observed: expect.stringContaining('Change lpar1: lpar9 has had it since 2025-06-01') as string,
      fixes: ['rsct-rebuild'],
    });
  });

  it('offers nothing for the original, and names the clone', () => {
    const fleet = [node('lpar1', since('2025-06-01')), node('lpar9', since('2026-02-20'))];
    const found = nodeIdDuplicate(collected(fleet));
    expect(found?.fixes).toEqual([]);
    expect(found?.observed).toContain('Change lpar9, not lpar1');
  });

  it('leaves it to a person, and offers nothing, where the facts do not tell', () => {
    const found = nodeIdDuplicate(collected([node('lpar1'), node('lpar9')]));
    expect(found?.fixes).toEqual([]);
    expect(found?.observed).toContain('a person decides');
    expect(found?.observed).toContain('never both');
  });

  it('is not certain of what was read long ago', () => {
    const old = node('lpar9', { readAt: '2026-01-01T06:00:00.000Z', ...since('2025-06-01') });
    const found = nodeIdDuplicate(collected([node('lpar1', since('2026-02-20')), old]));
    expect(found).toMatchObject({ severity: 'unknown', fixes: [] });
    expect(found?.observed).toContain('Read them again together');
  });

  it('is none where the fleet knows nothing, or nobody else', () => {
    expect(nodeIdDuplicate(collectedOf('healthy'))).toBeNull();
    expect(
      nodeIdDuplicate(collected([node('lpar1'), node('lpar9', { nodeId: '1111111111111111' })])),
    ).toBeNull();
  });
});

describe('what a reading says of a node', () => {
  const at = '2026-03-01T06:00:00.000Z';

  it('is its id in one form, its place, its addresses and whether it is in a cluster', () => {
    const known = knownNodeOf(collectedOf('healthy'), at, null);
    expect(known).toMatchObject({
      name: 'lpar1',
      lparId: 3,
      system: 'p9-a',
      readAt: at,
      nodeIdSince: at,
      inCluster: false,
    });
    expect(known?.nodeId).toMatch(/^[0-9a-f]{16}$/);
    expect(known?.addresses.length).toBeGreaterThan(0);
    expect(known?.addresses).not.toContain('127.0.0.1');
    expect(known?.machine).toMatch(/^[0-9]{4}-[0-9A-Z]{3}\*[0-9A-Z]{7}$/);
  });

  it('is nothing where its id was not read: what was known stays', () => {
    const healthy = collectedOf('healthy');
    expect(knownNodeOf(collectedOf('node-unreachable'), at, null)).toBeNull();
    const unread = readingOf('lpar1', 'nodeId', { unread: { class: 'LostError', message: 'stopped' } });
    expect(knownNodeOf(withNode(healthy, { nodeId: unread }), at, null)).toBeNull();
  });

  it('is that it has no id where the node says so', () => {
    const none = readingOf('lpar1', 'nodeId', { failure: { code: '2641-036', message: '2641-036 none' } });
    expect(knownNodeOf(withNode(collectedOf('healthy'), { nodeId: none }), at, null)?.nodeId).toBeNull();
  });

  it('remembers since when it has its id, until it has another one', () => {
    const healthy = collectedOf('healthy');
    const first = knownNodeOf(healthy, '2026-01-01T00:00:00.000Z', null);
    const second = knownNodeOf(healthy, at, first);
    expect([second?.readAt, second?.nodeIdSince]).toEqual([at, '2026-01-01T00:00:00.000Z']);
    const other = readingOf('lpar1', 'nodeId', { value: { nodeId: 'abcdef012' } });
    const third = knownNodeOf(withNode(healthy, { nodeId: other }), at, second);
    expect([third?.nodeId, third?.nodeIdSince]).toEqual(['0000000abcdef012', at]);
  });

  it('is not that it is in no cluster where what would show it was not read', () => {
    const unread = readingOf('lpar1', 'domain', { unread: { class: 'LostError', message: 'stopped' } });
    expect(knownNodeOf(withNode(collectedOf('healthy'), { domain: unread }), at, null)?.inCluster).toBeNull();
    const clustered = { ...collectedOf('healthy').target, cluster: 'erp' };
    expect(knownNodeOf({ ...collectedOf('healthy'), target: clustered }, at, null)?.inCluster).toBe(true);
  });
});

describe('an address that the HMC holds for the wrong LPAR', () => {
  const held = addressHeldFor(collectedOf('healthy'));

  it('is found where another node shows it as its own', () => {
    const fleet = [
      node('lpar1', { lparId: 3, system: 'p9-a', addresses: ['10.99.0.1'] }),
      node('lpar9', { nodeId: null, addresses: [held] }),
    ];
    expect(addressOfAnother(collected(fleet))).toMatchObject({
      id: 'rmc.stale-hmc-entry',
      title: 'The HMC takes the address of lpar9 for that of lpar1.',
      fixes: [],
    });
  });

  it.each([
    ['is its own', { addresses: [held] }, [held]],
    ['is nobody’s that is known', { addresses: ['10.99.0.1'] }, ['10.99.0.2']],
    ['cannot be compared with its own, which were not read', { addresses: [] }, [held]],
  ])('is none where the address %s', (_why, own, others) => {
    const fleet = [
      node('lpar1', { lparId: 3, system: 'p9-a', ...own }),
      node('lpar9', { addresses: others }),
    ];
    expect(addressOfAnother(collected(fleet))).toBeNull();
  });
});

function withNode(
  of: Collected<FactSet, FactSet>,
  facts: Readonly<Record<string, ReturnType<typeof readingOf>>>,
): Collected<FactSet, FactSet> {
  if (!of.node.ok) throw new Error('the case has no node side');
  return { ...of, node: { ok: true, facts: { ...of.node.facts, ...facts } } };
}

function addressHeldFor({ hmc }: Collected<FactSet, FactSet>): string {
  const dlpar = hmc?.ok === true ? (hmc.facts as Record<string, unknown>)['dlpar'] : null;
  const rows = (dlpar as { value: { lparId: number; ipAddress: string }[] }).value;
  return rows.find((row) => row.lparId === 3)?.ipAddress ?? '';
}
