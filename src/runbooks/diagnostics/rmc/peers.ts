import type { Resource } from '../../../aix/lsrsrc.js';
import type { RmcRow } from '../../../aix/rmcdomainstatus.js';
import type { NodeTarget } from '../../../core/target.js';
import type { HmcNetwork } from '../../../hmc/lshmc.js';
import { canonicalAddress, canonicalAddresses } from './addresses.js';

/** One management control point as the node has it: its row in rmcdomainstatus and its resource of IBM.MCP. */
export interface Peer {
  readonly row: RmcRow | null;
  readonly resource: Resource | null;
  /** Whether it is the HMC that we manage the LPAR from; null where that cannot be told. */
  readonly isOurs: boolean | null;
}

/** How the node hears the HMC that manages it. `none`: there is no row for it. */
export interface Link {
  readonly state: 'I' | 'i' | 'O' | 'X' | 'Z' | 'none' | 'unread';
  /** The rows that say so. */
  readonly rows: readonly RmcRow[];
  /** The rows of other HMCs: reported, but no fault of this connection. */
  readonly others: readonly RmcRow[];
}

/** What the managing HMC is known by. `isComplete`: its own network settings were read, so that no match means another HMC. */
interface OwnHmc {
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly isComplete: boolean;
}

/**
 * Joins the two lists on the node ID: IBM.MCP prints it as an unsigned decimal of up to 64 bits, rmcdomainstatus as 16
 * hexadecimal digits. A row without a resource stays, and a resource without a row.
 */
export function peersOf(
  rows: readonly RmcRow[] | null,
  resources: readonly Resource[] | null,
  own: OwnHmc | null,
): readonly Peer[] {
  const taken = new Set<Resource>();
  const withRow = (rows ?? []).map((row) => {
    const resource = (resources ?? []).find((one) => !taken.has(one) && isSameNode(one, row)) ?? null;
    if (resource !== null) taken.add(resource);
    return { row, resource, isOurs: isOurs(row, resource, own) };
  });
  const withoutRow = (resources ?? []).filter((one) => !taken.has(one));
  return [
    ...withRow,
    ...withoutRow.map((resource) => ({ row: null, resource, isOurs: isOurs(null, resource, own) })),
  ];
}

/** What the HMC of the inventory is known by; null where the inventory names none. */
export function ownHmc(target: NodeTarget, network: HmcNetwork | null): OwnHmc | null {
  if (target.system === null) return null;
  const { endpoint } = target.system.hmc;
  const settings = Object.entries(network ?? {});
  // The private network to the service processors (slip…) is left out: two HMCs may have the same addresses there.
  const printed = settings
    .filter(([name]) => /^(?:ipaddr|ipaddrlpar|ipv6addrlpar|ipv[46]addr_\w+)$/.test(name))
    .flatMap(([, value]) => value);
  const hostname = network?.hostname;
  return {
    addresses: canonicalAddresses([...printed, endpoint.host]),
    names: [hostname, endpoint.host].filter((name) => typeof name === 'string').flatMap(shortName),
    isComplete: network !== null,
  };
}

/**
 * Which row is the connection that counts. Where the addresses do not tell, the HMC's own word does: an LPAR that hears
 * one HMC and not another is connected to ours if ours says so.
 */
export function linkOf(peers: readonly Peer[] | null, hmcSide: 'up' | 'down' | 'unread'): Link {
  if (peers === null) return { state: 'unread', rows: [], others: [] };
  const rowsOf = (ours: boolean | null) =>
    peers.filter((peer) => peer.isOurs === ours).flatMap((peer) => peer.row ?? []);
  const known = rowsOf(true);
  const candidates = known.length > 0 ? known : rowsOf(null);
  const foreign = peers.flatMap((peer) =>
    peer.row !== null && !candidates.includes(peer.row) ? peer.row : [],
  );
  const up = candidates.filter((row) => row.state === 'I');
  const rest = candidates.filter((row) => row.state !== 'I');
  const isUp = up.length > 0 && (known.length > 0 || rest.length === 0 || hmcSide !== 'down');
  if (isUp) return { state: 'I', rows: up, others: [...rest, ...foreign] };
  for (const state of ['i', 'X', 'Z', 'O'] as const) {
    const rows = candidates.filter((row) => row.state === state);
    if (rows.length > 0)
      return { state, rows, others: [...candidates.filter((row) => row.state !== state), ...foreign] };
  }
  return { state: 'none', rows: [], others: [...candidates, ...foreign] };
}

/** The addresses by which the node knows the HMCs of these rows, in the form to compare. */
export function addressesOf(peers: readonly Peer[], rows: readonly RmcRow[]): readonly string[] {
  return canonicalAddresses(
    peers
      .filter((peer) => peer.row !== null && rows.includes(peer.row))
      .flatMap((peer) => [
        ...textsIn(peer.resource, 'IPAddresses'),
        ...textsIn(peer.resource, 'HMCIPAddr'),
        peer.row?.name ?? '',
      ]),
  );
}

/** What a person would call the HMC of a peer: its name, machine and address as far as the node has them. */
export function describePeer({ row, resource }: Peer): string {
  const parts = ['KeyToken', 'HMCName', 'HMCIPAddr'].flatMap((name) => textsIn(resource, name));
  const known = parts.filter((part) => part !== '');
  return known.length === 0 ? (row?.name ?? 'a management control point without a name') : known.join(', ');
}

function isOurs(row: RmcRow | null, resource: Resource | null, own: OwnHmc | null): boolean | null {
  if (own === null) return null;
  const said = [...textsIn(resource, 'HMCIPAddr'), ...textsIn(resource, 'IPAddresses')];
  const addresses = canonicalAddresses([...said, row?.name ?? '']);
  const names = [...textsIn(resource, 'KeyToken'), row?.name ?? ''].flatMap(shortName);
  if (addresses.some((one) => own.addresses.includes(one))) return true;
  if (names.some((one) => own.names.includes(one))) return true;
  return own.isComplete && (addresses.length > 0 || names.length > 0) ? false : null;
}

function isSameNode(resource: Resource, row: RmcRow): boolean {
  const id = resource.NodeID;
  if (typeof id !== 'string' || !/^(?:\d+|0x[0-9a-f]+)$/i.test(id)) return false;
  return BigInt(id) === BigInt(row.nodeId);
}

function textsIn(resource: Resource | null, name: string): readonly string[] {
  const value = resource?.[name] ?? [];
  return typeof value === 'string' ? [value] : value;
}

/** The host part in lower case; nothing for an address, and nothing for a name that says nothing. */
function shortName(name: string): readonly string[] {
  if (canonicalAddress(name) !== null) return [];
  const short = name.split('.')[0]?.toLowerCase() ?? '';
  return short === '' || short === 'localhost' ? [] : [short];
}
