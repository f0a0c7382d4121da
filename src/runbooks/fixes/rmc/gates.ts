import type { Proposal } from '../../../core/plan.js';
import type { Fileset } from '../../../aix/lslpp.js';
import type { PeerDomain } from '../../../aix/lsrpdomain.js';
import type { Reading } from '../../../core/fact.js';
import type { RmcCollected, RmcFixCollected } from '../../diagnostics/rmc/facts.js';
import { statusOf, valueOf, type Sight } from '../../diagnostics/rmc/sight.js';

export type Refusal = Extract<Proposal, { kind: 'refused' }>;

/** Says why a fix must not be planned, or null. Whatever cannot be read refuses as a hit would. */
export type Gate = (sight: Sight) => Refusal | null;

/** The first gate that refuses, in order. */
export function firstRefusal(sight: Sight, gates: readonly Gate[]): Refusal | null {
  for (const gate of gates) {
    const refusal = gate(sight);
    if (refusal !== null) return refusal;
  }
  return null;
}

const technote = 'IBM technote T1020611';
const manPages = 'RSCT 3.2 lsrpdomain, rmcdomainstatus and rmcctrl man pages';

/**
 * What shows that a cluster product lives on RSCT here. `active` counts unless inoperative or absent; `present`
 * counts when it is on file at all.
 */
const tellTales: readonly {
  gate: string;
  names: readonly string[];
  counts: 'active' | 'present';
  what: string;
}[] = [
  { gate: 'G2', names: ['clconfd', 'cthags'], counts: 'active', what: 'Cluster Aware AIX' },
  { gate: 'G3', names: ['clstrmgrES', 'clstrmgr'], counts: 'present', what: 'PowerHA' },
  {
    gate: 'G4',
    names: ['IBM.RecoveryRM', 'IBM.GblResRM'],
    counts: 'active',
    what: 'System Automation, Db2 HADR or pureScale',
  },
  { gate: 'G7', names: ['IBM.VMR', 'ksys_vmmon'], counts: 'active', what: 'VM Recovery Manager' },
];

/** Subsystems that tell of a peer domain online: it needs Group Services. IBM.ConfigRM runs on plain LPARs too. */
const peerDomainSubsystems = [
  'cthags',
  'cthats',
  'IBM.StorageRM',
  'IBM.TestRM',
  'IBM.GblResRM',
  'IBM.RecoveryRM',
];

/** G2, G3, G4, G7: nothing on the node that keeps workload by RSCT may lose it. */
export const noCluster: Gate = (sight) => {
  if (sight.subsystems === null)
    return refused(
      'G2',
      `lssrc -a on ${sight.target.name} was not read, so that nobody can say whether a cluster depends on RSCT.`,
      technote,
    );
  for (const { gate, names, counts, what } of tellTales) {
    const hit = names.find((name) => {
      const status = statusOf(sight, name);
      return counts === 'present' ? status !== 'absent' : status !== 'absent' && status !== 'inoperative';
    });
    if (hit !== undefined) {
      const status = statusOf(sight, hit) ?? '';
      return refused(
        gate,
        `${sight.target.name} has ${what} (${hit} is ${status}): restarting RSCT there can disturb what runs on it.`,
        technote,
      );
    }
  }
  return null;
};

/**
 * G1: no peer domain, online or only defined. A stopped ctrmc answers neither rmcdomainstatus nor lsrsrc nor
 * lsrpdomain. The node is then online in no peer domain: that needs ctrmc and Group Services. `rmcctrl -z` has nothing
 * to stop, and `rmcctrl -A` starts what a boot would start and removes no definition (only recfgct does). So a stopped
 * ctrmc passes when no tell-tale runs and the inventory names no cluster; everything else that is unread refuses.
 * Source: RSCT 3.2 rmcctrl, lsrpdomain and recfgct man pages.
 */
export function noPeerDomain(collected: RmcFixCollected): Gate {
  const node = collected.node.ok ? collected.node.facts : null;
  return (sight) => {
    const { name } = sight.target;
    const isStopped = statusOf(sight, 'ctrmc') === 'inoperative';
    const readings = [node?.peerDomains, node?.domain, node?.controlPoints];
    const silent = readings.findIndex((reading) =>
      isStopped ? !isNoAnswerFromStopped(reading) : reading?.kind !== 'value',
    );
    const isSettled =
      silent < 0 ||
      (silent === 0 &&
        !isStopped &&
        lacksPeerDomainTools(node?.filesets) &&
        readings.slice(1).every((one) => one?.kind === 'value'));
    if (!isSettled)
      return unseen(
        name,
        readings[silent],
        ['lsrpdomain', 'rmcdomainstatus', 'lsrsrc IBM.MCP'][silent] ?? '',
      );
    if (isStopped && hasTellTale(sight) !== null) return hasTellTale(sight);
    return showsPeerDomain(sight, valueOf(node?.peerDomains) ?? []);
  };
}

