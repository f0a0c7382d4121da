/**
 * What the two recoveries of an RMC connection on Power Virtual Server have in common: the injected interface, the words
 * for the people who recreate it, and the wait for the service to know the node again.
 */
import type { NetworkInterface } from '../../../aix/ifconfig.js';
import { compareVrmf, type Fileset } from '../../../aix/lslpp.js';
import type { PersonStep, WaitStep } from '../../../core/plan.js';
import { linkLocals } from '../../diagnostics/rmc/addresses.js';
import type { RmcCollected } from '../../diagnostics/rmc/facts.js';
import { valueOf } from '../../diagnostics/rmc/sight.js';
import type { Refusal } from './gates.js';

export const page = 'IBM Power Virtual Server, "RSCT package levels for imported AIX images"';

/** The level from which RSCT speaks IPv6, which this service needs. */
export const leastLevel = '3.2.1.0';

/** An IPv6 link-local address and the interface that has it, or had it. */
export interface Injected {
  readonly address: string;
  /** `en1`. */
  readonly on: string;
  /** Null where nobody knows it. */
  readonly hardwareAddress: string | null;
}

/** Why there is nothing to recover here at all: another platform, or a node that cannot be asked. */
export function refusalByPlace({ target, node }: RmcCollected): Refusal | null {
  const { name } = target;
  if (target.platform !== 'powervs')
    return refused(
      'platform',
      `${name} is not on Power Virtual Server: no IPv6 interface is injected there, so there is none to recover.`,
    );
  return node.ok ? null : refused('node', `${name} was not reached: ${node.error.message}`);
}

/** RSCT must be able to speak IPv6 before anything else is of use. */
export function refusalByLevel(collected: RmcCollected): Refusal | null {
  const level = rsctLevel(collected);
  const { name } = collected.target;
  if (level === null)
    return refused('rsct-level', `Nobody can say which RSCT ${name} has: rsct.core.rmc was not read.`);
  if (!/^\d+(?:\.\d+){3}$/.test(level) || compareVrmf(level, leastLevel) < 0)
    return refused(
      'rsct-level',
      `rsct.core.rmc on ${name} is at ${level}; ${leastLevel} or later is needed for IPv6. Upgrade RSCT first.`,
    );
  return null;
}

/** The level of rsct.core.rmc; null where it was not read or is not installed. */
export function rsctLevel({ node }: RmcCollected): string | null {
  const filesets: readonly Fileset[] | null = node.ok ? valueOf(node.facts.filesets) : null;
  return filesets?.find((one) => one.fileset === 'rsct.core.rmc')?.level ?? null;
}

/** The link-local addresses that the node has now, with their interfaces; null where that was not read. */
export function linkLocalsNow({ node }: RmcCollected): readonly Injected[] | null {
  const interfaces: readonly NetworkInterface[] | null = node.ok ? valueOf(node.facts.interfaces) : null;
  if (interfaces === null) return null;
  return interfaces.flatMap((one) =>
    linkLocals([one]).map((address) => ({ address, on: one.name, hardwareAddress: null })),
  );
}

/** The step in which a person gives the interface its address back; only this address will do. */
export function recreateInterface(name: string, injected: Injected): PersonStep {
  const { address, on, hardwareAddress } = injected;
  const mac =
    hardwareAddress === null
      ? 'which it was is in the file "before" in this thread'
      : `its hardware address was ${hardwareAddress}`;
  return {
    kind: 'person',
    id: 'recreate-interface',
    title: `Give ${name} its IPv6 link-local address back`,
    instructions: [
      `Log in to ${name} as root.`,
      `Find the NIC that was made for RMC. It was ${on}; ${mac}. Compare with: \`/usr/bin/entstat -d entN\` (the line "Hardware Address"; a NIC may have another number now).`,
      'It is a NIC of its own, without an IPv4 address. Never use the NIC with your own IPv4 address, and if the NIC is gone, stop here and cancel: the service must inject a new one.',
      `With smitty, or with this one command, N being that NIC's number: \`/usr/sbin/chdev -l enN -a netaddr6=${address} -a prefixlen=64 -a state=up\``,
      `Type exactly ${address}. Do not make one up, and do not run \`autoconf6 -a\` or \`-A\`: it gives such addresses to the other NICs too.`,
      `Look with: \`/usr/sbin/ifconfig -a\` (it must show inet6 ${address}/64)`,
    ],
    check: [{ kind: 'link-local', address }],
    timeoutMs: 0,
    undo: `take ${address} off the interface again with smitty, if it is not to stay.`,
  };
}

/** The step in which nothing is done but looking, every 30 s for at most 15 minutes, until RMC is up. */
export function waitForService(name: string): WaitStep {
  return {
    kind: 'wait',
    id: 'wait-for-rmc',
    title: `Wait until RMC of ${name} is connected`,
    atLeastMs: 0,
    everyMs: 30_000,
    until: [{ kind: 'rmc-active' }],
    timeoutMs: 15 * 60_000,
  };
}

/** What people do where a recovery ends without success. */
export function supportCase(name: string): string {
  return `Open a support case with IBM for Power Virtual Server, with the support case file of this thread: the documented recovery did not bring the RMC connection of ${name} back. Do not try a rebuild of RSCT on top of it.`;
}

/** A refusal; its source is IBM's page on this recovery unless another is named. */
export function refused(gate: string, reason: string, source: string = page): Refusal {
  return { kind: 'refused', gate, reason, source };
}
