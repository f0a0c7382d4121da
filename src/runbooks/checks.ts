import type { NetworkInterface } from '../aix/ifconfig.js';
import type { NodeId } from '../aix/lsnodeid.js';
import { compareVrmf, type Fileset } from '../aix/lslpp.js';
import type { FactSet, Reading } from '../core/fact.js';
import type { Check } from '../core/plan.js';
import type { Collected } from './definition.js';
import { rmc } from './diagnostics/rmc.js';
import type { RmcCollected } from './diagnostics/rmc/facts.js';
import { missingForHealth } from './diagnostics/rmc/health.js';
import { look } from './diagnostics/rmc/sight.js';

/** Whether the facts show what a plan promised, and what they show, in words. */
export interface Agreement {
  readonly agreed: boolean;
  readonly note: string;
}

type Facts = Readonly<Record<string, Reading<unknown> | undefined>>;

/**
 * Holds facts read by the `rmc` diagnostic against statements about the node. The first that does not hold is told with
 * what was seen instead; what was not read proves nothing.
 */
export function checksHold(checks: readonly Check[], collected: Collected<FactSet, FactSet>): Agreement {
  const seen: string[] = [];
  for (const check of checks) {
    const one = checkHolds(check, collected);
    if (!one.agreed) return one;
    seen.push(one.note);
  }
  return { agreed: true, note: seen.join(' ') };
}

function checkHolds(check: Check, collected: Collected<FactSet, FactSet>): Agreement {
  const { target, node } = collected;
  if (!node.ok) return no(`${target.name} could not be asked: ${node.error.message}`);
  const facts = node.facts as Facts;
  switch (check.kind) {
    case 'reached':
      return yes(`${target.name} was logged in to.`);
    case 'link-local':
      return linkLocal(check.address, target.name, facts);
    case 'rmc-active':
      return rmcActive(collected);
    case 'node-id':
      return nodeIdIs(check.nodeId, target.name, facts);
    case 'node-id-is-not':
      return nodeIdIsNot(check.nodeId, target.name, facts);
    case 'rsct-level':
      return rsctLevel(check.minimum, target.name, facts);
  }
}

/** Both sides show the connection up; where the HMC is not ours to read, the node's side alone. */
export function rmcActive(collected: Collected<FactSet, FactSet>): Agreement {
  const { name } = collected.target;
  const against = rmc.judge(collected).filter((f) => f.severity === 'crit' || f.severity === 'unknown');
  const first = against[0];
  if (first !== undefined) return no(`${first.title} (${first.observed})`);
  // A warning is no fault, and may still be no connection: an LPAR that does not run, a handshake that is not finished.
  const missing = missingForHealth(look(collected as RmcCollected));
  if (missing.length > 0) return no(`${name} does not show: ${missing.join(', ')}.`);
  return yes(
    collected.hmc === null
      ? `${name} shows the connection up (its HMC side is not ours to read).`
      : `${name} and its HMC both show the connection up.`,
  );
}

function linkLocal(address: string | null, name: string, facts: Facts): Agreement {
  const reading = facts['interfaces'] as Reading<readonly NetworkInterface[]> | undefined;
  if (reading?.kind !== 'value') return no(`ifconfig -a on ${name} was not read${why(reading)}`);
  const found = reading.value.flatMap((one) =>
    one.inet6.filter((inet6) => isLinkLocal(inet6.address)).map((inet6) => ({ on: one.name, ...inet6 })),
  );
  const shown = found.map((one) => `${one.address} on ${one.on}`).join(', ');
  const hit = found.find((one) => address === null || sameIpv6(one.address, address));
  if (hit !== undefined) return yes(`${name} has the IPv6 link-local address ${hit.address} on ${hit.on}.`);
  const wanted = address === null ? 'IPv6 link-local address' : `IPv6 address ${address}`;
  const instead = found.length === 0 ? 'no interface has a link-local one' : `what it has is ${shown}`;
  return no(`${name} has no ${wanted}: ${instead}.`);
}

const places = {
  nodeId: 'lsnodeid',
  nodeIdEtc: '/etc/ct_node_id',
  nodeIdCfg: '/var/ct/cfg/ct_node_id',
} as const;

function nodeIdIs(wanted: string, name: string, facts: Facts): Agreement {
  for (const [fact, place] of Object.entries(places)) {
    const reading = facts[fact] as Reading<NodeId> | undefined;
    if (reading?.kind !== 'value')
      return no(`The node ID in ${place} on ${name} was not read${why(reading)}`);
    if (!sameNodeId(reading.value.nodeId, wanted))
      return no(`The node ID in ${place} on ${name} is ${reading.value.nodeId}, not ${wanted}.`);
  }
  return yes(`The node ID of ${name} is ${wanted} in all three places.`);
}

function nodeIdIsNot(unwanted: string, name: string, facts: Facts): Agreement {
  const reading = facts['nodeId'] as Reading<NodeId> | undefined;
  // A node that has lost its ID has a different one as well, but nobody may conclude that from an unread fact.
  if (reading?.kind === 'failure') return yes(`${name} has no node ID (${reading.failure.message}).`);
  if (reading?.kind !== 'value') return no(`lsnodeid on ${name} was not read${why(reading)}`);
  if (sameNodeId(reading.value.nodeId, unwanted))
    return no(`The node ID of ${name} is still ${reading.value.nodeId}.`);
  return yes(`The node ID of ${name} is ${reading.value.nodeId}.`);
}

function rsctLevel(minimum: string, name: string, facts: Facts): Agreement {
  const reading = facts['filesets'] as Reading<readonly Fileset[]> | undefined;
  if (reading?.kind !== 'value') return no(`lslpp on ${name} was not read${why(reading)}`);
  const level = reading.value.find((one) => one.fileset === 'rsct.core.rmc')?.level;
  if (level === undefined) return no(`rsct.core.rmc is not installed on ${name}.`);
  // What is no level by number proves nothing.
  if (!/^\d+(?:\.\d+){3}$/.test(level) || compareVrmf(level, minimum) < 0)
    return no(`rsct.core.rmc on ${name} is at ${level}; ${minimum} or later is needed.`);
  return yes(`rsct.core.rmc on ${name} is at ${level}.`);
}

function why(reading: Reading<unknown> | undefined): string {
  if (reading?.kind === 'unread') return `: ${reading.error.message}`;
  return reading?.kind === 'failure' ? `: ${reading.failure.message}` : '.';
}

/** fe80::/10 as RFC 4291 has it; in practice always fe80::/64. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

/** Whether two texts name the same IPv6 address, however they are shortened. */
export function sameIpv6(a: string, b: string): boolean {
  return groupsOf(a).join(':') === groupsOf(b).join(':');
}

function groupsOf(address: string): readonly string[] {
  const [bare = ''] = address.toLowerCase().split(/[%/]/);
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}

/** Fewer than 16 digits are possible: compared without case and leading zeros. */
export function sameNodeId(a: string, b: string): boolean {
  return a.toLowerCase().padStart(16, '0') === b.toLowerCase().padStart(16, '0');
}

function yes(note: string): Agreement {
  return { agreed: true, note };
}

function no(note: string): Agreement {
  return { agreed: false, note };
}
