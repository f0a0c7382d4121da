/** What is run as root because an inventory declares certificates or clusters. Pure. */
import { sumOf } from '../../aix/cksum.js';
import { dateOver, isNodeName } from '../../aix/clrsh.js';
import { fileType } from '../../aix/file-type.js';
import { entryAt } from '../../aix/ls-le.js';
import type { Fact } from '../../core/fact.js';
import type { RemoteCommand } from '../../core/remote-command.js';
import type { CertificateRule, ClusterTarget, NodeTarget } from '../../core/target.js';
import { derAsPem, kdbLabels, pemBlocks, pkcs12Certificates } from '../certificates/commands.js';
import { nextStep } from '../certificates/globs.js';
import { storesNamedIn } from '../certificates/named-stores.js';
import { formatOf, listedAt, mayBeDer } from '../certificates/places.js';
import { clcomdNodeFacts } from '../diagnostics/clcomd/facts.js';
import { clcomdLog, refreshClcomd, showLog, startClcomd, stopClcomd } from '../fixes/clcomd/commands.js';
import { clusterFacts } from '../fixes/clcomd/facts.js';

/** Reading the declared certificates of nodes; `left` are declared paths that are no one file. */
export function certificateCommands(nodes: readonly NodeTarget[]): {
  readonly commands: readonly RemoteCommand[];
  readonly left: readonly string[];
} {
  const rules = nodes
    .flatMap(({ certificates = [] }) => certificates)
    .filter(({ path }) => path.startsWith('/'));
  const single = rules.filter(({ path }) => nextStep(path) === null);
  const left = rules.filter((rule) => !single.includes(rule)).map(({ path }) => path);
  return {
    commands: single.flatMap(factsOf).map(({ command }) => command),
    left: [...new Set(left)],
  };
}

function factsOf({ path, passwordFile }: CertificateRule): readonly Fact<unknown>[] {
  const listing = listedAt(path);
  const configuration = storesNamedIn(path);
  if (configuration !== null) return [listing, configuration];
  const format = formatOf({ path, isKdb: false });
  if (format === 'kdb') return [listing, kdbLabels(path)];
  if (format === 'pkcs12')
    return [listing, ...(passwordFile === undefined ? [] : pkcs12(path, passwordFile))];
  if (format !== 'text') return [listing];
  return [listing, pemBlocks(path, 0), ...(mayBeDer(path) ? [derAsPem(path)] : [])];
}

function pkcs12(path: string, passwordFile: string): readonly Fact<unknown>[] {
  return [false, true].map((isLegacy) => pkcs12Certificates(path, passwordFile, isLegacy));
}

/** Reading clusters, and what clcomd-start and clcomd-refresh run; from every node of a cluster to every other. */
export function clusterCommands(clusters: readonly ClusterTarget[]): readonly RemoteCommand[] {
  if (clusters.length === 0) return [];
  const facts: readonly Fact<unknown>[] = [
    ...Object.values(clcomdNodeFacts),
    ...Object.values(clusterFacts),
    ...clusters.flatMap(({ nodes }) =>
      nodes
        .map(({ name }) => name)
        .filter(isNodeName)
        .map(dateOver),
    ),
    ...clusters.flatMap(({ certificateTool: tool }) => [entryAt(tool), sumOf(tool), fileType(tool)]),
  ];
  const steps = [startClcomd, stopClcomd, refreshClcomd, clcomdLog, showLog.command];
  return [...facts.map(({ command }) => command), ...steps];
}
