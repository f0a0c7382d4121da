/**
 * `clcomd`: does the cluster communication daemon reach every node from every node, and if not, why? The table of
 * causes is in `clcomd/`, in the order in which it asks.
 */
import { clusterDiagnostic } from '../definition.js';
import { clcomdNodeFacts, clcomdRounds, errorLogFact } from './clcomd/facts.js';
import { judgeClcomd, remarkOnClcomd } from './clcomd/judgement.js';
import { resolutionFacts, wordsToResolve } from './clcomd/names.js';
import { matrixOf } from './clcomd/pairs.js';
import { certificatesNamed } from './clcomd/security.js';
import { lookAtNodes } from './clcomd/sight.js';

/** A PowerHA cluster's communication, judged over all its nodes together. It only reads. */
export const clcomd = clusterDiagnostic({
  id: 'clcomd',
  title: 'Cluster communication (clcomd) between all nodes of a PowerHA cluster',
  node: clcomdNodeFacts,
  rounds: clcomdRounds,
  followUp: (nodes) => {
    const sight = lookAtNodes(nodes);
    const isDown = sight.nodes.some((node) => node.error === null && node.clcomd === 'inoperative');
    return { ...resolutionFacts(wordsToResolve(sight)), ...(isDown ? { errorLog: errorLogFact } : {}) };
  },
  certificatesNamed: (node) => certificatesNamed(lookAtNodes([node])),
  judge: judgeClcomd,
  matrix: matrixOf,
  remark: remarkOnClcomd,
});
