import { readdirSync, readFileSync } from 'node:fs';
import type { ErrorInfo } from '../../src/core/errors.js';
import type { Evidence, FactSet, Reading } from '../../src/core/fact.js';
import type { KnownNode } from '../../src/core/fleet.js';
import type { ConfiguredLevels, ManagedSystem, NodeTarget } from '../../src/core/target.js';
import type { Collected, Fix, Reached } from '../../src/runbooks/definition.js';
import { findFix, fixes } from '../../src/runbooks/index.js';

/** The fixes that are for one node. */
export const nodeFixes = fixes.filter((fix): fix is Fix => fix.kind === 'fix');

/** A fix for one node, by its id. */
export function nodeFix(id: string): Fix {
  const found = findFix(id);
  if (found.kind !== 'fix') throw new Error(`${id} is for a cluster`);
  return found;
}

/** A fact as a case file has it; a case replaces whole facts of the healthy one. */
type FactFile =
  | { readonly value: unknown }
  | { readonly failure: { code: string | null; message: string } }
  | { readonly unread: ErrorInfo };
type SideFile = Readonly<Record<string, FactFile>> | ErrorInfo;

export interface CaseFile {
  readonly what: string;
  readonly origin: string;
  readonly target?: Partial<NodeTarget>;
  readonly node?: SideFile;
  readonly hmc?: SideFile | null;
  /** Facts of the second round trip to the node; by name, none from the healthy case. */
  readonly followUp?: SideFile;
  readonly fleet?: readonly KnownNode[];
  readonly rsctLevels?: ConfiguredLevels;
  /** The case that was read before this one. */
  readonly earlier?: string;
  readonly expect: {
    readonly verdict: string;
    readonly findings: readonly { id: string; severity: string; fixes: string[]; follows?: string }[];
  };
  readonly plans?: Readonly<Record<string, ExpectedProposal>>;
}

export type ExpectedProposal =
  | { readonly kind: 'plan'; readonly steps: readonly string[]; readonly rollback: readonly string[] }
  | { readonly kind: 'nothing-to-do'; readonly reason: string }
  | { readonly kind: 'refused'; readonly gate: string; readonly reason?: string };

const folder = new URL('../fixtures/runbooks/rmc/', import.meta.url);

const endpoint = {
  name: 'lpar1',
  host: '127.0.0.1',
  port: 22,
  user: 'root',
  identityFile: null,
  agent: false,
  knownHosts: './known_hosts',
  become: null,
  algorithms: 'modern',
  jump: null,
} as const;

export const system: ManagedSystem = {
  name: 'p9-a',
  hmcName: 'Server-9009-42A-SN7800001',
  hmc: { kind: 'hmc', name: 'hmc1', endpoint: { ...endpoint, name: 'hmc1', user: 'hscroot' } },
};

export const lpar1: NodeTarget = {
  kind: 'node',
  name: 'lpar1',
  endpoint,
  platform: 'hmc',
  system,
  lparId: 3,
  cluster: null,
  tags: {},
  owner: null,
};

/** What only gates and fixes ask, on an LPAR that nothing forbids to change. */
const clear = JSON.parse(
  readFileSync(new URL('../fixtures/runbooks/gates/clear.json', import.meta.url), 'utf8'),
) as { readonly node: SideFile; readonly hmc: SideFile };

/** The names of all cases, without `.json`. */
export const caseNames: readonly string[] = readdirSync(folder).map((name) => name.replace(/\.json$/, ''));

export function readCase(name: string): CaseFile {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as CaseFile;
}

/** The healthy facts with what the case replaces. */
export function collectedOf(name: string): Collected<FactSet, FactSet> {
  const healthy = readCase('healthy');
  const given = readCase(name);
  const target = { ...lpar1, ...given.target };
  const hmc =
    target.system === null ? null : sideOf('hmc1', { ...clear.hmc, ...healthy.hmc }, given.hmc ?? {});
  return {
    target,
    node: sideOf('lpar1', { ...clear.node, ...healthy.node }, given.node ?? {}),
    hmc,
    ...(given.followUp !== undefined && { followUp: sideOf('lpar1', {}, given.followUp) }),
    ...(given.fleet !== undefined && { fleet: given.fleet }),
    ...(given.rsctLevels !== undefined && { rsctLevels: given.rsctLevels }),
    ...(given.earlier !== undefined && { earlier: collectedOf(given.earlier) }),
  };
}

function sideOf(target: string, healthy: SideFile, given: SideFile): Reached<FactSet> {
  if (isError(given)) return { ok: false, error: given };
  const facts = Object.entries({ ...healthy, ...given } as Record<string, FactFile>);
  return {
    ok: true,
    facts: Object.fromEntries(facts.map(([name, fact]) => [name, readingOf(target, name, fact)])),
  };
}

function isError(side: SideFile): side is ErrorInfo {
  return typeof side.class === 'string';
}

/** Pure code gets values: what stands in for the printed text is the value itself, one line. */
export function readingOf(target: string, name: string, fact: FactFile): Reading<unknown> {
  const evidence: Evidence = { target, command: name, excerpt: JSON.stringify(fact) };
  if ('value' in fact) return { kind: 'value', value: fact.value, evidence };
  if ('failure' in fact) return { kind: 'failure', failure: fact.failure, evidence };
  return { kind: 'unread', error: fact.unread, evidence };
}
