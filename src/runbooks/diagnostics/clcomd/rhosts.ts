import { isHost, isIpv4, isIpv6 } from '../../../aix/layouts/addresses.js';
import type { ClusterInterface } from '../../../aix/cllsif.js';
import type { ListedFile } from '../../../aix/ls.js';
import { saysNoList, type TrustedList } from '../../../aix/rhosts.js';
import type { Root } from './daemon.js';
import { said as resolution } from './names.js';
import { pairsText, type Pair } from './pairs.js';
import {
  bootInterfaces,
  evidenceOf,
  listOf,
  namesText,
  nodeCalled,
  type Draft,
  type NodeSight,
  type Sight,
} from './sight.js';

/** One thing wrong with a node's list. `keepsOut`: inventory names of the callers that it refuses; null for any of them. */
interface Fault {
  readonly words: string;
  readonly keepsOut: readonly string[] | null;
}

interface FaultyList {
  readonly node: NodeSight;
  readonly faults: readonly Fault[];
  /** Failing pairs into the node that its faults explain. */
  readonly matched: readonly Pair[];
}

/** Q4: each node's list of trusted hosts, held against the cluster's own addresses. One finding for all of them. */
export function lists(sight: Sight): readonly Root[] {
  const faulty = sight.nodes.flatMap((node) => {
    const faults = faultsOf(sight, node);
    const failing = sight.pairs.filter((pair) => pair.state === 'failing' && keepsOut(node, faults, pair));
    return faults.length === 0 ? [] : [{ node, faults, matched: failing }];
  });
  if (faulty.length === 0) return [];
  const explains = (pair: Pair) => faulty.some(({ node, faults }) => keepsOut(node, faults, pair));
  return [{ draft: wrong(sight, faulty), explains }];
}

function keepsOut({ name }: NodeSight, faults: readonly Fault[], pair: Pair): boolean {
  return pair.to === name && faults.some(({ keepsOut: who }) => who === null || who.includes(pair.from));
}

function wrong(sight: Sight, faulty: readonly FaultyList[]): Draft {
  const matched = faulty.flatMap((one) => one.matched);
  const where = namesText(faulty.map(({ node }) => node.name));
  const path = listOf(faulty[0]!.node).path; // the caller has seen that there is one
  const said = faulty.map(
    ({ node, faults }) => `${node.name}: ${faults.map(({ words }) => words).join('; ')}`,
  );
  const proof =
    matched.length === 0
      ? 'No clrsh failed for it so far: clcomd goes by what it read last, and fails once it reads this.'
      : `Clrsh fails for it: ${pairsText(matched)}.`;
  return {
    id: 'clcomd.rhosts-wrong',
    severity: matched.length === 0 ? 'warn' : 'crit',
    title:
      matched.length === 0 ? `${path} is wrong on ${where}.` : `Cause found: ${path} is wrong on ${where}.`,
    expected: `root:system, -rw-------, one name or address in each line and nothing else, every boot address of the cluster: ${expectedList(sight).join(', ') || 'not known'}`,
    observed: `${said.join('. ')}. ${proof}`,
    evidence: faulty.flatMap(({ node }) => evidenceOf(node, [listOf(node).file, listOf(node).list])),
    fixes: expectedList(sight).length === 0 ? [] : ['clcomd-rhosts'],
  };
}

/** What every node's list should hold: the boot addresses of all nodes, sorted, each once. Empty where none is known. */
export function expectedList(sight: Pick<Sight, 'interfaces'>): readonly string[] {
  return [...new Set(bootInterfaces(sight).map(({ address }) => address))].sort();
}

function faultsOf(sight: Sight, node: NodeSight): readonly Fault[] {
  const { file, list } = listOf(node);
  const reading = node.reading(list);
  if (reading?.kind === 'failure' && saysNoList(reading.failure))
    return [{ words: 'there is no such file', keepsOut: null }];
  if (reading?.kind !== 'value') return [];
  const { lines } = reading.value as TrustedList;
  const listed = node.reading(file);
  const mode = listed?.kind === 'value' ? modeFaults(listed.value as ListedFile) : [];
  if (lines.length === 0) return [{ words: 'it is empty', keepsOut: null }, ...mode];
  return [...mode, ...lineFaults(lines), ...coverFaults(sight, node, lines)];
}

function modeFaults({ mode, owner, group }: ListedFile): readonly Fault[] {
  const faults: Fault[] = [];
  if (!/^-rw-------[.-]?$/.test(mode)) faults.push({ words: `its mode is ${mode}`, keepsOut: null });
  if (owner !== 'root' || group !== 'system')
    faults.push({ words: `it belongs to ${owner}:${group}`, keepsOut: null });
  return faults;
}

/** Lines that a person's editor spoils without showing it. */
function lineFaults(lines: readonly string[]): readonly Fault[] {
  const spoiled: readonly (readonly [string, (line: string) => boolean])[] = [
    ['carriage returns at line ends', (line) => line.includes('\r')],
    ['blank lines', (line) => line.trim() === ''],
    ['blanks around names', (line) => line.trim() !== '' && line.replace(/\r$/, '') !== line.trim()],
    ['more than one word', (line) => line.trim().split(/\s+/).length > 1],
    ['what is neither a name nor an address', (line) => isWord(line) && !isHost(line.trim())],
  ];
  return spoiled.flatMap(([what, isSo]) => {
    const numbers = lines.flatMap((line, at) => (isSo(line) ? [at + 1] : []));
    const where = numbers.length > 5 ? `${numbers.slice(0, 5).join(', ')} …` : numbers.join(', ');
    return numbers.length === 0 ? [] : [{ words: `${what} (line ${where})`, keepsOut: null }];
  });
}

function isWord(line: string): boolean {
  return line.trim() !== '' && !/\s/.test(line.trim());
}

/** Entries that the node cannot resolve, and addresses of the cluster for which there is no entry. */
function coverFaults(sight: Sight, node: NodeSight, lines: readonly string[]): readonly Fault[] {
  const entries = lines.map((line) => line.trim()).filter((line) => line !== '');
  const unknown = entries.filter((entry) => isName(entry) && resolution(node, entry) === 'not-found');
  const missing = bootInterfaces(sight).filter((row) => !entries.some((entry) => covers(node, entry, row)));
  // A name that was not asked after may stand for any of them: nothing is said to be missing then.
  const isSure = entries.every((entry) => !isName(entry) || resolution(node, entry) !== 'unread');
  const lacks = isSure ? missing : missing.filter((row) => !entries.includes(row.label));
  return [
    ...unknown.map((entry) => ({ words: `"${entry}" resolves to nothing there`, keepsOut: [] })),
    ...lacks.map((row) => ({
      words: `${row.address} (${row.label}) is missing`,
      keepsOut: callersOf(sight, row),
    })),
  ];
}

/** Whom a missing address keeps out; where PowerHA's name is nobody's in the inventory that cannot be told. */
function callersOf(sight: Sight, row: ClusterInterface): readonly string[] | null {
  const node = nodeCalled(sight, row.node);
  return node === undefined ? null : [node.name];
}

function covers(node: NodeSight, entry: string, row: ClusterInterface): boolean {
  if (!isName(entry)) return entry === row.address;
  const found = resolution(node, entry);
  return typeof found !== 'string' && found.addresses.includes(row.address);
}

function isName(entry: string): boolean {
  return !isIpv4(entry) && !isIpv6(entry);
}
