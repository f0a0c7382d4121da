import type { Finding } from '../../../core/verdict.js';
import type { Root } from './daemon.js';
import { matrixEvidence, pairsText, type Pair } from './pairs.js';
import { patternsOf, type Pattern } from './patterns.js';
import { securityText, type Security } from './security.js';
import { evidenceOf, namesText, type NodeSight, type Sight } from './sight.js';

/**
 * Q3: pairs that fail. What a root cause explains follows from it; the rest is sorted by its pattern, which says where to
 * look and never that a cause is found.
 */
export function failingPairs(sight: Sight, roots: readonly Root[], security: Security): readonly Finding[] {
  const failing = sight.pairs.filter(({ state }) => state === 'failing');
  const rootOf = (pair: Pair) => roots.find(({ explains }) => explains(pair));
  const explained = roots.flatMap((root) => {
    const pairs = failing.filter((pair) => rootOf(pair) === root);
    return pairs.length === 0 ? [] : [following(sight, root, pairs)];
  });
  const open = failing.filter((pair) => rootOf(pair) === undefined);
  const patterns = patternsOf(sight, open).map((pattern) => unexplained(sight, pattern, security));
  return [...explained, ...patterns];
}

function following(sight: Sight, { draft }: Root, pairs: readonly Pair[]): Finding {
  return {
    id: 'clcomd.pair-failing',
    severity: 'crit',
    title: `clrsh fails ${counted(sight, pairs)}.`,
    expected: 'every node reaches every node, itself included',
    observed: `${pairsText(pairs)}: ${saidText(pairs)}`,
    evidence: [matrixEvidence(sight.collected), ...pairs.flatMap(({ evidence }) => evidence).slice(0, 4)],
    fixes: [],
    follows: draft.id,
  };
}

function unexplained(
  sight: Sight,
  { pairs, title, likely, refreshes }: Pattern,
  security: Security,
): Finding {
  const callees = sight.nodes.filter(({ name }) => pairs.some(({ to }) => to === name));
  const involved = sight.nodes.filter(({ name }) =>
    pairs.some(({ from, to }) => from === name || to === name),
  );
  const isSilent = pairs.every(({ said }) => said.every((text) => text.startsWith('It did not answer')));
  // A refusal may come of an old list; what never answers has not even been heard.
  const mayRefresh = refreshes && !isSilent && callees.every(({ clcomd }) => clcomd === 'active');
  const why = isSilent
    ? 'No try was answered within 30 s: packets are dropped on the way, or clcomd hangs. '
    : '';
  return {
    id: 'clcomd.pair-failing',
    severity: 'crit',
    title,
    expected: 'every node reaches every node, itself included',
    observed: `${pairsText(pairs)}: ${saidText(pairs)} ${likely} ${why}${securityText(security)}`,
    evidence: [
      matrixEvidence(sight.collected),
      ...pairs.flatMap(({ evidence }) => evidence).slice(0, 4),
      ...involved.flatMap((node) => evidenceOf(node, ['log', 'caaLog'])),
    ],
    fixes: mayRefresh ? ['clcomd-refresh'] : [],
  };
}

/** The real sentences of a busy or broken transport of CAA; nothing else in these logs is taken for anything. */
const overflow =
  /tcpsock_ndd_add2_sendq: Overflow|get_cluster_lock|Could not send lock request message\. rc=127/;

/** Pairs that answer now and then: packets get lost. Neither lists nor certificates do that, and nothing is offered. */
export function intermittentPairs(sight: Sight): readonly Finding[] {
  const pairs = sight.pairs.filter(({ state }) => state === 'sometimes');
  if (pairs.length === 0) return [];
  const involved = sight.nodes.filter(({ name }) =>
    pairs.some(({ from, to }) => from === name || to === name),
  );
  const logged = involved.filter((node) =>
    (node.value('caaLog')?.lines ?? []).some((line) => overflow.test(line)),
  );
  const signs =
    logged.length === 0
      ? ''
      : ` syslog.caa of ${namesText(logged.map(({ name }) => name))} shows overflowing queues.`;
  const each = pairs
    .slice(0, 12)
    .map(
      (pair) => `${pair.from}→${pair.to} ${pair.answered} of ${pair.answered + pair.failed + pair.unread}`,
    );
  return [
    {
      id: 'clcomd.pair-intermittent',
      severity: 'warn',
      title: `clrsh answers only now and then ${counted(sight, pairs)}; likely packets get lost.`,
      expected: 'every try of every pair answers',
      observed: `${each.join(', ')}.${signs} ${mtus(involved)} Look at MTU and largesend on the way: lsattr -El enX -a mtu_bypass, lsattr -El entX -a platform_lso, ping -s 1472 and -s 8972, APAR IJ25390. Changing them is a change of the network, for a person.`,
      evidence: [
        matrixEvidence(sight.collected),
        ...pairs.flatMap(({ evidence }) => evidence).slice(0, 4),
        ...involved.flatMap((node) => evidenceOf(node, ['addresses', 'caaLog', 'log'])),
      ],
      fixes: [],
    },
  ];
}

function mtus(nodes: readonly NodeSight[]): string {
  const each = nodes.flatMap((node) => {
    const rows = node.value('addresses')?.filter(({ name }) => !name.startsWith('lo'));
    if (rows === undefined) return [];
    const said = [...new Set(rows.map(({ name, mtu }) => `${name} ${mtu}`))];
    return said.length === 0 ? [] : [`${node.name} ${said.join(', ')}`];
  });
  return each.length === 0 ? 'MTUs were not read.' : `MTU: ${each.join('; ')}.`;
}

function counted(sight: Sight, pairs: readonly Pair[]): string {
  const [only] = pairs;
  if (pairs.length > 1 || only === undefined)
    return `for ${pairs.length} of ${sight.pairs.length} pairs of nodes`;
  return only.from === only.to ? `from ${only.from} to itself` : `from ${only.from} to ${only.to}`;
}

function saidText(pairs: readonly Pair[]): string {
  const said = [...new Set(pairs.flatMap((pair) => pair.said))]
    .slice(0, 3)
    .map((text) => text.replaceAll('\n', ' '));
  return said.map((text) => (/[.!?]$/.test(text) ? text : `${text}.`)).join(' ');
}
