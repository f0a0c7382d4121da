import type { Socket } from '../../../aix/netstat.js';
import type { Finding } from '../../../core/verdict.js';
import type { Root } from './daemon.js';
import { matrixEvidence, pairsText, type Pair } from './pairs.js';
import { securityText, type Security } from './security.js';
import { bootInterfaces, evidenceOf, namesText, nodeCalled, type NodeSight, type Sight } from './sight.js';

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
    title: `clrsh fails between ${counted(pairs)}.`,
    expected: 'every node reaches every node, itself included',
    observed: `${pairsText(pairs)}: ${saidText(pairs)}`,
    evidence: [matrixEvidence(sight.collected), ...pairs.flatMap(({ evidence }) => evidence).slice(0, 4)],
    fixes: [],
    follows: draft.id,
  };
}

interface Pattern {
  readonly pairs: readonly Pair[];
  /** What the shape of it makes likely, as a sentence. */
  readonly likely: string;
  /** Does reading its list again make sense for the node that refuses? */
  readonly refreshes: boolean;
}

/** The open pairs by shape: everything, one sick node, one direction, one path; each pair once. */
function patternsOf(sight: Sight, open: readonly Pair[]): readonly Pattern[] {
  if (open.length === 0) return [];
  const between = open.filter(({ from, to }) => from !== to);
  if (open.length === sight.pairs.length && sight.nodes.length > 1)
    return [
      {
        pairs: open,
        likely:
          'Everything fails everywhere. Likely: the lists of hosts were replaced on all nodes and not read again, or the keys of message authentication differ.',
        refreshes: true,
      },
    ];
  const patterns: Pattern[] = [];
  let rest = open;
  const take = (isTaken: (pair: Pair) => boolean, likely: string, refreshes: boolean) => {
    const pairs = rest.filter(isTaken);
    rest = rest.filter((pair) => !isTaken(pair));
    if (pairs.length > 0) patterns.push({ pairs, likely, refreshes });
  };
  for (const { name } of sight.nodes) {
    const others = sight.nodes.length - 1;
    const isSelf = open.some(({ from, to }) => from === name && to === name);
    const into = between.filter(({ to }) => to === name).length;
    const outOf = between.filter(({ from }) => from === name).length;
    const isInto = (pair: Pair) => pair.to === name;
    if (isSelf)
      take(
        isInto,
        `${name} does not even reach itself. Likely: its clcomd is sick, or goes by a list without its own name.`,
        true,
      );
    else if (others > 1 && into === others)
      take(
        isInto,
        `Nobody reaches ${name}. Likely: its port is shut (firewall, IPsec), or it goes by an older list. ${listens(sight, name)}`,
        true,
      );
    else if (others > 1 && outOf === others)
      take(
        (pair) => pair.from === name,
        `${name} reaches nobody. Likely: its address or host name has changed, and the others do not know the new one. ${moved(sight, name)}`,
        true,
      );
  }
  for (const pair of rest) {
    if (!rest.includes(pair)) continue;
    const back = rest.find(({ from, to }) => from === pair.to && to === pair.from);
    const ends = `${pair.from} and ${pair.to}`;
    if (back !== undefined)
      take(
        (one) => one === pair || one === back,
        `${ends} do not reach each other, and each reaches itself. Likely: the network path between them: ports 16191 and 6191, source ports 571 to 1023, and ICMP must pass.`,
        false,
      );
    else
      take(
        (one) => one === pair,
        `Only this direction fails. Likely: ${pair.to} goes by a list without ${pair.from}, or ${pair.from} comes from an address that ${pair.to} does not know. ${moved(sight, pair.from)}`,
        true,
      );
  }
  return patterns;
}

/** Whether anything listens there on clcomd's ports. */
function listens(sight: Sight, name: string): string {
  const node = sight.nodes.find((one) => one.name === name);
  const sockets: readonly Socket[] | undefined = node?.value('sockets')?.sockets;
  if (sockets === undefined) return '';
  const open = ['16191', '6191'].filter((port) =>
    sockets.some(({ local, state }) => state === 'LISTEN' && local.endsWith(`.${port}`)),
  );
  return open.length === 0
    ? `Nothing listens there on 16191 or 6191.`
    : `It listens on ${namesText(open)}; lsfilt -s -v4 -O shows filter rules.`;
}

/** Whether the node still has the boot address that PowerHA knows it by. */
function moved(sight: Sight, name: string): string {
  const node = sight.nodes.find((one) => one.name === name);
  const own = node?.value('addresses')?.flatMap(({ address }) => address ?? []);
  const known = bootInterfaces(sight).filter((row) => nodeCalled(sight, row.node)?.name === name);
  if (own === undefined || known.length === 0) return '';
  const gone = known.filter(({ address }) => !own.includes(address)).map(({ address }) => address);
  return gone.length === 0 ? '' : `PowerHA knows it by ${namesText(gone)}, which none of its interfaces has.`;
}

function unexplained(sight: Sight, { pairs, likely, refreshes }: Pattern, security: Security): Finding {
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
    title: `clrsh fails between ${counted(pairs)}; the cause is not determined.`,
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
      title: `clrsh answers only now and then between ${counted(pairs)}: likely packets get lost.`,
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

function counted(pairs: readonly Pair[]): string {
  const [only] = pairs;
  if (pairs.length === 1 && only !== undefined)
    return only.from === only.to
      ? `${only.from} and itself`
      : `${only.from} and ${only.to}, in this direction`;
  return `${pairs.length} of the ordered pairs`;
}

function saidText(pairs: readonly Pair[]): string {
  const said = [...new Set(pairs.flatMap((pair) => pair.said))]
    .slice(0, 3)
    .map((text) => text.replaceAll('\n', ' '));
  return said.map((text) => (/[.!?]$/.test(text) ? text : `${text}.`)).join(' ');
}
