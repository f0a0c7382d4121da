import { isIpv4, isIpv6 } from '../../../aix/layouts/addresses.js';
import type { NetworkInterface } from '../../../aix/ifconfig.js';

/** An address in the one form in which addresses are compared, without zone and prefix length; null for anything else. */
export function canonicalAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/\/\d{1,3}$/, '')
    .replace(/%\w+$/, '')
    .toLowerCase();
  if (isIpv4(bare)) return bare;
  if (!isIpv6(bare)) return null;
  // A dotted ending is not written out: RSCT and the HMC print none.
  if (bare.includes('.')) return bare;
  const [head = '', tail] = bare.split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const filled = tail === undefined ? left : [...left, ...zeros(8 - left.length - right.length), ...right];
  return filled.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/** The addresses that are in a list at all: neither blank nor 0.0.0.0, in the form to compare, each once. */
export function canonicalAddresses(texts: readonly string[]): readonly string[] {
  const found = texts.map(canonicalAddress).filter((one) => one !== null && one !== '0.0.0.0');
  return [...new Set(found)].filter((one) => one !== null);
}

/** Every address of the node's own, IPv4 and IPv6, without those of the loopback interface. */
export function ownAddresses(interfaces: readonly NetworkInterface[]): readonly string[] {
  const outward = interfaces.filter(isOutward);
  return canonicalAddresses(
    outward.flatMap((one) => [...one.inet, ...one.inet6].map(({ address }) => address)),
  );
}

/**
 * The IPv6 link-local addresses (fe80::/10 with /64) of the node's NICs. A NIC without IPv4 counts: Power Virtual
 * Server puts the address on a NIC of its own. `lo0` and the tunnel `sit0` never do.
 */
export function linkLocals(interfaces: readonly NetworkInterface[]): readonly string[] {
  return interfaces
    .filter(isOutward)
    .flatMap((one) => one.inet6)
    .filter(({ address, prefixLength }) => /^fe[89ab][0-9a-f]:/i.test(address) && prefixLength === 64)
    .map(({ address }) => address);
}

function isOutward(one: NetworkInterface): boolean {
  return !/^(?:lo|sit)\d/.test(one.name);
}

function groupsOf(half: string): readonly string[] {
  return half === '' ? [] : half.split(':');
}

function zeros(count: number): readonly string[] {
  return Array.from({ length: count }, () => '0');
}
