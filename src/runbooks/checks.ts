import type { NetworkInterface } from '../aix/ifconfig.js';
import type { NodeId } from '../aix/lsnodeid.js';
import { compareVrmf, type Fileset } from '../aix/lslpp.js';
import type { FactSet, Reading } from '../core/fact.js';
import type { Check, NodeCheck } from '../core/plan.js';
import { isClusterCheck } from './checks-cluster.js';
import type { Collected } from './definition.js';
import { rmc } from './diagnostics/rmc.js';
import { canonicalAddress, linkLocals } from './diagnostics/rmc/addresses.js';
import type { RmcCollected } from './diagnostics/rmc/facts.js';
import { missingForHealth } from './diagnostics/rmc/health.js';
import { look } from './diagnostics/rmc/sight.js';
import { sameForm } from './fleet-known.js';

/** Whether the facts show what a plan promised, and what they show, in words. */
export interface Agreement {
  readonly agreed: boolean;
  readonly note: string;
  /** What must stay the same from one read to the next for them to count together. */
  readonly mark?: string;
}

type Facts = Readonly<Record<string, Reading<unknown> | undefined>>;

/**
 * Holds facts read by the `rmc` diagnostic against statements about the node. The first that does not hold is told with
 * what was seen instead; what was not read proves nothing.
 */
export function checksHold(checks: readonly Check[], collected: Collected<FactSet, FactSet>): Agreement {
  const seen: string[] = [];
  for (const check of checks) {
    if (isClusterCheck(check)) throw new TypeError(`a node cannot be checked for ${check.kind}`);
    const one = checkHolds(check, collected);
    if (!one.agreed) return one;
    seen.push(one.note);
  }
  return { agreed: true, note: seen.join(' ') };
}

function checkHolds(check: NodeCheck, collected: Collected<FactSet, FactSet>): Agreement {
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
    linkLocals([one]).map((found) => ({ on: one.name, address: found })),
  );
  const wanted = address === null ? null : canonicalAddress(address);
  const hit = found.find((one) => address === null || canonicalAddress(one.address) === wanted);
  if (hit !== undefined) return yes(`${name} has the IPv6 link-local address ${hit.address} on ${hit.on}.`);
  const missing = address === null ? 'IPv6 link-local address' : `IPv6 address ${address}`;
  const shown = found.map((one) => `${one.address} on ${one.on}`).join(', ');
  const instead = found.length === 0 ? 'no interface has a link-local one' : `what it has is ${shown}`;
  return no(`${name} has no ${missing}: ${instead}.`);
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

function sameNodeId(a: string, b: string): boolean {
  return sameForm(a) === sameForm(b);
}

function yes(note: string): Agreement {
  return { agreed: true, note };
}

function no(note: string): Agreement {
  return { agreed: false, note };
}
