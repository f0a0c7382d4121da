import { canonicalJson } from '../core/canonical.js';
import { errorInfo } from '../core/errors.js';
import type { Fact, FactSet, Reading } from '../core/fact.js';
import type { ManagedSystem, NodeTarget } from '../core/target.js';
import type { Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { outcomesOf } from './ask.js';
import { toReading } from './reading.js';

/** The HMC's side of each managed system, by the system's name. Read and understood once, whatever the number of LPARs. */
export interface SystemSides {
  get(system: ManagedSystem['name']): Promise<Reached<FactSet>> | undefined;
}

type HmcQuestions = (system: ManagedSystem) => FactSet;

/** Begins to ask the HMCs of all targets: each HMC once for all its systems, each of its commands once. */
export function askHmcs(
  questions: HmcQuestions,
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
) => { readonly reading: Reading<unknown> } | Extract<Reached<FactSet>, { ok: false }>;

/** Asks one HMC for all its systems; commands that several systems share are asked, and read, once. */
async function askHmc(
  systems: readonly ManagedSystem[],
  questions: HmcQuestions,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<AnswerTo> {
  const facts = new Map<string, Fact<unknown>>();
  for (const system of systems)
    for (const fact of Object.values(questions(system))) facts.set(keyOf(fact), fact);
  const hmc = systems[0]?.hmc;
  if (hmc === undefined || facts.size === 0)
    return () => ({ ok: false, error: errorInfo(new TypeError('no HMC was asked')) });
  const asked = await outcomesOf(hmc, [...facts.values()], ssh, signal);
  if (!asked.ok) return () => asked;
  const readings = new Map(
    [...facts].map(([key, fact], at) => [key, toReading(hmc.name, fact, asked.outcomes[at], ssh)]),
  );
  return (fact) => ({ reading: readings.get(keyOf(fact)) ?? toReading(hmc.name, fact, undefined, ssh) });
}

function sideOf(system: ManagedSystem, questions: HmcQuestions, answerTo: AnswerTo): Reached<FactSet> {
  const readings: Record<string, Reading<unknown>> = {};
  for (const [name, fact] of Object.entries(questions(system))) {
    const answer = answerTo(fact);
    if (!('reading' in answer)) return answer;
    readings[name] = answer.reading;
  }
  return { ok: true, facts: readings };
}

/** Two facts with the same program and arguments are one question. */
function keyOf(fact: Fact<unknown>): string {
  return canonicalJson([fact.command.program, fact.command.args]);
}
