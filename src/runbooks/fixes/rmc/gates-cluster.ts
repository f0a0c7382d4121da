import { saysNoCluster } from '../../../aix/lscluster.js';
import { repositoryDisks } from '../../../aix/lspv.js';
import { caaNodeUuid } from '../../../aix/odmget.js';
import { statusOf, valueOf, type Sight } from '../../diagnostics/rmc/sight.js';
import { firstUnread, isInstalled, technote, type Gate, type GateSight } from './gate.js';

type Counts = 'active' | 'present';

/** A tell-tale in `lssrc -a`. `active` counts unless inoperative or absent, `present` when it is on file at all. */
function hit(sight: Sight, names: readonly string[], counts: Counts): string | null {
  const found = names.find((name) => {
    const status = statusOf(sight, name);
    if (counts === 'present') return status !== 'absent';
    return status !== 'absent' && status !== 'inoperative';
  });
  return found === undefined ? null : `${found} is ${statusOf(sight, found) ?? 'not read'}`;
}

function dependsOnRsct(sight: GateSight, what: string, sign: string): string {
  return `${sight.target.name} has ${what} (${sign}): changing RSCT there can disturb what runs on it.`;
}

function cannotSay(sight: GateSight, what: string, why: string): string {
  return `Nobody can say whether ${sight.target.name} has ${what}: ${why}.`;
}

function bySubsystems(what: string, names: readonly string[], counts: Counts): Gate['test'] {
  return (sight) => {
    const why = firstUnread(sight, ['subsystems']);
    if (why !== null) return cannotSay(sight, what, why);
    const sign = hit(sight, names, counts);
    return sign === null ? null : dependsOnRsct(sight, what, sign);
  };
}

const caa = 'Cluster Aware AIX';
const caaSource = `${technote}; AIX 7.2 lscluster and lspv; RSCT 3.2 clusterconf man page`;
const caaRuns = bySubsystems(caa, ['clconfd', 'cthags'], 'active');

/** G2 for a restart: no node of a running CAA cluster. */
export const noCaaRunning: Gate = {
  gate: 'G2',
  needs: { node: ['subsystems'], hmc: [] },
  source: technote,
  test: caaRuns,
};

/** G2 for a rebuild: neither a subsystem nor a repository disk nor `lscluster` knows of a CAA cluster, running or stopped. */
export const noCaa: Gate = {
  gate: 'G2',
  needs: { node: ['subsystems', 'physicalVolumes', 'caaFilesets', 'caaCluster', 'cluster0'], hmc: [] },
  source: caaSource,
  test: (sight) => caaRuns(sight) ?? repositoryDisk(sight) ?? lsclusterSays(sight),
};

function repositoryDisk(sight: GateSight): string | null {
  const why = firstUnread(sight, ['physicalVolumes', 'cluster0']);
  if (why !== null) return cannotSay(sight, caa, why);
  const [disk] = repositoryDisks(valueOf(sight.node.physicalVolumes) ?? []);
  if (disk === undefined) return null;
  const uuid = caaNodeUuid(valueOf(sight.node.cluster0) ?? []);
  const member = uuid === null ? '' : `, and cluster0 has node_uuid ${uuid}`;
  return dependsOnRsct(sight, caa, `${disk.name} is in ${disk.volumeGroup ?? ''}${member}`);
}

/** Without bos.cluster.rte there is neither the command nor the cluster. */
function lsclusterSays(sight: GateSight): string | null {
  const installed = isInstalled(sight, 'caaFilesets');
  if (installed === false) return null;
  if (installed !== true) return cannotSay(sight, caa, installed);
  const reading = sight.node.caaCluster;
  if (reading?.kind === 'value') return dependsOnRsct(sight, caa, `cluster ${reading.value.name}`);
  if (reading?.kind === 'failure' && saysNoCluster(reading.failure)) return null;
  const why = firstUnread(sight, ['caaCluster']) ?? 'lscluster -c was not read';
  return cannotSay(sight, caa, why);
}

const powerHa = ['clstrmgrES', 'clstrmgr'];
const powerHaOnFile = bySubsystems('PowerHA', powerHa, 'present');

/** G3: no PowerHA, by its subsystem and by its fileset; a stopped one counts. */
export const noPowerHa: Gate = {
  gate: 'G3',
  needs: { node: ['subsystems', 'clusterFilesets'], hmc: [] },
  source: `${technote}; PowerHA SystemMirror 7.2, installed filesets`,
  test: (sight) => {
    const found = powerHaOnFile(sight);
    if (found !== null) return found;
    const installed = isInstalled(sight, 'clusterFilesets');
    if (installed === false) return null;
    if (installed !== true) return cannotSay(sight, 'PowerHA', installed);
    return dependsOnRsct(sight, 'PowerHA', 'cluster.es.server.rte is installed');
  },
};

const tsamp = 'System Automation, Db2 HADR or pureScale';
const tsampNames = ['IBM.RecoveryRM', 'IBM.GblResRM'];
const restartSource = `${technote}; that a stopped resource manager can reset the node is field knowledge`;

/** G4 for a restart: no resource manager of System Automation runs. */
export const noAutomationRunning: Gate = {
  gate: 'G4',
  needs: { node: ['subsystems'], hmc: [] },
  source: restartSource,
  test: bySubsystems(tsamp, tsampNames, 'active'),
};

/** G4 for a rebuild: none is on file, for its definitions would go. */
export const noAutomation: Gate = {
  ...noAutomationRunning,
  test: bySubsystems(tsamp, tsampNames, 'present'),
};

const scale = 'IBM Storage Scale (GPFS)';

/** G6: no Storage Scale, by its fileset and by its subsystem where one is on file; pureScale couples it to RSCT. */
export const noScale: Gate = {
  gate: 'G6',
  needs: { node: ['subsystems', 'scaleFilesets'], hmc: [] },
  source: `${technote}; Db2 pureScale, which couples RSCT and Storage Scale`,
  test: (sight) => {
    const found = bySubsystems(scale, ['mmfsd', 'mmfs', 'mmfsd64'], 'present')(sight);
    if (found !== null) return found;
    const installed = isInstalled(sight, 'scaleFilesets');
    if (installed === false) return null;
    if (installed !== true) return cannotSay(sight, scale, installed);
    return dependsOnRsct(sight, scale, 'gpfs.base is installed');
  },
};

const recovery = 'VM Recovery Manager';
const recoveryNames = ['IBM.VMR', 'ksys_vmmon', 'ksys'];

/** G7 for a restart: nothing of VM Recovery Manager runs. */
export const noRecoveryManagerRunning: Gate = {
  gate: 'G7',
  needs: { node: ['subsystems'], hmc: [] },
  source: `${technote}; VM Recovery Manager, KSYS subsystem and host monitor`,
  test: bySubsystems(recovery, recoveryNames, 'active'),
};

/** G7 for a rebuild: nothing of it is on file. */
export const noRecoveryManager: Gate = {
  ...noRecoveryManagerRunning,
  test: bySubsystems(recovery, recoveryNames, 'present'),
};
