import type { NodeId } from '../../../aix/lsnodeid.js';
import { saysNoSuchFile } from '../../../aix/ls.js';
import type { Reading } from '../../../core/fact.js';
import type { KnownNode } from '../../../core/fleet.js';
import { sameForm } from '../../fleet-known.js';
import { twinsOf, type Twins } from '../../fleet.js';
import type { RmcCollected } from '../../diagnostics/rmc/facts.js';

/** The node ID in its three places; 16 lower-case digits, null where it is proven to be lost. */
export interface NodeIds {
  readonly said: string | null;
  readonly etc: string | null;
  readonly cfg: string | null;
}

/** The three places as read; a sentence where one of them was not. */
export function nodeIdsOf({ target, node }: RmcCollected): NodeIds | string {
  if (!node.ok) return `${target.name} was not reached: ${node.error.message}`;
  const { nodeId, nodeIdEtc, nodeIdCfg } = node.facts;
  const ids = { said: idIn(nodeId), etc: idIn(nodeIdEtc), cfg: idIn(nodeIdCfg) };
  const places = { said: 'lsnodeid', etc: '/etc/ct_node_id', cfg: '/var/ct/cfg/ct_node_id' } as const;
  for (const place of ['said', 'etc', 'cfg'] as const)
    if (ids[place] === undefined)
      return `The node ID of ${target.name} was not read from ${places[place]}, and what it is now must be saved first.`;
  const { said = null, etc = null, cfg = null } = ids;
  return { said, etc, cfg };
}

/** 2641-036 and a file that is not there say that the ID is lost; any other failure says nothing. */
function idIn(reading: Reading<NodeId> | undefined): string | null | undefined {
  if (reading?.kind === 'value') return sameForm(reading.value.nodeId);
  if (reading?.kind !== 'failure') return undefined;
  const { failure } = reading;
  const isLost = failure.code === '2641-036' || failure.code === '0652-050' || saysNoSuchFile(failure);
  return isLost ? null : undefined;
}

/** Whether all three places hold the same ID. */
export function areSound({ said, etc, cfg }: NodeIds): boolean {
  return said !== null && said === etc && said === cfg;
}

/** The other nodes that have this ID, by name, as the fleet was last read. */
export function othersWith(nodeId: string, name: string, fleet: readonly KnownNode[]): readonly string[] {
  return fleet
    .filter((one) => one.name !== name && one.nodeId !== null && sameForm(one.nodeId) === sameForm(nodeId))
    .map((one) => one.name)
    .sort();
}

/** The twins of a node, itself as it was read now and not as it was known. */
export function twinsNow(name: string, said: string | null, fleet: readonly KnownNode[]): Twins | null {
  const known = fleet.map((one) => (one.name === name ? { ...one, nodeId: said } : one));
  return twinsOf(name, known);
}
