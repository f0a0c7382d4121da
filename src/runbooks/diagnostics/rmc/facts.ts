import { ctNodeId } from '../../../aix/ct-node-id.js';
import { interfaces } from '../../../aix/ifconfig.js';
import { nodeId } from '../../../aix/lsnodeid.js';
import { rsctFilesets } from '../../../aix/lslpp.js';
import { managementControlPoints } from '../../../aix/lsrsrc.js';
import { allSubsystems } from '../../../aix/lssrc.js';
import { sockets } from '../../../aix/netstat.js';
import { osLevel } from '../../../aix/oslevel.js';
import { rmcDomainStatus } from '../../../aix/rmcdomainstatus.js';
import { partition } from '../../../aix/uname-l.js';
import { hmcNetwork } from '../../../hmc/lshmc.js';
import { dlparPartitions } from '../../../hmc/lspartition.js';
import { dlparCapabilities, managedSystems, partitions } from '../../../hmc/lssyscfg.js';
import { systemConnections } from '../../../hmc/lssysconn.js';
import type { ManagedSystem } from '../../../core/target.js';
import type { Collected } from '../../definition.js';

/**
 * What is read on the node. Every one of them is needed for `ok`: a healthy verdict over a fact that nobody read
 * would be a guess.
 */
export const rmcNodeFacts = {
  partition,
  subsystems: allSubsystems,
  domain: rmcDomainStatus,
  controlPoints: managementControlPoints,
  nodeId,
  nodeIdEtc: ctNodeId('/etc/ct_node_id'),
  nodeIdCfg: ctNodeId('/var/ct/cfg/ct_node_id'),
  filesets: rsctFilesets,
  interfaces,
  level: osLevel,
  sockets,
};

/** What is read on the HMC about one managed system. All but `partitions` and `dlparCapabilities` are asked once for all of them. */
export function rmcHmcFacts(system: ManagedSystem) {
  return {
    systems: managedSystems,
    systemConnections,
    hmcNetwork,
    partitions: partitions(system.hmcName),
    dlparCapabilities: dlparCapabilities(system.hmcName),
    dlpar: dlparPartitions,
  };
}

export type RmcNodeFacts = typeof rmcNodeFacts;
export type RmcHmcFacts = ReturnType<typeof rmcHmcFacts>;
export type RmcCollected = Collected<RmcNodeFacts, RmcHmcFacts>;

/** The names of the HMC facts, for looking whether each was read. */
export const rmcHmcFactNames = [
  'systems',
  'systemConnections',
  'hmcNetwork',
  'partitions',
  'dlparCapabilities',
  'dlpar',
] as const satisfies readonly (keyof RmcHmcFacts)[];
