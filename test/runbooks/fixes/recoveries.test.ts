import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/core/canonical.js';
import type { FactSet } from '../../../src/core/fact.js';
import type { KnownNode } from '../../../src/core/fleet.js';
import type { Plan, Proposal } from '../../../src/core/plan.js';
import type { Collected } from '../../../src/runbooks/definition.js';
import { collectedOf, nodeFix, readingOf } from '../cases.js';

type Fact = Parameters<typeof readingOf>[2];

const en0 = {
  name: 'en0',
  flags: ['UP'],
  inet: [{ address: '10.20.1.11', netmask: '0xffffff00', broadcast: '10.20.1.255' }],
  inet6: [],
};
const nic = (name: string, address: string) => ({
  name,
  flags: ['UP'],
  inet: [],
  inet6: [{ address, prefixLength: 64, zone: null }],
});
const logged = (device: string, address: string, boot = 1) => ({
  device,
  up: true,
  address: `${address}/64`,
  mask: null,
  scope: 'link',
  hardwareAddress: 'fa:16:3e:00:00:a1',
  boot,
});
const address = 'fe80::f816:3eff:fe00:a1';

/** The healthy node as one on Power Virtual Server, with some facts replaced. */
function onPowervs(facts: Readonly<Record<string, Fact>>): Collected<FactSet, FactSet> {
  const healthy = collectedOf('healthy');
  const found: Record<string, ReturnType<typeof readingOf>> = {
    ...(healthy.node.ok ? healthy.node.facts : {}),
  };
  for (const [name, fact] of Object.entries(facts)) found[name] = readingOf('lpar1', name, fact);
  const target = { ...healthy.target, platform: 'powervs' as const, system: null };
  return { target, node: { ok: true, facts: found }, hmc: null };
}

function ask(
  fix: string,
  collected: Collected<FactSet, FactSet>,
  fleet: readonly KnownNode[] = [],
): Proposal {
  return nodeFix(fix).plan(collected, { words: [], fleet });
}

function planOf(proposal: Proposal): Plan {
  if (proposal.kind !== 'plan') throw new Error(JSON.stringify(proposal));
  return proposal.plan;
}

const known = (name: string, nodeId: string): KnownNode => ({
  name,
  nodeId,
  lparId: null,
  system: null,
  machine: null,
  addresses: [],
  readAt: '2026-03-04T03:00:00.000Z',
});

describe('rmc-ipv6-recovery', () => {
  const missing = (rows: readonly unknown[]) =>
    onPowervs({ interfaces: { value: [en0] }, cloudInitAddresses: { value: rows } });

  it('takes the address of the latest boot that cloud-init saw, with its NIC and hardware address', () => {
    const rows = [logged('en1', 'fe80::1'), logged('en1', address, 2)];
    const plan = planOf(ask('rmc-ipv6-recovery', missing(rows)));
    expect(plan.steps[0]).toMatchObject({
      id: 'recreate-interface',
      check: [{ kind: 'link-local', address }],
    });
    expect(JSON.stringify(plan.steps[0])).toContain('fa:16:3e:00:00:a1');
    expect(plan.ifItFails).toContain('support case');
    expect(digestOf(planOf(ask('rmc-ipv6-recovery', missing(rows))))).toBe(digestOf(plan));
  });

  it.each([
    ['several', [logged('en1', address), logged('en2', 'fe80::2')], /holds several: .* on en1, .* on en2/],
    ['none', [], /holds no link-local address/],
  ])('invents no address where the log holds %s', (_what, rows, why) => {
    const plan = planOf(ask('rmc-ipv6-recovery', missing(rows)));
    expect(plan.steps[0]).toMatchObject({ id: 'find-and-recreate' });
    expect(plan.basis.at(-1)).toMatch(why);
  });

  it('never rebuilds RSCT', () => {
    expect(JSON.stringify(planOf(ask('rmc-ipv6-recovery', missing([logged('en1', address)]))))).not.toMatch(
      /recfgct|odmdelete|rmcctrl","args":\["-z"/,
    );
  });

  it('takes no words', () => {
    const proposal = nodeFix('rmc-ipv6-recovery').plan(missing([]), { words: ['-i', 'x'], fleet: [] });
    expect(proposal).toMatchObject({ kind: 'refused', gate: 'words' });
  });
});

describe('rmc-own-image-recovery', () => {
  const there = (interfaces: readonly unknown[], rows: readonly unknown[] = []) =>
    onPowervs({ interfaces: { value: interfaces }, cloudInitAddresses: { value: rows } });
  const healthy = collectedOf('healthy');
  const nodeId = healthy.node.ok
    ? (healthy.node.facts['nodeId'] as unknown as { value: { nodeId: string } }).value.nodeId
    : '';

  it('has what it takes along as literals, and proves it at the end in all three places', () => {
    const plan = planOf(ask('rmc-own-image-recovery', there([en0, nic('en1', address)])));
    expect(plan.steps.map((step) => step.id)).toEqual([
      'boot-own-image',
      'recreate-interface',
      'save',
      'settle',
      'rebuild',
      'wait-for-rmc',
    ]);
    expect(plan.steps.find((step) => step.id === 'rebuild')).toMatchObject({
      effect: 'irreversible',
      commands: [{ command: { args: ['-i', nodeId] } }, {}, {}],
    });
    expect(plan.verify).toEqual({
      kind: 'checks',
      checks: [{ kind: 'node-id', nodeId, places: 'all-three' }, { kind: 'rmc-active' }],
      reads: 2,
    });
    for (const step of plan.steps.filter((one) => one.kind === undefined))
      expect(step.gates).toEqual(
        expect.arrayContaining(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10', 'G11']),
      );
  });

  it('has time enough in each step for every command and wait', () => {
    const plan = planOf(ask('rmc-own-image-recovery', there([en0, nic('en1', address)])));
    for (const step of plan.steps) {
      if (step.kind !== undefined && step.kind !== 'node') continue;
      const needed = step.commands.map(
        (one) => one.command.timeoutMs + (one.waitUntilStopped?.timeoutMs ?? 0),
      );
      expect(step.timeoutMs).toBeGreaterThanOrEqual(needed.reduce((a, b) => a + b, 0));
    }
  });

  it('takes of several addresses the one that cloud-init names, and refuses where it names none', () => {
    const both = [en0, nic('en1', 'fe80::9'), nic('en2', address)];
    const plan = planOf(ask('rmc-own-image-recovery', there(both, [logged('en2', address)])));
    expect(plan.basis.at(-1)).toBe(`IPv6 link-local address ${address} on en2`);
    expect(ask('rmc-own-image-recovery', there(both))).toMatchObject({ kind: 'refused', gate: 'interfaces' });
  });

  it('refuses an ID that another node has, one that is not the same in all places, and one that was not read', () => {
    const sound = there([en0, nic('en1', address)]);
    const twins = ask('rmc-own-image-recovery', sound, [known('lpar9', nodeId)]);
    expect(twins).toMatchObject({ kind: 'refused', gate: 'node-id' });
    expect(ask('rmc-own-image-recovery', sound, [known('lpar1', nodeId)]).kind).toBe('plan');
    for (const fact of [
      { value: { nodeId: 'ffff000000000000' } },
      { unread: { class: 'LostError', message: 'It lost its connection.' } },
    ] as const) {
      const collected = onPowervs({ interfaces: { value: [nic('en1', address)] }, nodeIdCfg: fact });
      expect(ask('rmc-own-image-recovery', collected)).toMatchObject({ kind: 'refused', gate: 'node-id' });
    }
  });
});
