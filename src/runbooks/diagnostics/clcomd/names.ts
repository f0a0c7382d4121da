import { canResolve, resolved, type Resolved } from '../../../aix/host.js';
import { isIpv4, isIpv6 } from '../../../aix/layouts/addresses.js';
import type { ClusterInterface } from '../../../aix/cllsif.js';
import type { FactSet } from '../../../core/fact.js';
import type { Root } from './daemon.js';
import { pairsText, type Pair } from './pairs.js';
import { evidenceOf, listOf, nodeCalled, type Draft, type NodeSight, type Sight } from './sight.js';

/** Asked of one node at most: each costs a name server's patience, and a cluster has few labels. */
export const wordsAtMost = 64;

/** The labels and addresses of the cluster and the names in its lists, which every node is asked to resolve. */
export function wordsToResolve(sight: Pick<Sight, 'nodes' | 'interfaces'>): readonly string[] {
  const rows = networked(sight.interfaces).flatMap(({ label, address }) => [label, address]);
  const entries = sight.nodes.flatMap((node) => {
    const list = node.value(listOf(node).list) as { readonly lines?: readonly string[] } | null;
    return (list?.lines ?? []).map((line) => line.trim()).filter((line) => !isIpv4(line) && !isIpv6(line));
  });
  return [...new Set([...rows, ...entries])].filter(canResolve);
}

/** The facts of the second look: how each node resolves each of these words. */
export function resolutionFacts(words: readonly string[]): FactSet {
  return Object.fromEntries(words.slice(0, wordsAtMost).map((word) => [factName(word), resolved(word)]));
}

/** The name under which the answer for a word is kept. */
export function factName(word: string): string {
  return `host ${word}`;
}

/** What the node said of a word. */
export function said(node: NodeSight, word: string): Resolved | 'not-found' | 'unread' {
  const reading = node.reading(factName(word));
  if (reading?.kind === 'failure') return 'not-found';
  return reading?.kind === 'value' ? (reading.value as Resolved) : 'unread';
}

/** One answer that is not the cluster's own. */
interface Fault {
  readonly node: NodeSight;
  readonly row: ClusterInterface;
  readonly word: string;
  readonly words: string;
}

/** Q5: every node must make of every label and address what the cluster has. One finding for all of them. */
export function names(sight: Sight): readonly Root[] {
  const faults = sight.nodes.flatMap((node) =>
    networked(sight.interfaces).flatMap((row) => [...forward(node, row), ...reverse(node, row)]),
  );
  if (faults.length === 0) return [];
  const explains = (pair: Pair) => faults.some((fault) => isBetween(sight, fault, pair));
  const matched = sight.pairs.filter((pair) => pair.state === 'failing' && explains(pair));
  return [{ draft: wrong(faults, matched), explains }];
}

function networked(interfaces: readonly ClusterInterface[]): readonly ClusterInterface[] {
  return interfaces.filter(({ address }) => !address.startsWith('/'));
}

/** A node that resolves another's label wrongly cannot reach it, and does not know it when it calls. */
function isBetween(sight: Sight, { node, row }: Fault, pair: Pair): boolean {
  const other = nodeCalled(sight, row.node)?.name;
  if (row.type !== 'boot' || other === undefined) return false;
  return (pair.from === node.name && pair.to === other) || (pair.to === node.name && pair.from === other);
}

function forward(node: NodeSight, row: ClusterInterface): readonly Fault[] {
  const found = said(node, row.label);
  if (found === 'unread') return [];
  if (found === 'not-found')
    return [{ node, row, word: row.label, words: `${row.label} resolves to nothing` }];
  if (found.addresses.includes(row.address)) return [];
  const words = `${row.label} is ${found.addresses.join(', ')} and not ${row.address}`;
  return [{ node, row, word: row.label, words }];
}

function reverse(node: NodeSight, row: ClusterInterface): readonly Fault[] {
  const found = said(node, row.address);
  if (found === 'unread') return [];
  if (found === 'not-found') return [{ node, row, word: row.address, words: `${row.address} has no name` }];
  const called = [found.name, ...found.aliases];
  if (called.some((name) => firstLabel(name) === firstLabel(row.label))) return [];
  const words = `${row.address} is called ${found.name} and not ${row.label}`;
  return [{ node, row, word: row.address, words }];
}

function firstLabel(name: string): string {
  return (name.split('.')[0] ?? name).toLowerCase();
}

function wrong(faults: readonly Fault[], matched: readonly Pair[]): Draft {
  const nodes = [...new Set(faults.map(({ node }) => node))];
  const where = nodes.map(({ name }) => name).join(', ');
  const each = nodes.map((node) => {
    const own = faults.filter((fault) => fault.node === node);
    const rows = new Map(own.map(({ row }) => [`${row.address} ${row.label}`, row]));
    const lines = [...rows.keys()].map((line) => `"${line}"`).join(', ');
    return `${node.name}: ${own.map(({ words }) => words).join('; ')}. In its /etc/hosts belongs ${lines}`;
  });
  const proof =
    matched.length === 0 ? 'No clrsh failed for it.' : `Clrsh fails for it: ${pairsText(matched)}.`;
  return {
    id: 'clcomd.name-resolution',
    severity: matched.length === 0 ? 'warn' : 'crit',
    title:
      matched.length === 0
        ? `Names of the cluster are resolved otherwise on ${where}.`
        : `Cause found: names of the cluster are resolved wrongly on ${where}.`,
    expected: 'every label and address of cllsif resolves to the other, on every node alike',
    observed: `${each.join('. ')}. ${proof} Nothing edits /etc/hosts by itself: that is for a person, on every node alike.`,
    evidence: nodes.flatMap((node) => [
      ...evidenceOf(node, [
        ...new Set(faults.filter((one) => one.node === node).map(({ word }) => factName(word))),
      ]),
      ...evidenceOf(node, ['netsvc', 'hostsFile']),
    ]),
    fixes: [],
  };
}
