import { canonicalJson } from '../core/canonical.js';
import { errorInfo, type ErrorInfo } from '../core/errors.js';
import type { Fact, FactSet, Reading } from '../core/fact.js';
import type { Outcome } from '../core/outcome.js';
import type { ManagedSystem, NodeTarget, Target } from '../core/target.js';
import type { Collected, Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { toReading } from './reading.js';

/** What is to be read: a diagnostic or a fix has these. */
interface Questions {
  readonly node: FactSet;
  readonly hmc: (system: ManagedSystem) => FactSet;
}

interface CollectTools {
  readonly ssh: Transport;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

interface CollectOptions {
  readonly nodesAtOnce: number;
  readonly signal?: AbortSignal;
  /** Called for each target as soon as both its sides are there, one call at a time. */
  readonly onTarget?: (collected: CollectedInTime) => void | Promise<void>;
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
  const hmcs = askHmcs(questions, targets, tools.ssh, signal);
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
  const endedAt = clock();
  return { target, node, hmc, startedAt: new Date(startedAt).toISOString(), durationMs: endedAt - startedAt };
}

async function ask(
  target: Target,
  facts: FactSet,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Reached<FactSet>> {
  const asked = await outcomesOf(target, Object.values(facts), ssh, signal);
  if (!asked.ok) return asked;
  const readings: Record<string, Reading<unknown>> = {};
  for (const [at, [name, fact]] of Object.entries(facts).entries())
    readings[name] = toReading(target.name, fact, asked.outcomes[at]);
  return { ok: true, facts: readings };
}

type Asked =
  | { readonly ok: true; readonly outcomes: readonly Outcome[] }
  | { readonly ok: false; readonly error: ErrorInfo };

async function outcomesOf(
  target: Target,
  facts: readonly Fact<unknown>[],
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  try {
    const outcomes = await ssh.read(
      target,
      facts.map((fact) => fact.command),
      signal,
    );
    return { ok: true, outcomes };
  } catch (error) {
    signal?.throwIfAborted();
    // Connecting is tried again inside the transport: here it is over, and one bad target must not end a sweep.
    return { ok: false, error: errorInfo(error) };
  }
}

/** The HMC's side of each managed system, by the system's name. Read and understood once, whatever the number of LPARs. */
type SystemSides = ReadonlyMap<ManagedSystem['name'], Promise<Reached<FactSet>>>;

function askHmcs(
  questions: Questions,
  targets: readonly NodeTarget[],
  ssh: Transport,
  signal: AbortSignal | undefined,
): SystemSides {
  const systems = new Map<string, ManagedSystem>();
  for (const { system } of targets) if (system !== null) systems.set(system.name, system);
  const byHmc = new Map<string, ManagedSystem[]>();
  for (const system of systems.values())
    byHmc.set(system.hmc.name, [...(byHmc.get(system.hmc.name) ?? []), system]);
  const sides = [...byHmc.values()].flatMap((ofOne) => {
    const asked = askHmc(ofOne, questions, ssh, signal);
    // Whoever needs it sees the rejection; where the sweep ended before that, nobody is left to.
    asked.catch(() => undefined);
    return ofOne.map(
      (system) => [system.name, asked.then((answerTo) => sideOf(system, questions, answerTo))] as const,
    );
  });
  for (const [, side] of sides) side.catch(() => undefined);
  return new Map(sides);
}

type AnswerTo = (
  fact: Fact<unknown>,
) => { readonly reading: Reading<unknown> } | { readonly error: ErrorInfo };

/** Asks one HMC for all its systems; commands that several systems share are asked, and read, once. */
async function askHmc(
  systems: readonly ManagedSystem[],
  questions: Questions,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<AnswerTo> {
  const facts = new Map<string, Fact<unknown>>();
  for (const system of systems)
    for (const fact of Object.values(questions.hmc(system))) facts.set(keyOf(fact), fact);
  const hmc = systems[0]?.hmc;
  if (hmc === undefined || facts.size === 0)
    return () => ({ error: errorInfo(new TypeError('no HMC was asked')) });
  const asked = await outcomesOf(hmc, [...facts.values()], ssh, signal);
  if (!asked.ok) return () => asked;
  const readings = new Map(
    [...facts].map(([key, fact], at) => [key, toReading(hmc.name, fact, asked.outcomes[at])]),
  );
  return (fact) => ({ reading: readings.get(keyOf(fact)) ?? toReading(hmc.name, fact, undefined) });
}

function sideOf(system: ManagedSystem, questions: Questions, answerTo: AnswerTo): Reached<FactSet> {
  const readings: Record<string, Reading<unknown>> = {};
  for (const [name, fact] of Object.entries(questions.hmc(system))) {
    const answer = answerTo(fact);
    if ('error' in answer) return { ok: false, error: answer.error };
    readings[name] = answer.reading;
  }
  return { ok: true, facts: readings };
}

/** Two facts with the same program and arguments are one question. */
function keyOf(fact: Fact<unknown>): string {
  return canonicalJson([fact.command.program, fact.command.args]);
}

/** Calls never overlap, so that what they show cannot overtake itself. */
function oneAtATime(call: CollectOptions['onTarget']): (collected: CollectedInTime) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (collected) => {
    last = last.then(() => call?.(collected));
    return last;
  };
}
