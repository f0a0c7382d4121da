import { saysNotOnFile, type Subsystem } from '../../../aix/lssrc.js';
import type { ClusterInterface } from '../../../aix/cllsif.js';
import type { ErrorInfo } from '../../../core/errors.js';
import type { Fact, Reading } from '../../../core/fact.js';
import type { NodeTarget } from '../../../core/target.js';
import type { Finding } from '../../../core/verdict.js';
import type { ClusterCollected } from '../../definition.js';
import { clcomdNodeFacts, type ClcomdNodeFacts } from './facts.js';
import { pairsOf, type Pair } from './pairs.js';

/** A finding before it is worked out what follows from what. */
export type Draft = Omit<Finding, 'follows'>;

type FactName = keyof ClcomdNodeFacts;
type ValueOf<F> = F extends Fact<infer T> ? T : never;

/** What the node's clcomd is: as the SRC says, not on file at all, or not read. */
export type ClcomdState = 'active' | 'inoperative' | 'not-on-file' | 'unread' | { readonly other: string };

/** One node as it was read. Nothing here is a default: what was not read has no value. */
export interface NodeSight {
  readonly name: string;
  readonly target: NodeTarget;
  /** Why it was not reached; null where it was. */
  readonly error: ErrorInfo | null;
  readonly reading: (name: string) => Reading<unknown> | undefined;
  readonly value: <K extends FactName>(name: K) => ValueOf<ClcomdNodeFacts[K]> | null;
  /** PowerHA 6.1: clcomdES with its own list of hosts, and no CAA. */
  readonly is61: boolean;
  readonly clcomd: ClcomdState;
}

/** The whole cluster as it was read. */
export interface Sight {
  readonly collected: ClusterCollected;
  readonly nodes: readonly NodeSight[];
  readonly pairs: readonly Pair[];
  /** Every interface of the cluster that any node knows, each once. */
  readonly interfaces: readonly ClusterInterface[];
}

/** Joins what was read of all nodes. */
export function look(collected: ClusterCollected): Sight {
  return { collected, pairs: pairsOf(collected), ...lookAtNodes(collected.nodes) };
}

/** The same of nodes alone, before any pair is tried. */
export function lookAtNodes(collected: ClusterCollected['nodes']): Pick<Sight, 'nodes' | 'interfaces'> {
  const nodes = collected.map(({ target, node }) => lookAt(target, node));
  return { nodes, interfaces: interfacesOf(nodes) };
}

function lookAt(target: NodeTarget, node: ClusterCollected['nodes'][number]['node']): NodeSight {
  const facts: Readonly<Record<string, Reading<unknown> | undefined>> = node.ok ? node.facts : {};
  const reading = (name: string) => facts[name];
  const value = <K extends FactName>(name: K) => {
    const read = facts[name];
    return read?.kind === 'value' ? (read.value as ValueOf<ClcomdNodeFacts[K]>) : null;
  };
  const modern = stateOf('clcomd', reading('clcomd'));
  const old = stateOf('clcomdES', reading('clcomdES'));
  const is61 = modern === 'not-on-file' && old !== 'not-on-file' && old !== 'unread';
  return {
    name: target.name,
    target,
    error: node.ok ? null : node.error,
    reading,
    value,
    is61,
    clcomd: is61 ? old : modern,
  };
}

function stateOf(name: string, reading: Reading<unknown> | undefined): ClcomdState {
  if (reading?.kind === 'failure' && saysNotOnFile(reading.failure)) return 'not-on-file';
  if (reading?.kind !== 'value') return 'unread';
  const row = (reading.value as readonly Subsystem[]).find((one) => one.name === name);
  if (row === undefined) return 'unread';
  if (row.status === 'active' || row.status === 'inoperative') return row.status;
  return { other: row.status };
}

function interfacesOf(nodes: readonly NodeSight[]): readonly ClusterInterface[] {
  const all = nodes.flatMap((node) => node.value('interfaces') ?? []);
  const byKey = new Map(all.map((one) => [[one.label, one.address, one.node, one.type].join(' '), one]));
  return [...byKey.values()];
}

/** The rows whose labels and addresses are a node's own and stay with it: what rhosts must cover. */
export function bootInterfaces(sight: Pick<Sight, 'interfaces'>): readonly ClusterInterface[] {
  return sight.interfaces.filter(({ type, address }) => type === 'boot' && !address.startsWith('/'));
}

/** The node of the inventory that PowerHA means by a name; undefined where none is called so. */
export function nodeCalled(sight: Pick<Sight, 'nodes'>, powerhaName: string): NodeSight | undefined {
  const label = (name: string) => name.split('.')[0]?.toLowerCase();
  const isMeant = (node: NodeSight) =>
    [node.name, node.value('hostname')?.name ?? node.name].some((name) => label(name) === label(powerhaName));
  return sight.nodes.find(isMeant);
}

/** Where the node has its list of hosts, and which facts tell of it. */
export function listOf(node: NodeSight): {
  readonly file: FactName;
  readonly list: FactName;
  readonly path: string;
} {
  const list = node.is61 ? 'rhosts61' : 'rhosts';
  const path = clcomdNodeFacts[list].command.args[0] ?? '';
  return { file: node.is61 ? 'rhostsFile61' : 'rhostsFile', list, path };
}

/** `erp1`, `erp1 and erp2`, `erp1, erp2 and erp3`. */
export function namesText(names: readonly string[]): string {
  const all = [...new Set(names)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

/** The evidence of some facts of a node, without those that printed nothing. */
export function evidenceOf(node: NodeSight, names: readonly string[]): Draft['evidence'] {
  return names.flatMap((name) => {
    const evidence = node.reading(name)?.evidence;
    return evidence === undefined || evidence.excerpt.trim() === '' ? [] : [evidence];
  });
}
