import type { rmcDomainStatus } from '../../../aix/rmcdomainstatus.js';
import type { Resource } from '../../../aix/lsrsrc.js';
import type { Subsystem } from '../../../aix/lssrc.js';
import { rmcPort } from '../../../aix/netstat.js';
import type { Fact, Reading } from '../../../core/fact.js';
import type { NodeTarget } from '../../../core/target.js';
import type { DlparRow } from '../../../hmc/lspartition.js';
import type { HmcNetwork } from '../../../hmc/lshmc.js';
import type { HmcRow } from '../../../hmc/lssyscfg.js';
import type { RmcCollected } from './facts.js';
import { linkOf, ownHmc, peersOf, type Link, type Peer } from './peers.js';

/** Who the node is: by its own word (`uname -L`), by the inventory's alone, by two that differ, or by none. */
export type Identity =
  | { readonly kind: 'confirmed' | 'assumed'; readonly lparId: number }
  | { readonly kind: 'contradiction'; readonly said: number; readonly expected: number | null }
  | { readonly kind: 'unknown' };

/** A row looked for in an HMC list. `unread`: the list was not read, or there was no key to look with. */
export type Lookup<T> =
  | { readonly kind: 'found'; readonly row: T }
  | { readonly kind: 'absent' | 'ambiguous' | 'unread' };

type DomainStatus = typeof rmcDomainStatus extends Fact<infer T> ? T : never;

/** Both sides, joined. What was not read is null or `unread`; nothing here is a default. */
export interface Sight {
  readonly target: NodeTarget;
  readonly collected: RmcCollected;
  readonly identity: Identity;
  readonly subsystems: readonly Subsystem[] | null;
  readonly domain: DomainStatus | null;
  readonly controlPoints: readonly Resource[] | null;
  readonly port: { readonly tcpListening: boolean; readonly udpBound: boolean } | null;
  readonly system: Lookup<HmcRow>;
  readonly partition: Lookup<HmcRow>;
  readonly dlpar: Lookup<DlparRow>;
  /** What lssyscfg says of the LPAR's DLPAR capabilities. */
  readonly capabilities: Lookup<HmcRow>;
  /** The HMC's connections to the managed system, one for each service processor. */
  readonly connections: readonly HmcRow[] | null;
  readonly network: HmcNetwork | null;
  /** The HMCs that the node knows. */
  readonly peers: readonly Peer[];
  /** How it hears the one that manages it. */
  readonly link: Link;
}

/** Joins the two sides on LPAR id and machine type*serial, never on address or name: both are reused. */
export function look(collected: RmcCollected): Sight {
  const node = collected.node.ok ? collected.node.facts : null;
  const hmc = collected.hmc?.ok ? collected.hmc.facts : null;
  const identity = identify(collected);
  const system = find(valueOf(hmc?.systems), (row) => row.name === collected.target.system?.hmcName);
  const sockets = valueOf(node?.sockets);
  const domain = valueOf(node?.domain);
  const controlPoints = valueOf(node?.controlPoints);
  const network = valueOf(hmc?.hmcNetwork);
  const dlpar = find(valueOf(hmc?.dlpar), dlparTest(identity, system));
  const own = ownHmc(collected.target, network);
  const peers = peersOf(domain?.controlPoints ?? null, controlPoints, own);
  return {
    target: collected.target,
    collected,
    identity,
    subsystems: valueOf(node?.subsystems),
    domain,
    controlPoints,
    port: sockets === null ? null : rmcPort(sockets.sockets),
    system,
    partition: find(valueOf(hmc?.partitions), partitionTest(identity)),
    dlpar,
    capabilities: find(valueOf(hmc?.dlparCapabilities), partitionTest(identity)),
    connections: connectionsTo(valueOf(hmc?.systemConnections), system),
    network,
    peers,
    link: linkOf(domain === null ? null : peers, hmcSideOf(dlpar)),
  };
}

