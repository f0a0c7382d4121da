import type { Attachment } from '../core/message.js';
import type { Reading } from '../core/fact.js';
import { matrixEvidence } from './diagnostics/clcomd/pairs.js';
import type { ClusterCollected } from './definition.js';
import { clcomdNodeFacts, clcomdRounds } from './diagnostics/clcomd/facts.js';
import { evidenceFile, readingLines } from './escalation.js';

/** What is read of a cluster for a file that goes to support. */
export const clusterEvidence = { node: clcomdNodeFacts, rounds: clcomdRounds } as const;

/** What only a person gathers. Source: AIX 7.2 commands, snap (-e gathers what belongs to PowerHA). */
const forSupport = [
  'On one node, as root:  /usr/sbin/snap -e   (gathers PowerHA’s data from all nodes; where clcomd does not reach them, run it on each)',
  'The time on every node (date) when the data was gathered.',
] as const;

/** Everything that was read about a cluster, as one file to attach to a support case. */
export function clusterBundle(collected: ClusterCollected): Attachment {
  const { cluster, nodes, startedAt, durationMs } = collected;
  const lines = [
    `Cluster ${cluster.name}: ${cluster.nodes.map(({ name }) => name).join(', ')}`,
    `Read ${startedAt}, within ${String(durationMs)} ms`,
    '',
    'What IBM support asks for besides',
    ...forSupport.map((line) => `  ${line}`),
    '',
    'clrsh from every node to every node',
    ...matrixEvidence(collected)
      .excerpt.split('\n')
      .map((line) => `  ${line}`),
    ...nodes.flatMap(({ target, node }) => [
      '',
      `Read on ${target.name}`,
      ...(node.ok
        ? Object.entries(node.facts as Readonly<Record<string, Reading<unknown>>>).flatMap(
            ([name, reading]) => readingLines(name, reading),
          )
        : [`  not reached: ${node.error.message}`]),
    ]),
  ];
  return evidenceFile(cluster.name, 'clcomd', lines);
}
