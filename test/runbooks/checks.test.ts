import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/core/plan.js';
import { checksHold } from '../../src/runbooks/checks.js';
import { collectedOf, readingOf } from './cases.js';

const healthy = collectedOf('healthy');
const facts = healthy.node.ok ? healthy.node.facts : {};

/** The healthy node with one fact replaced. */
function withFact(name: string, fact: Parameters<typeof readingOf>[2]) {
  return {
    ...healthy,
    node: { ok: true as const, facts: { ...facts, [name]: readingOf('lpar1', name, fact) } },
  };
}

const unread = { unread: { class: 'LostError', message: 'It lost its connection.' } } as const;
const on = (name: string, address: string, prefixLength = 64) => ({
  name,
  flags: ['UP'],
  inet: [],
  inet6: [{ address, prefixLength, zone: null }],
});
const id = (facts['nodeId'] as unknown as { value: { nodeId: string } }).value.nodeId;
const isId = (nodeId: string): Check => ({ kind: 'node-id', nodeId, places: 'all-three' });

describe('a check', () => {
  it('holds of nothing where the node could not be asked', () => {
    const away = {
      ...healthy,
      node: { ok: false as const, error: { class: 'ConnectError' as const, message: 'It timed out.' } },
    };
    const all: Check[] = [
      { kind: 'reached' },
      { kind: 'link-local', address: null },
      { kind: 'rmc-active' },
      isId(id),
      { kind: 'node-id-is-not', nodeId: 'ffff000000000000' },
      { kind: 'rsct-level', minimum: '0.0.0.0' },
    ];
    for (const check of all)
      expect(checksHold([check], away)).toEqual({
        agreed: false,
        note: 'lpar1 could not be asked: It timed out.',
      });
  });

  it('holds of no fact that was not read', () => {
    const pairs: [string, Check][] = [
      ['interfaces', { kind: 'link-local', address: null }],
      ['nodeId', isId(id)],
      ['nodeIdEtc', isId(id)],
      ['nodeIdCfg', isId(id)],
      ['nodeId', { kind: 'node-id-is-not', nodeId: 'ffff000000000000' }],
      ['filesets', { kind: 'rsct-level', minimum: '0.0.0.0' }],
      ['domain', { kind: 'rmc-active' }],
    ];
    for (const [name, check] of pairs)
      expect([check.kind, checksHold([check], withFact(name, unread)).agreed]).toEqual([check.kind, false]);
  });

  it('tells the first of several that does not hold, and all of them where they do', () => {
    const held = checksHold([{ kind: 'reached' }, isId(id)], healthy);
    expect(held).toMatchObject({
      agreed: true,
      note: expect.stringContaining('in all three places') as string,
    });
    const other = checksHold(
      [{ kind: 'reached' }, isId('ffff000000000000'), { kind: 'rmc-active' }],
      healthy,
    );
    expect(other).toEqual({
      agreed: false,
      note: `The node ID in lsnodeid on lpar1 is ${id}, not ffff000000000000.`,
    });
  });

  it.each([
    ['fe80::f816:3eff:fe00:1', 'FE80:0:0:0:F816:3EFF:FE00:0001', true],
    ['fe80::f816:3eff:fe00:1', 'fe80::f816:3eff:fe00:2', false],
    ['2001:db8::1', null, false],
    ['fe80::1', null, true],
  ])('compares the address %s with %s', (there, wanted, agreed) => {
    const collected = withFact('interfaces', { value: [on('en1', there)] });
    expect(checksHold([{ kind: 'link-local', address: wanted }], collected).agreed).toBe(agreed);
  });

  it('takes no link-local address of lo0 and none with another prefix', () => {
    const collected = withFact('interfaces', { value: [on('lo0', 'fe80::1'), on('en0', 'fe80::2', 10)] });
    expect(checksHold([{ kind: 'link-local', address: null }], collected).agreed).toBe(false);
  });

  it.each([
    ['3.2.1.0', true],
    ['3.2.10.0', true],
    ['3.2.0.9', false],
    ['3.2.x.9', false],
  ])('compares RSCT %s by number', (level, agreed) => {
    const fileset = { package: 'rsct.core', fileset: 'rsct.core.rmc', level, state: 'C', type: 'F' };
    const collected = withFact('filesets', { value: [fileset] });
    expect(checksHold([{ kind: 'rsct-level', minimum: '3.2.1.0' }], collected).agreed).toBe(agreed);
  });

  it('takes a lost node ID for another one, and case and leading zeros for none', () => {
    const lost = withFact('nodeId', { failure: { code: '2641-036', message: 'There is no node ID.' } });
    expect(checksHold([{ kind: 'node-id-is-not', nodeId: id }], lost).agreed).toBe(true);
    const short = withFact('nodeId', { value: { nodeId: 'ABCDEF123' } });
    expect(checksHold([{ kind: 'node-id-is-not', nodeId: '0000000abcdef123' }], short).agreed).toBe(false);
  });
});
