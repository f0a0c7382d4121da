import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  canonicalAddresses,
  linkLocals,
  ownAddresses,
} from '../../../../src/runbooks/diagnostics/rmc/addresses.js';

const nic = (name: string, inet: readonly string[], inet6: readonly (readonly [string, number])[]) => ({
  name,
  flags: [],
  inet: inet.map((address) => ({ address, netmask: null, broadcast: null })),
  inet6: inet6.map(([address, prefixLength]) => ({ address, prefixLength, zone: null })),
});

describe('addresses to compare', () => {
  it.each([
    ['10.20.0.11', '10.20.0.11'],
    [' FE80:0:0:0:2A9B:4CFF:FE5D:6E7F/64', 'fe80:0:0:0:2a9b:4cff:fe5d:6e7f'],
    ['fe80::2a9b:4cff:fe5d:6e7f%en1', 'fe80:0:0:0:2a9b:4cff:fe5d:6e7f'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::', '2001:db8:0:0:0:0:0:0'],
  ])('writes %s in one form', (text, form) => {
    expect(canonicalAddress(text)).toBe(form);
  });

  it.each(['', 'hmc1', '10.20.0', 'fe80:::1', '10.20.0.999'])('takes %j for no address', (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });

  it('leaves out what is no address of anybody’s, and repetitions', () => {
    expect(canonicalAddresses(['10.20.0.11', '0.0.0.0', '', '10.20.0.11', 'hmc1'])).toEqual(['10.20.0.11']);
  });
});

describe('link-local addresses', () => {
  it('counts those of a NIC without IPv4, and never those of lo0 and sit0', () => {
    const found = linkLocals([
      nic('en0', ['10.20.1.11'], []),
      nic('en1', [], [['fe80::f8a1:2bff:fe3c:4d05', 64]]),
      nic('lo0', ['127.0.0.1'], [['fe80::1', 64]]),
      nic('sit0', [], [['fe80::a14:10b', 64]]),
    ]);
    expect(found).toEqual(['fe80::f8a1:2bff:fe3c:4d05']);
  });

  it('counts no other prefix length and no global address', () => {
    const others = [
      ['fe80::1', 128],
      ['2001:db8::1', 64],
      ['fec0::1', 64],
    ] as const;
    expect(linkLocals([nic('en1', [], others)])).toEqual([]);
  });

  it('takes the addresses of the NICs for the node’s own, not that of lo0', () => {
    const found = ownAddresses([
      nic('en0', ['10.20.1.11', '10.20.1.12'], [['2001:db8::7', 64]]),
      nic('lo0', ['127.0.0.1'], []),
    ]);
    expect(found).toEqual(['10.20.1.11', '10.20.1.12', '2001:db8:0:0:0:0:0:7']);
  });
});