/** With ctrmc stopped the command's own failure is the answer to expect; a hang or nonsense is not. */
function isNoAnswerFromStopped(reading: Reading<unknown> | undefined): boolean {
  return reading !== undefined && (reading.kind !== 'unread' || reading.error.class === 'CommandError');
}

/** IBM.ConfigRM and the peer domain commands come with this fileset: without it there is no peer domain, nor lsrpdomain. */
function lacksPeerDomainTools(reading: Reading<readonly Fileset[]> | undefined): boolean {
  const filesets = valueOf(reading);
  return filesets !== null && !filesets.some((one) => one.fileset === 'rsct.basic.rte');
}

function unseen(name: string, reading: Reading<unknown> | undefined, command: string): Refusal {
  const why = reading?.kind === 'unread' ? reading.error.message : 'it did not answer.';
  return refused(
    'G1',
    `Nobody can say whether ${name} is in a peer domain: ${command} was not read (${why})`,
    manPages,
  );
}

function hasTellTale(sight: Sight): Refusal | null {
  const { name, cluster } = sight.target;
  if (cluster !== null)
    return refused(
      'G1',
      `ctrmc is stopped on ${name}, so it cannot say whether it is in a peer domain, and the inventory has it in cluster ${cluster}.`,
      manPages,
    );
  const running = peerDomainSubsystems.find(
    (one) => !['inoperative', 'absent'].includes(statusOf(sight, one) ?? ''),
  );
  if (running === undefined) return null;
  return refused(
    'G1',
    `ctrmc is stopped on ${name} and ${running} is not, which only a peer domain explains.`,
    manPages,
  );
}

function showsPeerDomain(
  { target, domain, controlPoints }: Sight,
  defined: readonly PeerDomain[],
): Refusal | null {
  const { name } = target;
  const isIn = `${name} is in an RSCT peer domain`;
  const risk = 'restarting RMC there can disturb what the domain keeps.';
  const [first] = defined;
  if (first !== undefined)
    return refused('G1', `${isIn} (${first.name}, ${first.opState}): ${risk}`, technote);
  if ((domain?.peerDomain.length ?? 0) > 0)
    return refused('G1', `${isIn} (rmcdomainstatus): ${risk}`, technote);
  const named = (controlPoints ?? []).map((resource) => resource.ActivePeerDomain);
  if (named.includes(undefined))
    return refused('G1', `IBM.MCP on ${name} does not say ActivePeerDomain.`, manPages);
  if (named.some((one) => one !== ''))
    return refused('G1', `${isIn} (IBM.MCP ActivePeerDomain): ${risk}`, technote);
  return null;
}

/** G5: a VIOS may serve a shared storage pool, and its twin may be down; neither can be seen yet. */
export const noVios: Gate = (sight) => {
  if (sight.partition.kind !== 'found' || sight.partition.row.lpar_env !== 'vioserver') return null;
  return refused(
    'G5',
    `${sight.target.name} is a VIOS: whether it is in a shared storage pool, or its twin is down, cannot be seen.`,
    technote,
  );
};

/**
 * G10: the node is the LPAR that is meant. By LPAR id from both `uname -L` and the inventory; where the inventory has
 * none, by the LPAR name that `uname -L` and the HMC both give that id. On Power Virtual Server there is no HMC to ask.
 */
export const sameLpar: Gate = (sight) => {
  const { target, identity, partition } = sight;
  const no = (reason: string) =>
    refused('G10', reason, 'RSCT 3.2, "Checking the status of the RMC connections on the HMC"');
  if (identity.kind === 'contradiction')
    return no(
      `${target.name} says that its LPAR id is ${identity.said}; the inventory says ${String(identity.expected ?? 'nothing')}.`,
    );
  if (identity.kind !== 'confirmed')
    return no(`${target.name} did not say which LPAR it is (uname -L was not read).`);
  if (target.platform === 'powervs' && sight.collected.hmc === null) return null;
  if (sight.system.kind !== 'found' || partition.kind !== 'found')
    return no(
      `The HMC did not confirm that ${target.name} is LPAR ${identity.lparId} on ${target.system?.hmcName ?? 'its managed system'}.`,
    );
  if (!hasMachine(sight))
    return no(`The HMC did not give machine type and serial of the managed system of ${target.name}.`);
  if (target.lparId !== null || partition.row.name === saidName(sight.collected)) return null;
  return no(
    `The HMC names LPAR ${identity.lparId} ${String(partition.row.name)}, ${target.name} names itself ${saidName(sight.collected)}; lparId in the inventory would settle it.`,
  );
};

function hasMachine({ system }: Sight): boolean {
  return system.kind === 'found' && Boolean(system.row.type_model) && Boolean(system.row.serial_num);
}

function saidName({ node }: RmcCollected): string {
  return node.ok && node.facts.partition.kind === 'value' ? node.facts.partition.value.name : 'nothing';
}

function refused(gate: string, reason: string, source: string): Refusal {
  return { kind: 'refused', gate, reason, source };
}
