import type { Socket } from '../../../aix/netstat.js';
import type { Pair } from './pairs.js';
import { bootInterfaces, namesText, nodeCalled, type Sight } from './sight.js';

/** Pairs that fail together, and what the shape of it makes likely. */
export interface Pattern {
  readonly pairs: readonly Pair[];
  /** One sentence; never that a cause is found. */
  readonly title: string;
  /** Where to look, as sentences. */
  readonly likely: string;
  /** Does it make sense that the node that refuses reads its list again? */
  readonly refreshes: boolean;
}

type Shape = Omit<Pattern, 'pairs'>;

const everything: Shape = {
  title: 'clrsh fails between all nodes, and from each node to itself; the cause is not determined.',
  likely:
    'Likely: the lists of hosts were replaced on all nodes and not read again, or the keys of message authentication differ.',
  refreshes: true,
};

/** Failing pairs that no root cause explains, by shape: everything, one sick node, one path, one direction. Each once. */
export function patternsOf(sight: Sight, open: readonly Pair[]): readonly Pattern[] {
  if (open.length === 0) return [];
  if (open.length === sight.pairs.length && sight.nodes.length > 1) return [{ pairs: open, ...everything }];
  const patterns: Pattern[] = [];
  let rest = open;
  const take = (isTaken: (pair: Pair) => boolean, shape: Shape) => {
    const pairs = rest.filter(isTaken);
    rest = rest.filter((pair) => !isTaken(pair));
    if (pairs.length > 0) patterns.push({ pairs, ...shape });
  };
  for (const { name } of sight.nodes) {
    const sick = sickNode(sight, open, name);
    if (sick !== null) take(sick.isTaken, sick.shape);
  }
  for (const pair of open) {
    if (!rest.includes(pair)) continue;
    const back = rest.find(({ from, to }) => from === pair.to && to === pair.from);
    take(
      (one) => one === pair || one === back,
      back === undefined ? oneDirection(sight, pair) : onePath(pair),
    );
  }
  return patterns;
}

interface Sick {
  readonly shape: Shape;
  readonly isTaken: (pair: Pair) => boolean;
}

/** A node at which all that fails comes together; null where it is none. */
function sickNode(sight: Sight, open: readonly Pair[], name: string): Sick | null {
  const others = sight.nodes.length - 1;
  const isSelf = open.some(({ from, to }) => from === name && to === name);
  const isInto = open.filter(({ from, to }) => to === name && from !== name).length === others;
  const isOutOf = open.filter(({ from, to }) => from === name && to !== name).length === others;
  const into = (pair: Pair) => pair.to === name;
  const any = (pair: Pair) => pair.to === name || pair.from === name;
  if (isSelf) return { shape: sickItself(name), isTaken: isOutOf ? any : into };
  // Between two nodes all into one is all out of the other: that is one direction, and no more is known.
  if (others < 2) return null;
  if (isInto && isOutOf) return { shape: cutOff(sight, name), isTaken: any };
  if (isInto) return { shape: shut(sight, name), isTaken: into };
  return isOutOf ? { shape: elsewhere(sight, name), isTaken: ({ from }) => from === name } : null;
}

function sickItself(name: string): Shape {
  return {
    title: `${name} does not even reach itself over clrsh; the cause is not determined.`,
    likely: 'Likely: its clcomd is sick, or goes by a list without its own name.',
    refreshes: true,
  };
}

function cutOff(sight: Sight, name: string): Shape {
  return {
    title: `${name} reaches itself over clrsh, and neither reaches the others nor is reached; the cause is not determined.`,
    likely: sentences(
      'Likely: the network or a firewall between it and the others, or keys of message authentication that differ from theirs.',
      listens(sight, name),
      moved(sight, name),
    ),
    refreshes: false,
  };
}

function shut(sight: Sight, name: string): Shape {
  return {
    title: `No other node reaches ${name} over clrsh; likely its port is shut.`,
    likely: sentences('Look for a firewall or IPsec in front of it.', listens(sight, name)),
    refreshes: false,
  };
}

function elsewhere(sight: Sight, name: string): Shape {
  return {
    title: `${name} reaches no other node over clrsh; likely they do not know the address that it comes from.`,
    likely: sentences(
      'Its address or host name may have changed, or a firewall or NAT stands in its way out.',
      moved(sight, name),
    ),
    refreshes: false,
  };
}

function onePath({ from, to }: Pair): Shape {
  return {
    title: `${from} and ${to} do not reach each other over clrsh; likely the network between them.`,
    likely:
      'Each reaches itself. Ports 16191 and 6191, source ports 571 to 1023, and ICMP must pass between them.',
    refreshes: false,
  };
}

function oneDirection(sight: Sight, { from, to }: Pair): Shape {
  return {
    title: `${from} does not reach ${to} over clrsh, in this direction only; the cause is not determined.`,
    likely: sentences(
      `Likely: ${to} goes by an older list without ${from}, or ${from} comes from an address that ${to} does not know.`,
      moved(sight, from),
    ),
    refreshes: true,
  };
}

function sentences(...all: readonly string[]): string {
  return all.filter((one) => one !== '').join(' ');
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
    ? 'Nothing listens there on 16191 or 6191.'
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
