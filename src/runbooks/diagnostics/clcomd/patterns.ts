import type { Socket } from '../../../aix/netstat.js';
import type { Pair } from './pairs.js';
import { bootInterfaces, namesText, nodeCalled, type Sight } from './sight.js';

/** Pairs that fail together, and what the shape of it makes likely. */
export interface Pattern {
  readonly pairs: readonly Pair[];
  /** As sentences; never that a cause is found. */
  readonly likely: string;
  /** Does it make sense that the node that refuses reads its list again? */
  readonly refreshes: boolean;
}

type Shape = Omit<Pattern, 'pairs'>;

const everything: Shape = {
  likely:
    'Everything fails everywhere. Likely: the lists of hosts were replaced on all nodes and not read again, or the keys of message authentication differ.',
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
    if (sick !== null) take(sick.isTaken, sick);
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

/** A node at which all that fails comes together; null where it is none. */
function sickNode(
  sight: Sight,
  open: readonly Pair[],
  name: string,
): (Shape & { readonly isTaken: (pair: Pair) => boolean }) | null {
  const others = sight.nodes.length - 1;
  const between = open.filter(({ from, to }) => from !== to);
  const isInto = (pair: Pair) => pair.to === name;
  if (open.some(({ from, to }) => from === name && to === name)) {
    const likely = `${name} does not even reach itself. Likely: its clcomd is sick, or goes by a list without its own name.`;
    return { isTaken: isInto, likely, refreshes: true };
  }
  // Between two nodes all into one is all out of the other: that is one direction, and no more is known.
  if (others < 2) return null;
  if (between.filter(isInto).length === others) {
    const likely = `Nobody reaches ${name}. Likely: its port is shut (firewall, IPsec), or it goes by an older list. ${listens(sight, name)}`;
    return { isTaken: isInto, likely, refreshes: true };
  }
  if (between.filter(({ from }) => from === name).length === others) {
    const likely = `${name} reaches nobody. Likely: its address or host name has changed, and the others do not know the new one. ${moved(sight, name)}`;
    return { isTaken: ({ from }) => from === name, likely, refreshes: true };
  }
  return null;
}

function onePath({ from, to }: Pair): Shape {
  const likely = `${from} and ${to} do not reach each other, and each reaches itself. Likely: the network path between them: ports 16191 and 6191, source ports 571 to 1023, and ICMP must pass.`;
  return { likely, refreshes: false };
}

function oneDirection(sight: Sight, { from, to }: Pair): Shape {
  const likely = `Only this direction fails. Likely: ${to} goes by a list without ${from}, or ${from} comes from an address that ${to} does not know. ${moved(sight, from)}`;
  return { likely, refreshes: true };
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
