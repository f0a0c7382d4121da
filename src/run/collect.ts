import type { FactSet } from '../core/fact.js';
import type { NodeTarget } from '../core/target.js';
import type { Collected, Diagnostic, Fix, Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { ask } from './ask.js';
import { askHmcs, type SystemSides } from './hmc-sides.js';

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
}

/** What was read of one target, and when: `startedAt` is ISO 8601 UTC, `durationMs` from its own start to its own end. */
export interface CollectedInTime extends Collected<FactSet, FactSet> {
  readonly startedAt: string;
  readonly durationMs: number;
}

/**
 * Reads a definition's facts from every target, a few nodes at a time, in the order of the targets. Each HMC is asked
 * once for all its systems, and each command only once. A target that cannot be read is a value, not an error;
 * what is thrown is the abort of `signal` or what `onTarget` threw.
 */
export async function collect(
  questions: Questions,
  targets: readonly NodeTarget[],
  tools: CollectTools,
  options: CollectOptions,
): Promise<CollectedInTime[]> {
  const { signal } = options;
  const hmcs = options.hmcSides ?? askHmcs(questions.hmc, targets, tools.ssh, signal);
  const inTurn = oneAtATime(options.onTarget);
  const results = new Map<NodeTarget, CollectedInTime>();
  const waiting = [...targets];
  const reader = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      signal?.throwIfAborted();
      const collected = await collectOne(target, questions, hmcs, tools, signal);
      results.set(target, collected);
      await inTurn(collected);
    }
  };
  await Promise.all(
    Array.from({ length: Math.max(1, Math.min(options.nodesAtOnce, targets.length)) }, reader),
  );
  return targets.flatMap((target) => results.get(target) ?? []);
}

async function collectOne(
  target: NodeTarget,
  questions: Questions,
  hmcs: SystemSides,
  { ssh, clock }: CollectTools,
  signal: AbortSignal | undefined,
): Promise<CollectedInTime> {
  const startedAt = clock();
  const [node, hmc] = await Promise.all([
    ask(target, questions.node, ssh, signal),
    target.system === null ? null : (hmcs.get(target.system.name) ?? null),
  ]);
  const more = await askMore(questions, { target, node, hmc }, ssh, signal);
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

/** The second round trip: a diagnostic's questions go to the node, a fix's to the HMC. Who was not reached is not asked again. */
async function askMore(
  questions: Questions,
  collected: Collected<FactSet, FactSet>,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<{ followUp?: Reached<FactSet>; hmcFollowUp?: Reached<FactSet> }> {
  const { target, node, hmc } = collected;
  const isFix = questions.kind === 'fix';
  const ofNode = (isFix ? questions.nodeFollowUp : questions.followUp)?.(collected) ?? null;
  const ofHmc = (isFix ? questions.followUp?.(collected) : null) ?? null;
  const system = target.system;
  const [followUp, hmcFollowUp] = await Promise.all([
    ofNode === null ? null : node.ok ? ask(target, ofNode, ssh, signal) : node,
    ofHmc === null || hmc === null || system === null
      ? null
      : hmc.ok
        ? ask(system.hmc, ofHmc, ssh, signal)
        : hmc,
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
