import { describe, expect, it } from 'vitest';
import { renderCommand } from '../../../../src/core/remote-command.js';
import { rmc } from '../../../../src/runbooks/diagnostics/rmc.js';
import { caseNames, collectedOf } from '../../cases.js';

const asked = (name: string) => rmc.followUp?.(collectedOf(name)) ?? null;
const names = (name: string) => Object.keys(asked(name) ?? {});

describe('the second round trip', () => {
  it.each([
    'healthy',
    'ctrmc-stopped',
    'drm-down',
    'dual-hmc-other-down',
    'powervs-healthy',
    'node-unreachable',
  ])('is not made for %s', (name) => {
    expect(asked(name)).toBeNull();
  });

  it.each([
    ['heartbeat-down-firewall', ['tcpReach1']],
    ['heartbeat-down-one-of-two-addresses', ['tcpReach1', 'tcpReach2']],
    ['not-registered-in-band', ['inBandHmcs']],
    ['pending-authentication', ['trustCheck']],
    ['packet-size', ['managementPathCheck']],
    ['powervs-link-local-missing', ['tcpReach1', 'cloudInitAddresses']],
    ['powervs-link-local-missing-log-unread', ['cloudInitAddresses']],
  ])('asks for %s what the tree needs', (name, expected) => {
    expect(names(name)).toEqual(expected);
  });

  it('tries the HMC by the address that the node knows it by', () => {
    const facts = Object.values(asked('heartbeat-down-firewall') ?? {});
    expect(facts.map((fact) => fact.command.args.at(-1))).toEqual(['10.20.0.11']);
  });

  it('reads only, and puts nothing but addresses into a command', () => {
    for (const name of caseNames)
      for (const fact of Object.values(asked(name) ?? {})) {
        expect(fact.command.effect).toBe('read');
        expect(renderCommand(fact.command)).not.toContain('undefined');
      }
  });

  it('asks nothing by what a hostile node calls its HMC', () => {
    const collected = collectedOf('heartbeat-down-firewall');
    if (!collected.node.ok) throw new Error('the case has a node');
    const hostile = {
      MNName: 'x',
      NodeID: '1',
      IPAddresses: ['$(reboot)', '; halt'],
      HMCIPAddr: '-oProxy=x',
    };
    const controlPoints = {
      kind: 'value',
      value: [hostile],
      evidence: { target: 'lpar1', command: 'lsrsrc', excerpt: '' },
    } as const;
    const changed = {
      ...collected,
      node: { ok: true, facts: { ...collected.node.facts, controlPoints } },
    } as const;
    const facts = Object.values(rmc.followUp?.(changed) ?? {});
    expect(facts.map((fact) => fact.command.args.at(-1))).toEqual(['10.20.0.11']);
  });
});
