import type { CertificateParser, NodeCertificates } from '../core/certificate.js';
import { CommandError, errorInfo, type ErrorInfo } from '../core/errors.js';
import type { Evidence, FactSet } from '../core/fact.js';
import type { ClusterTarget, NodeTarget } from '../core/target.js';
import {
  peerNames,
  probeFacts,
  tryFacts,
  tryReading,
  zonesOf,
  type Zones,
} from '../runbooks/cluster-probe.js';
import type { ClusterCollected, ClusterDiagnostic, PairTry, Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { ask, outcomesOf } from './ask.js';
import { readCertificates } from './read-certificates.js';
import { toReading } from './reading.js';

/** What is to be read: a cluster's diagnostic or fix has these. */
export type ClusterQuestions = Pick<ClusterDiagnostic, 'node' | 'rounds'> &
  Partial<Pick<ClusterDiagnostic, 'followUp' | 'certificatesNamed'>>;

export interface ClusterTools {
  readonly ssh: Transport;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Makes sense of certificates. */
  readonly parser: CertificateParser;
}

/** One of a node's channels stays free, so that somebody else's question does not wait for a dead peer's half minutes. */
const pairsAtOnce = 3;

type Nodes = ClusterCollected['nodes'];

/**
 * Reads every node of a cluster in parallel, then tries every ordered pair, each node's own included, `rounds` times.
 * A try has 30 s, and tries of a caller run side by side: one dead node costs 30 s in all. A node or a pair that cannot
 * be read is a value; what is thrown is the abort of `signal`.
 */
export async function readCluster(
  questions: ClusterQuestions,
  cluster: ClusterTarget,
  tools: ClusterTools,
  signal?: AbortSignal,
): Promise<ClusterCollected> {
  const startedAt = tools.clock();
  const first = await askAll(cluster.nodes, () => ({ ...probeFacts, ...questions.node }), tools.ssh, signal);
  const [nodes, pairs, certificates] = await Promise.all([
    askMore(first, questions.followUp?.(first) ?? null, tools.ssh, signal),
    tryPairs(first, questions.rounds, tools.ssh, signal),
    readCertificatesOf(first, { questions, cluster }, tools, signal),
  ]);
  const endedAt = tools.clock();
  return {
    cluster,
    nodes,
    pairs,
    certificates,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
  };
}

function askAll(
  targets: readonly NodeTarget[],
  facts: (target: NodeTarget) => FactSet,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Nodes> {
  return Promise.all(
    targets.map(async (target) => ({ target, node: await ask(target, facts(target), ssh, signal) })),
  );
}

/** The second round trip; who was not reached in the first is not asked again. */
async function askMore(
  nodes: Nodes,
  facts: FactSet | null,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Nodes> {
  if (facts === null || Object.keys(facts).length === 0) return nodes;
  return Promise.all(
    nodes.map(async ({ target, node }) => {
      if (!node.ok) return { target, node };
      const more = await ask(target, facts, ssh, signal);
      return { target, node: { ok: true, facts: { ...node.facts, ...readingsOf(target, facts, more) } } };
    }),
  );
}

/** A node that was lost between the two looks has not answered the second: each of its facts is unread. */
function readingsOf(target: NodeTarget, facts: FactSet, more: Reached<FactSet>) {
  if (more.ok) return more.facts;
  const { error } = more;
  return Object.fromEntries(
    Object.entries(facts).map(([name, { command }]) => {
      const evidence: Evidence = { target: target.name, command: command.program, excerpt: '' };
      return [name, { kind: 'unread' as const, error, evidence }];
    }),
  );
}

interface Pair {
  readonly from: NodeTarget;
  readonly to: NodeTarget;
  /** What clrsh is told; null where no name is safe to give. */
  readonly peerName: string | null;
  readonly zones: readonly Zones[];
}

async function tryPairs(
  nodes: Nodes,
  rounds: number,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<readonly PairTry[]> {
  if (rounds < 1) return [];
  const names = peerNames(nodes);
  const each = Array.from({ length: rounds }, (_, at) => at + 1);
  const callers = await Promise.all(
    nodes.map(async (caller) => {
      const pairs = nodes.map((peer) => ({
        from: caller.target,
        to: peer.target,
        peerName: names.get(peer.target.name) ?? null,
        zones: [zonesOf(peer.node), zonesOf(caller.node)],
      }));
      const tries = each.flatMap((round) => pairs.map((pair) => ({ pair, round })));
      if (!caller.node.ok) {
        const { error } = caller.node;
        return tries.map(({ pair, round }) => notTried(pair, round, error));
      }
      // Round by round, so that what hangs on a dead peer hangs side by side and not one after the other.
      return aFewAtOnce(
        tries.map(
          ({ pair, round }) =>
            () =>
              tryOnce(pair, round, ssh, signal),
        ),
      );
    }),
  );
  return callers.flat();
}

/** One try of one pair, and the caller's clock behind it. The command's limit on the node ends a try that hangs. */
async function tryOnce(
  { from, to, peerName, zones }: Pair,
  round: number,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<PairTry> {
  if (peerName === null) {
    const message = `No name of ${to.name} is safe to give to clrsh on ${from.name}, so the pair was not tried.`;
    return notTried({ from, to }, round, errorInfo(new CommandError(message)));
  }
  const { answer, callerUtc } = tryFacts(peerName);
  const asked = await outcomesOf(from, [answer, callerUtc], ssh, signal);
  if (!asked.ok) return notTried({ from, to }, round, asked.error);
  const [outcome, clock] = asked.outcomes;
  const utc = toReading(from.name, callerUtc, clock, ssh);
  const reading = tryReading(toReading(from.name, answer, outcome, ssh), { outcome, callerUtc: utc, zones });
  return { from: from.name, to: to.name, round, reading };
}

function notTried({ from, to }: Pick<Pair, 'from' | 'to'>, round: number, error: ErrorInfo): PairTry {
  const evidence: Evidence = { target: from.name, command: 'clrsh', excerpt: '' };
  return { from: from.name, to: to.name, round, reading: { kind: 'unread', error, evidence } };
}

/** Does every piece of work, a few at the same time, and gives the results in the order of the work. */
async function aFewAtOnce<T>(work: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const done = new Map<number, T>();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < work.length; at = next++) {
      const one = work[at];
      if (one !== undefined) done.set(at, await one());
    }
  };
  await Promise.all(Array.from({ length: pairsAtOnce }, lane));
  return [...done].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** The certificates that the inventory declares for the cluster, and those that each node names for itself. */
async function readCertificatesOf(
  nodes: Nodes,
  { questions, cluster }: { questions: ClusterQuestions; cluster: ClusterTarget },
  { ssh, clock, parser }: ClusterTools,
  signal: AbortSignal | undefined,
): Promise<readonly NodeCertificates[]> {
  const read = await Promise.all(
    nodes.map(async (one) => {
      const paths = new Set([...cluster.certificates, ...(questions.certificatesNamed?.(one) ?? [])]);
      // Who was not reached a moment ago need not be waited for again.
      if (!one.node.ok || paths.size === 0) return [];
      const rules = [...paths].map((path) => ({ path, owner: one.target.owner }));
      return [await readCertificates(one.target, rules, { ssh, clock, parser }, signal)];
    }),
  );
  return read.flat();
}