/** A fact's value, or null where it was not read or failed. A name that is missing counts as not read. */
export function valueOf<T>(reading: Reading<T> | undefined): T | null {
  return reading?.kind === 'value' ? reading.value : null;
}

/** What `lssrc -a` says of a subsystem: its status, `absent` when it is not listed, null when nothing was read. */
export function statusOf(sight: Pick<Sight, 'subsystems'>, name: string): string | null {
  if (sight.subsystems === null) return null;
  return sight.subsystems.find((subsystem) => subsystem.name === name)?.status ?? 'absent';
}

/** What the HMC holds of the connection. `unread` also where there is no HMC to ask. */
export function hmcSideOf(dlpar: Lookup<DlparRow>): 'up' | 'down' | 'unread' {
  if (dlpar.kind === 'absent') return 'down';
  if (dlpar.kind !== 'found') return 'unread';
  return dlpar.row.active > 0 ? 'up' : 'down';
}

/** Whether DCaps has no bit set. The HMC prints it as a hexadecimal number of any length. */
export function hasNoDlparCapability(row: DlparRow): boolean {
  return BigInt(row.dcaps) === 0n;
}

/** The HMC's view in one sentence, for findings about a node that could not be asked itself. */
export function hmcSays(sight: Sight): string {
  const hmcName = sight.target.system?.hmc.name;
  if (sight.collected.hmc === null || hmcName === undefined) return 'There is no HMC to ask.';
  if (sight.partition.kind !== 'found') return `${hmcName} could not say how the LPAR is.`;
  const { state, rmc_state: rmcState } = sight.partition.row;
  const dlpar =
    sight.dlpar.kind === 'found'
      ? `Active:<${sight.dlpar.row.active}>, DCaps:<${sight.dlpar.row.dcaps}>`
      : sight.dlpar.kind === 'absent'
        ? 'not listed by lspartition -dlpar'
        : 'lspartition -dlpar not read';
  return `${hmcName} says: state ${String(state)}, rmc_state ${String(rmcState)}, ${dlpar}.`;
}

function identify({ target, node }: RmcCollected): Identity {
  const said = node.ok ? valueOf(node.facts.partition) : null;
  if (said === null)
    return target.lparId === null ? { kind: 'unknown' } : { kind: 'assumed', lparId: target.lparId };
  const differs = target.lparId !== null && said.lparId !== target.lparId;
  // AIX prints -1 where it does not run in a partition; no HMC lists such an LPAR.
  const impossible = target.platform === 'hmc' && said.lparId < 1;
  if (differs || impossible) return { kind: 'contradiction', said: said.lparId, expected: target.lparId };
  return { kind: 'confirmed', lparId: said.lparId };
}

function connectionsTo(rows: readonly HmcRow[] | null, system: Lookup<HmcRow>): readonly HmcRow[] | null {
  if (rows === null || system.kind !== 'found') return null;
  const { type_model: typeModel, serial_num: serial } = system.row;
  if (!typeModel || !serial) return null;
  return rows.filter((row) => row.type_model_serial_num === `${typeModel}*${serial}`);
}

type Test<T> = ((row: T) => boolean) | null;

function partitionTest(identity: Identity): Test<HmcRow> {
  if (!('lparId' in identity)) return null;
  const { lparId } = identity;
  return (row) => row.lpar_id === String(lparId);
}

function dlparTest(identity: Identity, system: Lookup<HmcRow>): Test<DlparRow> {
  if (!('lparId' in identity) || system.kind !== 'found') return null;
  const { lparId } = identity;
  const { type_model: typeModel, serial_num: serial } = system.row;
  if (typeModel === undefined || serial === undefined) return null;
  return (row) => row.lparId === lparId && row.machineType === typeModel && row.serial === serial;
}

function find<T>(rows: readonly T[] | null, test: Test<T>): Lookup<T> {
  if (rows === null || test === null) return { kind: 'unread' };
  const [row, ...more] = rows.filter(test);
  if (row === undefined) return { kind: 'absent' };
  return more.length > 0 ? { kind: 'ambiguous' } : { kind: 'found', row };
}
