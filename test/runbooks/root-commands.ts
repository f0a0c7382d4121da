/** Every command that a node must let the login user run as root: what the documented sudoers file is made from. */
import { readdirSync } from 'node:fs';
import type { FactSet, Readings } from '../../src/core/fact.js';
import type { Plan, Step } from '../../src/core/plan.js';
import type { RemoteCommand } from '../../src/core/remote-command.js';
import type { Collected, Diagnostic, Fix } from '../../src/runbooks/definition.js';
import { rebuild } from '../../src/runbooks/fixes/rmc/recfgct.js';
import { diagnostics as everyDiagnostic, fixes as everyFix } from '../../src/runbooks/index.js';
import { caseNames, collectedOf, readingOf } from './cases.js';

export type RootCommand = Pick<RemoteCommand, 'program' | 'alternatives' | 'args'>;

export interface RootCommands {
  /** Changes nothing. */
  readonly reads: readonly RootCommand[];
  /** Steps of fixes of low and medium risk, and of their undoing. */
  readonly fixes: readonly RootCommand[];
  /** Steps that only fixes of high risk have. */
  readonly rebuilds: readonly RootCommand[];
}

// What is run for certificates and on clusters depends on the inventory: their paths cannot be listed beforehand.
const diagnostics = everyDiagnostic.filter((one) => one.kind === 'diagnostic');
const fixes = everyFix.filter((one) => one.kind === 'fix');
const onClusters = everyDiagnostic.filter((one) => one.kind === 'cluster-diagnostic');

/** Words that fixes take; a node ID of each length that is taken stands for all of that length. */
const typed: readonly (readonly string[])[] = [
  [],
  ['-n'],
  ['-s'],
  ['-i', '00c0de0a511b20c9'],
  ['-n', '--delete-cluster0'],
];

/**
 * Collects them from the registry: the facts of every diagnostic and fix, what they ask next and plan in every recorded
 * case, and, because no case leads to each of them, every command that a module of a fix or a fact exports.
 */
export async function rootCommands(): Promise<RootCommands> {
  const found = new Map<string, { command: RemoteCommand; isHigh: boolean }>();
  const add = (command: RemoteCommand, isHigh: boolean): void => {
    if (command.side !== 'node' || !command.needsRoot) return;
    const key = JSON.stringify([command.program, command.args]);
    const before = found.get(key);
    found.set(key, { command, isHigh: isHigh && (before?.isHigh ?? true) });
  };
  for (const [command, isHigh] of [...asked(), ...planned()]) add(command, isHigh);
  for (const command of await exported()) add(command, true);
  const all = [...found.values()];
  const of = (isRead: boolean, isHigh?: boolean): readonly RootCommand[] =>
    all
      .filter(({ command }) => (command.effect === 'read') === isRead)
      .filter((one) => isHigh === undefined || one.isHigh === isHigh)
      .map(({ command }) => command);
  return { reads: of(true), fixes: of(false, false), rebuilds: of(false, true) };
}

type Found = readonly [RemoteCommand, boolean];

function asked(): readonly Found[] {
  const sets: (FactSet | null | undefined)[] = [
    ...diagnostics.map((one) => one.node),
    ...fixes.map((one) => one.node),
    ...onClusters.map((one) => one.node),
  ];
  for (const name of caseNames) {
    const collected = collectedOf(name);
    sets.push(...diagnostics.map((one) => one.followUp?.(withFactsOf(one, collected))));
    sets.push(...fixes.map((one) => one.nodeFollowUp?.(collected)));
  }
  return sets.flatMap((set) => Object.values(set ?? {}).map((fact) => [fact.command, false] as const));
}

/** The cases are those of `rmc`: what another diagnostic asks besides was not read in them. */
function withFactsOf({ node }: Diagnostic, collected: Collected<FactSet, FactSet>): typeof collected {
  if (!collected.node.ok) return collected;
  const error = { class: 'LostError', message: 'not in this case' } as const;
  const unread = Object.keys(node).map((name) => [name, readingOf('lpar1', name, { unread: error })]);
  const facts = { ...(Object.fromEntries(unread) as Readings<FactSet>), ...collected.node.facts };
  return { ...collected, node: { ok: true, facts } };
}

function planned(): readonly Found[] {
  return fixes.flatMap((fix) => plansOf(fix).flatMap((plan) => inPlan(plan)));
}

function plansOf(fix: Fix): readonly Plan[] {
  return caseNames.flatMap((name) => {
    const collected = collectedOf(name);
    return typed.flatMap((words) => {
      const proposal = fix.plan(collected, { words, fleet: collected.fleet ?? [] });
      return proposal.kind === 'plan' ? [proposal.plan] : [];
    });
  });
}

function inPlan(plan: Plan): readonly Found[] {
  const undo = plan.rollback.kind === 'steps' ? plan.rollback.steps : [];
  const isHigh = plan.risk === 'high';
  return [
    ...plan.captures.map(({ command }) => [command, isHigh] as const),
    ...[...plan.steps, ...undo].flatMap(inStep).map((command) => [command, isHigh] as const),
  ];
}

function inStep(step: Step): readonly RemoteCommand[] {
  return 'commands' in step ? step.commands.map(({ command }) => command) : [];
}

/** Commands among the exported values below these folders, however deep they stand. */
async function exported(): Promise<readonly RemoteCommand[]> {
  const root = new URL('../../src/', import.meta.url);
  const files = ['runbooks/fixes/', 'runbooks/diagnostics/'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('clcomd'))
      .map((name) => new URL(folder + name, root).href),
  );
  const modules = await Promise.all(files.map(async (file) => (await import(file)) as object));
  // Made by a function from the words that were typed.
  const made = [['-n'], ['-s']].flatMap((words) => rebuild(words).map(({ command }) => command));
  return [...modules.flatMap((module) => commandsIn(module, 0)), ...made];
}

function commandsIn(value: unknown, depth: number): readonly RemoteCommand[] {
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  if ('program' in value && 'args' in value && 'needsRoot' in value) return [value as RemoteCommand];
  return Object.values(value).flatMap((inner) => commandsIn(inner, depth + 1));
}
