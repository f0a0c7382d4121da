import type { NetworkInterface } from '../aix/ifconfig.js';
import type { NodeId } from '../aix/lsnodeid.js';
import type { Resource } from '../aix/lsrsrc.js';
import type { Subsystem } from '../aix/lssrc.js';
import type { RmcDomainStatus } from '../aix/rmcdomainstatus.js';
import type { Partition } from '../aix/uname-l.js';
import type { FactSet, Reading } from '../core/fact.js';
import type { KnownNode } from '../core/fleet.js';
import type { HmcRow } from '../hmc/lssyscfg.js';
import type { Collected, Reached } from './definition.js';

/**
 * What a reading by the `rmc` diagnostic says of the node's identity; null where it says nothing of its node id, so
 * that an older and true word is not lost to a node that was not reached. `before` is what was known until now.
 */
export function knownNodeOf(
  collected: Collected<FactSet, FactSet>,
  readAt: string,
  before: KnownNode | null,
): KnownNode | null {
  const { target, node, hmc } = collected;
  const nodeId = nodeIdIn(reading(node, 'nodeId'));
  if (nodeId === undefined) return null;
  const partition = value(node, 'partition') as Partition | null;
  const interfaces = value(node, 'interfaces') as readonly NetworkInterface[] | null;
  const isUnchanged = before !== null && before.nodeId === nodeId;
  return {
    name: target.name,
    nodeId,
    lparId: partition?.lparId ?? target.lparId,
    system: target.system?.name ?? null,
    machine: machineOf(hmc, target.system?.hmcName) ?? before?.machine ?? null,
    addresses: interfaces === null ? (before?.addresses ?? []) : addressesOf(interfaces),
    readAt,
    nodeIdSince: isUnchanged ? (before.nodeIdSince ?? before.readAt) : readAt,
    inCluster: target.cluster !== null ? true : inCluster(node),
  };
}

/** A node id in the one form in which ids are compared: 16 lower-case digits. `recfgct -i` takes 9 to 16 of either case. */
export function sameForm(nodeId: string): string {
  return nodeId.toLowerCase().replace(/^0x/, '').padStart(16, '0');
}

/** Null where the node says that it has none (2641-036); undefined where nothing is known. */
function nodeIdIn(read: Reading<unknown> | undefined): string | null | undefined {
  if (read?.kind === 'value') return sameForm((read.value as NodeId).nodeId);
  return read?.kind === 'failure' && read.failure.code === '2641-036' ? null : undefined;
}

/** `8233-E8B*06C0ABC`: type, model and serial number of the managed system, as its HMC tells. */
function machineOf(hmc: Reached<FactSet> | null, hmcName: string | undefined): string | null {
  const systems = hmc === null ? null : (value(hmc, 'systems') as readonly HmcRow[] | null);
  const row = systems?.find((one) => one['name'] === hmcName);
  if (row?.['type_model'] === undefined || row['serial_num'] === undefined) return null;
  return `${row['type_model']}*${row['serial_num']}`;
}

function addressesOf(interfaces: readonly NetworkInterface[]): readonly string[] {
  const own = interfaces.filter((one) => !/^lo\d/.test(one.name));
  return own.flatMap((one) => one.inet.map((inet) => inet.address)).filter((ip) => ip !== '0.0.0.0');
}

/**
 * Whether the node shows that it is in a cluster: a peer domain, online or not seen as such by its MCP entry, or what
 * runs only there. Null where something that would show it was not read.
 */
function inCluster(node: Reached<FactSet>): boolean | null {
  const domain = value(node, 'domain') as RmcDomainStatus | null;
  const controlPoints = value(node, 'controlPoints') as readonly Resource[] | null;
  const subsystems = value(node, 'subsystems') as readonly Subsystem[] | null;
  const peers = domain !== null && domain.peerDomain.length > 0;
  const active = controlPoints?.some((one) => (one['ActivePeerDomain'] ?? '') !== '') ?? false;
  const runs = subsystems?.some(
    (one) => ['cthags', 'clconfd', 'clstrmgrES'].includes(one.name) && one.status === 'active',
  );
  if (peers || active || runs === true) return true;
  return domain === null || controlPoints === null || subsystems === null ? null : false;
}

function reading(side: Reached<FactSet>, name: string): Reading<unknown> | undefined {
  return side.ok ? (side.facts as Readonly<Record<string, Reading<unknown>>>)[name] : undefined;
}

function value(side: Reached<FactSet>, name: string): unknown {
  const read = reading(side, name);
  return read?.kind === 'value' ? read.value : null;
}
