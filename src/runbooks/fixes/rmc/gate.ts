import {
  clusterFilesets,
  caaFilesets,
  scaleFilesets,
  saysNotInstalled,
  type Fileset,
} from '../../../aix/lslpp.js';
import { caaCluster } from '../../../aix/lscluster.js';
import { conditionResponses } from '../../../aix/lscondresp.js';
import { effectiveUser } from '../../../aix/id.js';
import { fileAt } from '../../../aix/ls.js';
import { physicalVolumes } from '../../../aix/lspv.js';
import { peerDomains } from '../../../aix/lsrpdomain.js';
import { cluster0 } from '../../../aix/odmget.js';
import { workloadPartition } from '../../../aix/uname-w.js';
import type { Fact, Reading } from '../../../core/fact.js';
import type { Proposal } from '../../../core/plan.js';
import { renderCommand } from '../../../core/remote-command.js';
import type { ManagedSystem } from '../../../core/target.js';
import { migrations } from '../../../hmc/lslparmigr.js';
import { rmcHmcFacts, rmcNodeFacts } from '../../diagnostics/rmc/facts.js';
import type { Sight } from '../../diagnostics/rmc/sight.js';

export type Refusal = Extract<Proposal, { kind: 'refused' }>;

/** Everything that gates ask of a node; each gate names the ones that it needs. */
export const gateNodeFacts = {
  partition: rmcNodeFacts.partition,
  subsystems: rmcNodeFacts.subsystems,
  domain: rmcNodeFacts.domain,
  controlPoints: rmcNodeFacts.controlPoints,
  filesets: rmcNodeFacts.filesets,
  peerDomains,
  physicalVolumes,
  caaFilesets,
  caaCluster,
  cluster0,
  clusterFilesets,
  scaleFilesets,
  conditionResponses,
  rmcAcls: fileAt('/var/ct/cfg/ctrmc.acls'),
  workloadPartition,
  effectiveUser,
};

/** Everything that gates ask of the HMC. */
export function gateHmcFacts(system: ManagedSystem) {
  const { systems, partitions } = rmcHmcFacts(system);
  return { systems, partitions, migrations: migrations(system.hmcName) };
}

type NodeFacts = typeof gateNodeFacts;
type HmcFacts = ReturnType<typeof gateHmcFacts>;
export type NodeFactName = keyof NodeFacts;
export type HmcFactName = keyof HmcFacts;

type ReadingsOf<S> = { readonly [K in keyof S]?: S[K] extends Fact<infer T> ? Reading<T> : never };

/** What was read for the gates; a name that is missing was not asked, and counts as not read. */
export interface GateSight extends Sight {
  readonly node: ReadingsOf<NodeFacts>;
  /** Null where no HMC of ours manages the node. */
  readonly hmc: ReadingsOf<HmcFacts> | null;
}

/** One hard gate. `test` gives the reason why it refuses, in words, or null where the way is free. */
export interface Gate {
  /** What people know it by: `G1` to `G11`. */
  readonly gate: string;
  readonly needs: { readonly node: readonly NodeFactName[]; readonly hmc: readonly HmcFactName[] };
  readonly source: string;
  readonly test: (sight: GateSight) => string | null;
}

export const technote = 'IBM technote T1020611';

/** Why a fact is not known, in words; null when it has a value. */
export function unread(sight: GateSight, name: NodeFactName): string | null {
  return notRead(sight.node[name], renderCommand(gateNodeFacts[name].command), sight.target.name);
}

/** The same for a fact of the HMC. */
export function unreadOnHmc(sight: GateSight, name: HmcFactName): string | null {
  const { system } = sight.target;
  if (system === null) return null;
  const fact = gateHmcFacts(system)[name];
  return notRead(sight.hmc?.[name], renderCommand(fact.command), system.hmc.name);
}

function notRead(reading: Reading<unknown> | undefined, command: string, where: string): string | null {
  if (reading?.kind === 'value') return null;
  const why =
    reading === undefined
      ? 'it was not asked'
      : reading.kind === 'failure'
        ? reading.failure.message
        : reading.error.message;
  return `${command} on ${where} was not read (${oneLine(why)})`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 200);
}

/** The first reason why one of the facts is not known. */
export function firstUnread(sight: GateSight, names: readonly NodeFactName[]): string | null {
  for (const name of names) {
    const why = unread(sight, name);
    if (why !== null) return why;
  }
  return null;
}

/** Whether a fileset is there; a sentence why nobody knows. "Not installed" is an answer, any other failure is none. */
export function isInstalled(
  sight: GateSight,
  name: 'caaFilesets' | 'clusterFilesets' | 'scaleFilesets',
): boolean | string {
  const reading: Reading<readonly Fileset[]> | undefined = sight.node[name];
  if (reading?.kind === 'value') return reading.value.length > 0;
  if (reading?.kind === 'failure' && saysNotInstalled(reading.failure)) return false;
  return unread(sight, name) ?? 'it was not read';
}
