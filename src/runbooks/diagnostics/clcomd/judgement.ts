import type { Finding } from '../../../core/verdict.js';
import type { ClusterCollected } from '../../definition.js';
import { certificates, certificatesUnread } from './certificates.js';
import { clocks, managers } from './cluster.js';
import { failingPairs, intermittentPairs } from './communication.js';
import { daemons, notReachedNodes } from './daemon.js';
import { names } from './names.js';
import { lists } from './rhosts.js';
import { securityOf, type Security } from './security.js';
import { look, namesText, type Sight } from './sight.js';
import { factsUnread, pairsUnread } from './unread.js';

/** The decision tree, Q1 to Q7, in its order: what explains failing pairs comes before them. */
export function judgeClcomd(collected: ClusterCollected): readonly Finding[] {
  const sight = look(collected);
  const security = securityOf(sight);
  const roots = [
    ...notReachedNodes(sight),
    ...daemons(sight),
    ...lists(sight),
    ...names(sight),
    ...clocks(sight),
  ];
  const findings: readonly Finding[] = [
    ...roots.map(({ draft }) => draft),
    ...failingPairs(sight, roots, security),
    ...intermittentPairs(sight),
    ...managers(sight),
    ...certificates(sight, security),
    ...certificatesUnread(sight, security),
    ...factsUnread(sight),
    ...pairsUnread(sight),
  ];
  // A cluster without nodes has nothing wrong with it, and nothing was looked at.
  if (collected.cluster.nodes.length === 0 || collected.nodes.length !== collected.cluster.nodes.length)
    return [...findings, notAllAsked(collected)];
  return findings;
}

function notAllAsked({ cluster, nodes }: ClusterCollected): Finding {
  return {
    id: 'fact.unreadable',
    severity: 'unknown',
    title: `Not every node of ${cluster.name} was asked.`,
    expected: `${cluster.nodes.length} nodes`,
    observed: `${nodes.length} nodes`,
    evidence: [],
    fixes: [],
  };
}

/** What is worth saying of a healthy cluster: how it was proven, its level, and what protects its messages. */
export function remarkOnClcomd(collected: ClusterCollected): string | null {
  const sight = look(collected);
  const levels = sight.nodes.flatMap((node) => {
    const level = node.value('level');
    return level === null ? [] : [`${level.level} ${level.servicePack}`];
  });
  const tried = `${sight.pairs.length} pairs answered every time`;
  const level = levels.length === 0 ? [] : [`PowerHA ${namesText(levels)}`];
  return [tried, ...level, protection(sight, securityOf(sight))].join('; ');
}

function protection(sight: Sight, security: Security): string {
  if (security.kind === 'off') return 'message authentication off';
  if (security.kind === 'unknown') return 'message authentication not determined';
  const count = sight.collected.certificates.reduce((sum, { stores }) => sum + stores.length, 0);
  return security.kind === 'keys'
    ? 'message authentication on with symmetric keys'
    : `message authentication on with certificates (${count} files read)`;
}
