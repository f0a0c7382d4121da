import type { FactSet } from '../core/fact.js';
import type { NodeTarget, Target } from '../core/target.js';
import { errorInfo, LostError } from '../core/errors.js';
import type { Collected, Diagnostic, Fix, Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { ask } from './ask.js';
import { askHmcs, type SystemSides } from './hmc-sides.js';
import { within, type SweepLimits } from './limits.js';
import { readInTurn, turnsHere, type Turns } from './turns.js';

/** What is to be read: a diagnostic or a fix has these. */
export type Questions =
  | Pick<Diagnostic, 'kind' | 'node' | 'hmc' | 'followUp'>
  | Pick<Fix, 'kind' | 'node' | 'hmc' | 'followUp' | 'nodeFollowUp'>;

export interface CollectTools {
  readonly ssh: Transport;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

export interface CollectOptions {
  readonly nodesAtOnce: number;
  readonly signal?: AbortSignal;
  /** Called for each target as soon as both its sides are there, one call at a time. */
  readonly onTarget?: (collected: CollectedInTime) => void | Promise<void>;
  /** The HMCs' sides where they are asked already. */
  readonly hmcSides?: SystemSides;
  /** How long each node may take; as long as its commands may where this is left out. */
  readonly limits?: SweepLimits;
}

/** What was read of one target, and when: `startedAt` is ISO 8601 UTC, `durationMs` from its own start to its own end. */
export interface CollectedInTime extends Collected<FactSet, FactSet> {
  readonly startedAt: string;
  readonly durationMs: number;
}

/**
 * Reads a definition's facts from every target, as many nodes at a time as this process keeps up with, in the order of the
 * targets. Each HMC is asked once for all its systems, and each command only once. A target that cannot be read is a value,
 * not an error; what is thrown is the abort of `signal` or what `onTarget` threw.
 */
export async function collect(
  questions: Questions,
  targets: readonly NodeTarget[],
  tools: CollectTools,
  options: CollectOptions,
): Promise<CollectedInTime[]> {
  const hmcSides = options.hmcSides ?? askHmcs(questions.hmc, targets, tools.ssh, options.signal);
  const inTurn = oneAtATime(options.onTarget);
  const results = new Map<NodeTarget, CollectedInTime>();
  const turns = turnsHere();
  turns.add(targets);
  turns.end();
  await collectInTurn(questions, turns, tools, {
    ...options,
    hmcSides,
    onTarget: (collected) => {
      results.set(collected.target, collected);
      return inTurn(collected);
    },
  });
  return targets.flatMap((target) => results.get(target) ?? []);
}

/** The same for nodes whose turn comes one after the other; calls of `onTarget` may overlap. */
export function collectInTurn(
  questions: Questions,
  turns: Turns,
  tools: CollectTools,
  options: Required<Pick<CollectOptions, 'onTarget' | 'hmcSides'>> & CollectOptions,
): Promise<void> {
  const { signal, nodesAtOnce } = options;
  const room = (stop?: AbortSignal) => tools.ssh.room?.(stop) ?? Promise.resolve(nodesAtOnce);
  return readInTurn(turns, { room, atOnce: Math.max(1, nodesAtOnce), signal }, async (target) => {
    await options.onTarget(await collectOne(target, questions, options, tools));
  });
}

async function collectOne(
  target: NodeTarget,
  questions: Questions,
  { hmcSides, signal, limits }: Pick<CollectOptions, 'signal' | 'limits'> & { hmcSides: SystemSides },
  { ssh, clock }: CollectTools,
): Promise<CollectedInTime> {
  const startedAt = clock();
  const inTime = async (work: (stop: AbortSignal | undefined) => Promise<Reached<FactSet>>) => {
    if (limits === undefined) return work(signal);
    const leftMs = limits.nodeMs - (clock() - startedAt);
    return (await within(leftMs, signal, work)) ?? late(target.name, limits.nodeMs);
  };
  const [node, hmc] = await Promise.all([
    inTime((stop) => ask(target, questions.node, ssh, stop)),
    target.system === null ? null : (hmcSides.get(target.system.name) ?? null),
  ]);
  const more = await askMore(questions, { target, node, hmc }, (of, facts) =>
    inTime((stop) => ask(of, facts, ssh, stop)),
  );
  const endedAt = clock();
  return {
    target,
    node,
    hmc,
    ...more,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
  };
}

/** What is said of a node, or an HMC, that has not answered in its time. */
export function late(name: string, ms: number): Extract<Reached<FactSet>, { ok: false }> {
  const seconds = Math.round(ms / 1_000);
  const words = `${name} has not answered within ${seconds} s, the time that each has where many are read. What was begun there only reads.`;
  return { ok: false, error: errorInfo(new LostError(words)) };
}

/** The second round trip: a diagnostic's questions go to the node, a fix's to the HMC. Who was not reached is not asked again. */
async function askMore(
  questions: Questions,
  collected: Collected<FactSet, FactSet>,
  askFor: (target: Target, facts: FactSet) => Promise<Reached<FactSet>>,
): Promise<{ followUp?: Reached<FactSet>; hmcFollowUp?: Reached<FactSet> }> {
  const { target, node, hmc } = collected;
  const isFix = questions.kind === 'fix';
  const ofNode = (isFix ? questions.nodeFollowUp : questions.followUp)?.(collected) ?? null;
  const ofHmc = (isFix ? questions.followUp?.(collected) : null) ?? null;
  const system = target.system;
  const [followUp, hmcFollowUp] = await Promise.all([
    ofNode === null ? null : node.ok ? askFor(target, ofNode) : node,
    ofHmc === null || hmc === null || system === null ? null : hmc.ok ? askFor(system.hmc, ofHmc) : hmc,
  ]);
  return { ...(followUp !== null && { followUp }), ...(hmcFollowUp !== null && { hmcFollowUp }) };
}

/** Calls never overlap, so that what they show cannot overtake itself. */
export function oneAtATime<T>(
  call: ((value: T) => void | Promise<void>) | undefined,
): (value: T) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (value) => {
    last = last.then(() => call?.(value));
    return last;
  };
}
