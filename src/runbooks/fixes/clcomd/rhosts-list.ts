import { sumOfText } from '../../../aix/cksum.js';
import type { LongEntry } from '../../../aix/ls-le.js';
import { rhostsPath, saysNoList, type TrustedList } from '../../../aix/rhosts.js';
import type { FileSum } from '../../../core/plan.js';
import type { Reading } from '../../../core/fact.js';
import { expectedList } from '../../diagnostics/clcomd/rhosts.js';
import { nodeCalled, type NodeSight } from '../../diagnostics/clcomd/sight.js';
import { known } from './facts.js';
import { cannotSay, type Refusal } from './gate.js';
import { refused, type Ground } from './ground.js';

/** The list that every node shall have. */
export interface Proposed {
  readonly kind: 'list';
  readonly entries: readonly string[];
  readonly text: string;
  readonly sum: FileSum;
}

const source = 'PowerHA SystemMirror 7.2, standard security mode and cllsif';

/**
 * The addresses with which the cluster's own nodes call, sorted, the same for every node: the boot addresses that every
 * node's configuration names alike. A refusal where that would leave a node out, for then it would be locked out.
 */
export function proposedList({ nodes, collected }: Ground): Proposed | Refusal {
  const { name } = collected.cluster;
  const lists = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const interfaces = known(node, 'interfaces');
    if (!interfaces.ok) return no(cannotSay(`which addresses ${name} has`, interfaces.why));
    const stranger = interfaces.value.find(({ node: called }) => nodeCalled({ nodes }, called) === undefined);
    if (stranger !== undefined)
      return no(
        `${node.name} knows a node ${stranger.node} in the cluster (cllsif), which the inventory does not have.`,
      );
    lists.set(node.name, expectedList({ interfaces: interfaces.value }));
  }
  const [first, ...others] = [...lists];
  const entries = first?.[1] ?? [];
  const other = others.find(([, list]) => list.join() !== entries.join());
  if (other !== undefined)
    return no(
      `${first?.[0] ?? ''} and ${other[0]} do not name the same boot addresses (cllsif): the cluster is not synchronised.`,
    );
  if (entries.length === 0)
    return no(`cllsif names no boot address in ${name}: an empty list is never written.`);
  return leftOut(nodes, entries) ?? listOf(entries);
}

function listOf(entries: readonly string[]): Proposed {
  const text = entries.map((entry) => `${entry}\n`).join('');
  return { kind: 'list', entries, text, sum: sumOfText(rhostsPath, text) };
}

/** A node of which no own address is in the list could not call any other any more. */
function leftOut(nodes: readonly NodeSight[], entries: readonly string[]): Refusal | null {
  for (const node of nodes) {
    const addresses = known(node, 'addresses');
    if (!addresses.ok) return no(cannotSay(`${node.name} would be in the list`, addresses.why));
    const own = addresses.value.flatMap(({ address }) => address ?? []);
    if (!entries.some((entry) => own.includes(entry)))
      return no(
        `No boot address of the cluster (${entries.join(', ')}) is an address of ${node.name}: with this list it would be locked out.`,
      );
  }
  return null;
}

/** The list of a node as it is now; null where there is no file. */
export interface Current {
  readonly node: NodeSight;
  readonly list: TrustedList;
  readonly entry: LongEntry;
  readonly sum: FileSum;
}

/** What every node has now; a sentence where that is not known. */
export function currentLists(nodes: readonly NodeSight[]): ReadonlyMap<NodeSight, Current | null> | Refusal {
  const lists = new Map<NodeSight, Current | null>();
  for (const node of nodes) {
    const one = currentOn(node);
    if (typeof one === 'string') return no(one);
    lists.set(node, one);
  }
  return lists;
}

function currentOn(node: NodeSight): Current | null | string {
  const reading = node.reading('rhosts') as Reading<TrustedList> | undefined;
  const sums = known(node, 'sums');
  const entries = known(node, 'entries');
  const what = `what ${rhostsPath} on ${node.name} is`;
  if (!sums.ok || !entries.ok) return cannotSay(what, sums.ok ? (entries.ok ? '' : entries.why) : sums.why);
  const sum = sums.value.find(({ path }) => path === rhostsPath);
  const entry = entries.value.find(({ path }) => path === rhostsPath);
  const isAbsent = reading?.kind === 'failure' && saysNoList(reading.failure);
  if (isAbsent && sum === undefined && entry === undefined) return null;
  if (reading?.kind === 'value' && sum !== undefined && entry !== undefined && entry.mode.startsWith('-'))
    return { node, list: reading.value, entry, sum };
  const why = known(node, 'rhosts');
  return cannotSay(what, why.ok ? 'it is no regular file, or ls and cksum do not both see it' : why.why);
}

/** Whether a node's list needs no change: content, mode and owner. */
export function isAsProposed(current: Current | null, { sum }: Proposed): boolean {
  if (current === null) return false;
  const { mode, owner, group } = current.entry;
  const isSame = current.sum.crc === sum.crc && current.sum.bytes === sum.bytes;
  return isSame && mode === '-rw-------' && owner === 'root' && group === 'system';
}

/** Every entry beside what is proposed and what each node has now, as lines to be read in columns. */
export function comparisonLines(
  proposed: Proposed,
  lists: ReadonlyMap<NodeSight, Current | null>,
): readonly string[] {
  const nodes = [...lists.keys()];
  const linesOf = (node: NodeSight) => lists.get(node)?.list.lines ?? [];
  const extra = nodes.flatMap((node) => linesOf(node)).filter((line) => !proposed.entries.includes(line));
  const rows = [...proposed.entries, ...[...new Set(extra)].sort()].map((line) => ({
    head: shown(line),
    cells: [
      proposed.entries.includes(line) ? 'yes' : 'no',
      ...nodes.map((node) => (linesOf(node).includes(line) ? 'yes' : 'no')),
    ],
  }));
  const ofFile = {
    head: 'mode and owner',
    cells: ['600 root:system', ...nodes.map((node) => ownerOf(lists.get(node)))],
  };
  return columns([
    { head: 'entry', cells: ['proposed', ...nodes.map(({ name }) => `${name} now`)] },
    ...rows,
    ofFile,
  ]);
}

function ownerOf(current: Current | null | undefined): string {
  if (current === null || current === undefined) return 'no file';
  const { mode, owner, group } = current.entry;
  return mode === '-rw-------' && owner === 'root' && group === 'system'
    ? 'the same'
    : `${mode} ${owner}:${group}`;
}

/** What an editor hides is shown. */
function shown(line: string): string {
  if (line.trim() === '') return '(a blank line)';
  return /^[\w.:-]+$/.test(line) ? line : JSON.stringify(line);
}

function columns(
  rows: readonly { readonly head: string; readonly cells: readonly string[] }[],
): readonly string[] {
  const all = rows.map(({ head, cells }) => [head, ...cells]);
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function no(reason: string): Refusal {
  return refused('rhosts', reason, source);
}
