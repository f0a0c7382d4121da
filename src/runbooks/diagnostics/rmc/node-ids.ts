import type { Reading } from '../../../core/fact.js';
import { nodeIdDuplicate } from '../../fleet.js';
import { sameForm } from '../../fleet-known.js';
import { curesOf } from './cures.js';
import { rowEvidence } from './domain.js';
import { connectionSymptoms, showing, type Rule } from './rule.js';
import { statusOf, valueOf, type Sight } from './sight.js';

/**
 * Row 9: another LPAR has the same node ID: one of the two is a clone. What the fleet knows proves it. A connection in
 * state Z, suspended because it goes up and down too fast, is a hint at it from field knowledge, and no proof.
 */
export const nodeIdDuplicated: Rule = {
  row: '9',
  explains: connectionSymptoms,
  find(sight) {
    const proven = nodeIdDuplicate(sight.collected);
    if (proven !== null) {
      const flaps = sight.link.state === 'Z' ? rowEvidence(sight) : [];
      const { fixes, evidence } = proven;
      return [
        {
          ...proven,
          evidence: [...evidence, ...flaps],
          // Only the clone is ever changed: where this is the original, or nobody knows, nothing is offered here.
          fixes: fixes.length === 0 ? [] : curesOf('rsct.node-id-duplicate'),
        },
      ];
    }
    return sight.link.state === 'Z' && statusOf(sight, 'ctrmc') === 'active' ? [suspended(sight)] : [];
  },
};

function suspended(sight: Sight): ReturnType<Rule['find']>[number] {
  const known = sight.collected.fleet?.length ?? 0;
  return {
    id: 'rsct.node-id-duplicate',
    severity: 'unknown',
    title: `RMC on ${sight.target.name} has suspended the connection because it goes up and down too fast. Two LPARs with one RSCT node ID do that: look for a clone.`,
    expected: 'state I (up)',
    observed: `state Z (suspended); ${known > 1 ? `no other of the ${known} nodes that were read has its node ID` : 'no other node was read'}`,
    evidence: rowEvidence(sight),
    fixes: [],
  };
}

/** Row 10: the node ID is not the same in the three places that hold it, or is lost (2641-036). */
export const nodeIdMismatch: Rule = {
  row: '10',
  explains: [
    'fact.unreadable:node.nodeId',
    'fact.unreadable:node.nodeIdEtc',
    'fact.unreadable:node.nodeIdCfg',
    ...connectionSymptoms,
  ],
  find(sight) {
    if (!sight.collected.node.ok) return [];
    const { nodeId, nodeIdEtc, nodeIdCfg } = sight.collected.node.facts;
    const readings = [nodeId, nodeIdEtc, nodeIdCfg];
    const ids = readings.map(valueOf).filter((value) => value !== null);
    const lost = isLost(nodeId);
    if (!lost && new Set(ids.map((id) => sameForm(id.nodeId))).size < 2) return [];
    return [
      {
        id: 'rsct.node-id-mismatch',
        severity: 'crit',
        title: `The RSCT node ID of ${sight.target.name} is ${lost ? 'lost' : 'not the same everywhere'}.`,
        expected: 'one node ID in lsnodeid, /etc/ct_node_id and /var/ct/cfg/ct_node_id',
        observed: lost ? '2641-036: no node ID is assigned' : ids.map((id) => id.nodeId).join(', '),
        evidence: readings.flatMap((reading) => showing(reading, () => true)),
        fixes: curesOf('rsct.node-id-mismatch'),
      },
    ];
  },
};

function isLost(reading: Reading<unknown> | undefined): boolean {
  return reading?.kind === 'failure' && reading.failure.code === '2641-036';
}
