import { sumsBelow } from '../../../aix/cksum.js';
import { freeSpace } from '../../../aix/df.js';
import { logTail, type LogTail } from '../../../aix/log-tail.js';
import { entriesBelow } from '../../../aix/ls-le.js';
import { physicalVolumes } from '../../../aix/lspv.js';
import { odmgetReader } from '../../../aix/odmget.js';
import { processes } from '../../../aix/ps-ef.js';
import type { Fact, Reading } from '../../../core/fact.js';
import { nodeRead, renderCommand } from '../../../core/remote-command.js';
import { clcomdNodeFacts } from '../../diagnostics/clcomd/facts.js';
import { lookAtNodes, type NodeSight } from '../../diagnostics/clcomd/sight.js';
import type { ClusterCollected } from '../../definition.js';

/** Where the communication of a cluster is configured: what a change saves first. */
export const clusterDirectory = '/etc/cluster';

/**
 * cluster.log below PowerHA's logs, where it was written to within the last 15 minutes: PowerHA notes in it the start and
 * the end of each event. Nothing is printed where nothing happened. NOT PROVEN: its place is field knowledge, which is why
 * it is looked for by name.
 */
const lastEvents: Fact<LogTail> = {
  command: nodeRead(
    '/usr/bin/find',
    ['/var/hacmp', '-name', 'cluster.log', '-mmin', '-15'],
    'AIX 7.2 commands, find; PowerHA SystemMirror 7.2, cluster.log',
    { needsRoot: true },
  ),
  reader: logTail('/var/hacmp/clcomd/clcomd.log', 1).reader,
};

/** Everything that gates, plans and checks of a cluster ask of a node, by name. */
export const clusterFacts = {
  hostname: clcomdNodeFacts.hostname,
  utc: clcomdNodeFacts.utc,
  clcomd: clcomdNodeFacts.clcomd,
  clcomdES: clcomdNodeFacts.clcomdES,
  level: clcomdNodeFacts.level,
  manager: clcomdNodeFacts.manager,
  groups: clcomdNodeFacts.groups,
  members: clcomdNodeFacts.members,
  interfaces: clcomdNodeFacts.interfaces,
  addresses: clcomdNodeFacts.addresses,
  rhosts: clcomdNodeFacts.rhosts,
  security: clcomdNodeFacts.security,
  /** PowerHA's own list of its nodes, each with the version that it runs. */
  nodeVersions: {
    command: nodeRead('/usr/bin/odmget', ['HACMPnode'], 'PowerHA SystemMirror 7.2, HACMPnode; AIX, odmget'),
    reader: odmgetReader,
  },
  lastEvents,
  processes,
  disks: physicalVolumes,
  space: freeSpace('/var'),
  sums: sumsBelow(clusterDirectory),
  entries: entriesBelow(clusterDirectory),
};

type Facts = typeof clusterFacts;
export type ClusterFactName = keyof Facts;
export type ClusterValue<K extends ClusterFactName> = Facts[K] extends Fact<infer T> ? T : never;

/** A fact of a node: its value, or why it has none, in words. */
export type Known<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** What is known of a fact of a node; what was not asked counts as not read. */
export function known<K extends ClusterFactName>(node: NodeSight, name: K): Known<ClusterValue<K>> {
  const reading = node.reading(name) as Reading<ClusterValue<K>> | undefined;
  if (reading?.kind === 'value') return { ok: true, value: reading.value };
  return { ok: false, why: notRead(node, renderCommand(clusterFacts[name].command), reading) };
}

/** Why a reading is none, as part of a sentence. */
export function notRead(node: NodeSight, command: string, reading: Reading<unknown> | undefined): string {
  if (node.error !== null) return `${node.name} was not reached (${oneLine(node.error.message)})`;
  const why =
    reading === undefined
      ? 'it was not asked'
      : reading.kind === 'failure'
        ? reading.failure.message
        : reading.kind === 'unread'
          ? reading.error.message
          : 'it said something else';
  return `${command} on ${node.name} was not read (${oneLine(why)})`;
}

/** The nodes of a cluster as the diagnostic looks at them. */
export function nodesIn(collected: ClusterCollected): readonly NodeSight[] {
  return lookAtNodes(collected.nodes).nodes;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 200);
}
