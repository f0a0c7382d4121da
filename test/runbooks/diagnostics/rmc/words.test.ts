import { describe, expect, it } from 'vitest';
import { rmc } from '../../../../src/runbooks/diagnostics/rmc.js';
import { caseNames, collectedOf, readCase } from '../../cases.js';

const findings = (name: string) => rmc.judge(collectedOf(name));
const observed = (name: string) => findings(name)[0]?.observed ?? '';

describe('what the dashboard of Power Virtual Server shows', () => {
  it.each([
    ['powervs-healthy', 'OK'],
    ['powervs-level-below-recommended', 'OK'],
    ['powervs-level-below-recommended-drm-down', 'OK'],
    ['powervs-link-local-missing', 'Warning'],
    ['powervs-not-heard', 'Warning'],
    ['powervs-ctrmc-stopped', 'Warning'],
    ['powervs-level-too-old', 'Warning'],
  ])('is said for %s: %s', (name, health) => {
    expect(observed(name)).toMatch(
      new RegExp(`The dashboard of Power Virtual Server shows health ${health} for it\\.$`),
    );
  });

  it('is said once, and of no LPAR that an HMC of ours manages', () => {
    for (const name of caseNames) {
      const said = findings(name).filter((one) => one.observed.includes('dashboard'));
      expect(said, name).toHaveLength(readCase(name).target?.platform === 'powervs' ? 1 : 0);
    }
  });

  it('is a note of its own, with level ok, where nothing is wrong', () => {
    expect(findings('powervs-healthy').map((one) => [one.id, one.severity])).toEqual([
      ['rmc.service-health', 'ok'],
    ]);
  });
});

describe('the words of a finding', () => {
  it('name the address that cloud-init configured, and its NIC', () => {
    expect(observed('powervs-link-local-missing')).toContain(
      'The log of cloud-init has fe80::f8a1:2bff:fe3c:4d05/64 on en1 (fa:a1:2b:3c:4d:05).',
    );
  });

  it('say how often a pending handshake was looked at', () => {
    expect(observed('pending-authentication')).toContain('It was looked at once.');
    expect(observed('pending-after-down')).toContain('On the look before it was in state O.');
    expect(observed('pending-again')).toContain('as on the look before');
  });

  it('tell a blocked port from an open way', () => {
    expect(observed('port-blocked')).toContain('10.20.0.11 port 657 timed out');
    expect(observed('heartbeat-down-tcp-connects')).toContain('TCP 657 to 10.20.0.11 gets through');
    expect(observed('heartbeat-down-tcp-unread')).toContain('TCP 657 to the HMC not tried');
  });

  it('name both HMCs where the registered one is not the managing one', () => {
    const [finding] = findings('foreign-hmc');
    expect(finding?.expected).toBe('hmc1 (hmc1, 10.20.9.1, 10.20.0.11) in IBM.MCP');
    expect(finding?.observed).toContain('hmc-old, 7042CR8*84A0001, 10.20.0.99');
  });
});
