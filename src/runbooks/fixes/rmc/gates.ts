import type { FactSet } from '../../../core/fact.js';
import type { ManagedSystem } from '../../../core/target.js';
import type { Collected, Reached } from '../../definition.js';
import type { RmcCollected } from '../../diagnostics/rmc/facts.js';
import { look } from '../../diagnostics/rmc/sight.js';
import { gateHmcFacts, gateNodeFacts, type Gate, type GateSight, type Refusal } from './gate.js';
import {
  noAutomation,
  noAutomationRunning,
  noCaa,
  noCaaRunning,
  noPowerHa,
  noRecoveryManager,
  noRecoveryManagerRunning,
  noScale,
} from './gates-cluster.js';
import { noPeerDomain, noPeerDomainToDisturb } from './gates-domain.js';
import { noConsumers, nothingMoving, notMoving, noVios, rootOfAix, sameLpar } from './gates-place.js';

export type { Refusal } from './gate.js';

/** Every gate by the name that a step gives it. A restart asks less of some gates than a rebuild: those have a word more. */
const gates = {
  G1: noPeerDomain,
  G2: noCaa,
  G3: noPowerHa,
  G4: noAutomation,
  G5: noVios,
  G6: noScale,
  G7: noRecoveryManager,
  G8: notMoving,
  G9: noConsumers,
  G10: sameLpar,
  G11: rootOfAix,
  'G1-restart': noPeerDomainToDisturb,
  'G2-restart': noCaaRunning,
  'G4-restart': noAutomationRunning,
  'G7-restart': noRecoveryManagerRunning,
  'G8-system': nothingMoving,
} as const satisfies Record<string, Gate>;

export type GateName = keyof typeof gates;
export const gateNames = Object.keys(gates) as readonly GateName[];

/** What forbids to rebuild RSCT: all of them. */
export const rebuildGates = [
  'G10',
  'G11',
  'G8',
  'G1',
  'G2',
  'G3',
  'G4',
  'G5',
  'G6',
  'G7',
  'G9',
] as const satisfies readonly GateName[];

/** What forbids to restart RMC. */
export const restartGates = [
  'G10',
  'G2-restart',
  'G3',
  'G4-restart',
  'G7-restart',
  'G1-restart',
  'G5',
  'G8',
  'G11',
] as const satisfies readonly GateName[];

/** What forbids the small changes: only the wrong node. */
export const smallGates = ['G10'] as const satisfies readonly GateName[];

/** What forbids to let the HMC read a managed system again: it says nothing of one node. */
export const systemGates = ['G8-system'] as const satisfies readonly GateName[];

/** What the gates of these names ask of the node and of its HMC; a name that no gate has asks nothing and refuses later. */
export function gateFacts(names: readonly string[]): {
  readonly node: FactSet;
  readonly hmc: (system: ManagedSystem) => FactSet;
} {
  const found = names.flatMap((name) => gateOf(name) ?? []);
  const ofNode = new Set<string>(found.flatMap((gate) => gate.needs.node));
  const ofHmc = new Set<string>(found.flatMap((gate) => gate.needs.hmc));
  return {
    node: only(gateNodeFacts, ofNode),
    hmc: (system) => only(gateHmcFacts(system), ofHmc),
  };
}

/**
 * The first gate that refuses, in the order of the names, with all others that refuse too; null when every way is free.
 * What was not read refuses as a hit does.
 */
export function readGates(names: readonly string[], collected: Collected<FactSet, FactSet>): Refusal | null {
  const notReached = whoWasNotReached(collected);
  const sight = sightOf(collected);
  const refusals = names.flatMap((name) => refusalOf(name, sight, notReached) ?? []);
  const [first, ...others] = refusals;
  if (first === undefined) return null;
  const more = [...new Set(others.map((one) => one.gate))].filter((gate) => gate !== first.gate);
  const tail = more.length === 0 ? '' : ` Refused as well by ${more.join(', ')}.`;
  return { ...first, reason: `${first.reason}${tail}` };
}

function gateOf(name: string): Gate | null {
  return Object.hasOwn(gates, name) ? gates[name as GateName] : null;
}

function refusalOf(name: string, sight: GateSight, notReached: NotReached): Refusal | null {
  const gate = gateOf(name);
  if (gate === null) {
    const reason = `The plan for ${sight.target.name} names gate ${name}, which is not known here.`;
    return { kind: 'refused', gate: name, reason, source: 'this program' };
  }
  const silent =
    (gate.needs.node.length > 0 ? notReached.node : null) ??
    (gate.needs.hmc.length > 0 ? notReached.hmc : null);
  const reason =
    silent === null
      ? gate.test(sight)
      : `Nobody can read what gate ${gate.gate} asks of ${sight.target.name}: ${silent}`;
  return reason === null ? null : { kind: 'refused', gate: gate.gate, reason, source: gate.source };
}

interface NotReached {
  readonly node: string | null;
  readonly hmc: string | null;
}

function whoWasNotReached({ node, hmc }: Collected<FactSet, FactSet>): NotReached {
  return { node: errorOf(node), hmc: hmc === null ? null : errorOf(hmc) };
}

function errorOf(side: Reached<FactSet>): string | null {
  return side.ok ? null : side.error.message;
}

function sightOf(collected: Collected<FactSet, FactSet>): GateSight {
  const { node, hmc } = collected;
  return {
    ...look(collected as RmcCollected),
    node: node.ok ? node.facts : {},
    hmc: hmc === null ? null : hmc.ok ? hmc.facts : {},
  };
}

function only(facts: FactSet, names: ReadonlySet<string>): FactSet {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => names.has(name)));
}
