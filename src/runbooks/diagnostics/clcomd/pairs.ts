import type { Evidence } from '../../../core/fact.js';
import { matrixLines, type PairMatrix } from '../../../core/pair-matrix.js';
import type { ClusterCollected } from '../../definition.js';
import { clcomdRounds } from './facts.js';

/** All tries of one ordered pair. `unread` counts those that did not take place. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly answered: number;
  readonly failed: number;
  readonly unread: number;
  readonly state: 'ok' | 'failing' | 'sometimes' | 'unread';
  /** What was said of tries that failed, each sentence once. */
  readonly said: readonly string[];
  /** Why tries did not take place. */
  readonly whyUnread: string | null;
  readonly evidence: readonly Evidence[];
}

/** Every ordered pair of the cluster, each node with itself included, whether it was tried or not. */
export function pairsOf(collected: ClusterCollected): readonly Pair[] {
  const names = collected.cluster.nodes.map(({ name }) => name);
  const rounds = roundsOf(collected);
  return names.flatMap((from) => names.map((to) => pairOf(collected, from, to, rounds)));
}

function roundsOf({ pairs }: ClusterCollected): number {
  return Math.max(clcomdRounds, ...pairs.map(({ round }) => round));
}

function pairOf({ pairs }: ClusterCollected, from: string, to: string, rounds: number): Pair {
  const tries = pairs.filter((one) => one.from === from && one.to === to).map(({ reading }) => reading);
  const failures = tries.flatMap((reading) => (reading.kind === 'failure' ? [reading] : []));
  const lost = tries.flatMap((reading) => (reading.kind === 'unread' ? [reading] : []));
  const answered = tries.filter(({ kind }) => kind === 'value').length;
  const failed = failures.length;
  const evidence = new Map(failures.map((one) => [one.failure.message, one.evidence]));
  return {
    from,
    to,
    answered,
    failed,
    unread: Math.max(0, rounds - answered - failed),
    state: stateOf(answered, failed, rounds),
    said: [...new Set(failures.map(({ failure }) => failure.message))],
    whyUnread:
      lost[0]?.error.message ?? (tries.length < rounds ? 'it was not tried as often as it should be' : null),
    evidence: [...evidence.values()].filter(({ excerpt }) => excerpt.trim() !== ''),
  };
}

function stateOf(answered: number, failed: number, rounds: number): Pair['state'] {
  if (failed > 0) return answered > 0 ? 'sometimes' : 'failing';
  return answered >= rounds ? 'ok' : 'unread';
}

/** Who reached whom, for a look at one glance. */
export function matrixOf(collected: ClusterCollected): PairMatrix {
  const nodes = collected.cluster.nodes.map(({ name }) => name);
  const pairs = pairsOf(collected);
  const cell = (from: string, to: string): number | null => {
    const pair = pairs.find((one) => one.from === from && one.to === to);
    return pair === undefined || pair.state === 'unread' ? null : pair.answered;
  };
  return {
    nodes,
    rounds: roundsOf(collected),
    answered: nodes.map((from) => nodes.map((to) => cell(from, to))),
  };
}

/** The matrix as the evidence of a finding about pairs. */
export function matrixEvidence(collected: ClusterCollected): Evidence {
  return {
    target: collected.cluster.name,
    command: '/usr/sbin/clrsh NODE /usr/bin/date, from every node to every node',
    excerpt: matrixLines(matrixOf(collected)).join('\n'),
  };
}

/** `erp1→erp2, erp2→erp1`. */
export function pairsText(pairs: readonly Pair[]): string {
  const shown = pairs.slice(0, 12).map(({ from, to }) => `${from}→${to}`);
  return pairs.length > 12 ? `${shown.join(', ')} and ${pairs.length - 12} more` : shown.join(', ');
}
