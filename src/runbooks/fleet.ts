import type { Evidence, FactSet, Reading } from '../core/fact.js';
import type { KnownNode } from '../core/fleet.js';
import type { Finding } from '../core/verdict.js';
import type { DlparRow } from '../hmc/lspartition.js';
import type { HmcRow } from '../hmc/lssyscfg.js';
import type { Collected, Reached } from './definition.js';
import { sameForm } from './fleet-known.js';

/** Nodes that have one RSCT node id, and which of them should get a new one. */
export interface Twins {
  readonly nodeId: string;
  readonly nodes: readonly KnownNode[];
  /** The one that keeps the id; null where the facts do not tell the original from the clone. */
  readonly keep: string | null;
  /** Why that one, or why nobody but a person can say; a sentence without its full stop. */
  readonly why: string;
}

/** Known longer by at least this, a node counts as the older one. */
const dayMs = 24 * 3_600_000;

/** Every node id that more than one node of the fleet has. One LPAR under two names of the inventory is no twin of itself. */
export function twinsIn(fleet: readonly KnownNode[]): readonly Twins[] {
  const byId = new Map<string, KnownNode[]>();
  for (const node of fleet) {
    if (node.nodeId === null) continue;
    const id = sameForm(node.nodeId);
    const found = byId.get(id);
    if (found === undefined) byId.set(id, [node]);
    else found.push(node);
  }
  return [...byId].flatMap(([nodeId, found]) => {
    const nodes = found.filter((node, at) => !found.slice(0, at).some((other) => isSameLpar(node, other)));
    return nodes.length < 2 ? [] : [{ nodeId, nodes: found, ...original(nodes) }];
  });
}

/** A fleet in which each of its nodes is found without looking at all the others. */
interface FleetIndex {
  readonly byName: ReadonlyMap<string, KnownNode>;
  readonly twins: ReadonlyMap<string, Twins>;
  readonly byAddress: ReadonlyMap<string, readonly KnownNode[]>;
}

// A fleet never changes once it is made, and a sweep asks it about every one of its nodes.
const indexes = new WeakMap<readonly KnownNode[], FleetIndex>();

function indexOf(fleet: readonly KnownNode[]): FleetIndex {
  const known = indexes.get(fleet);
  if (known !== undefined) return known;
  const byAddress = new Map<string, KnownNode[]>();
  for (const node of fleet)
    for (const address of node.addresses) {
      const found = byAddress.get(address);
      if (found === undefined) byAddress.set(address, [node]);
      else found.push(node);
    }
  const index = {
    byName: new Map(fleet.map((node) => [node.name, node])),
    twins: new Map(twinsIn(fleet).flatMap((twins) => twins.nodes.map(({ name }) => [name, twins] as const))),
    byAddress,
  };
  indexes.set(fleet, index);
  return index;
}

/** The twins of one node, itself included; null where its id is its own. */
export function twinsOf(name: string, fleet: readonly KnownNode[]): Twins | null {
  return indexOf(fleet).twins.get(name) ?? null;
}

/**
 * The finding on a node whose id another node has too; null where none has. It rests on `collected.fleet`, in which
 * the node itself is as it was read now.
 */
export function nodeIdDuplicate(collected: Collected<FactSet, FactSet>): Finding | null {
  const { target, fleet = [] } = collected;
  const twins = twinsOf(target.name, fleet);
  const self = indexOf(fleet).byName.get(target.name);
  if (twins === null || self === undefined) return null;
  const others = twins.nodes.filter((node) => node.name !== target.name && !isSameLpar(node, self));
  if (others.length === 0) return null;
  const names = others.map((node) => node.name).join(', ');
  const isFresh = others.some((node) => Date.parse(self.readAt) - Date.parse(node.readAt) < dayMs);
  const changes = twins.keep !== null && twins.keep !== target.name;
  return {
    id: 'rsct.node-id-duplicate',
    // What was read long ago may have been put right since: then a new look at the other one decides.
    severity: isFresh ? 'crit' : 'unknown',
    title: `${target.name} has the same RSCT node ID as ${names}.`,
    expected: 'a node ID that no other node has',
    observed: `${twins.nodeId} is also the node ID of ${others.map(asRead).join(', ')}. ${advice(twins, target.name, isFresh)}`,
    evidence: evidenceOf(collected.node, 'nodeId'),
    fixes: changes && isFresh ? ['rsct-rebuild'] : [],
  };
}

/**
 * The finding on an LPAR for which its HMC holds an address that another node of the fleet shows as its own and this
 * one does not; null otherwise. The HMC then talks to the wrong one.
 */
export function addressOfAnother(collected: Collected<FactSet, FactSet>): Finding | null {
  const { target, hmc, fleet = [] } = collected;
  const self = indexOf(fleet).byName.get(target.name);
  if (hmc?.ok !== true || self === undefined || self.addresses.length === 0) return null;
  const address = addressHeld(hmc, self, target.system?.hmcName);
  if (address === null || self.addresses.includes(address)) return null;
  const owner = indexOf(fleet)
    .byAddress.get(address)
    ?.find((node) => node.name !== target.name);
  if (owner === undefined || isSameLpar(owner, self)) return null;
  return {
    id: 'rmc.stale-hmc-entry',
    severity: 'crit',
    title: `The HMC takes the address of ${owner.name} for that of ${target.name}.`,
    expected: `an address of ${target.name}: ${self.addresses.join(', ')}`,
    observed: `${address}, which ${asRead(owner)} has`,
    evidence: [...evidenceOf(hmc, 'dlpar'), ...evidenceOf(collected.node, 'interfaces')],
    fixes: [],
  };
}

/** P8 "Which twin?": a node in a cluster is never changed; the newcomer is the clone; anything else is for a person. */
function original(nodes: readonly KnownNode[]): Pick<Twins, 'keep' | 'why'> {
  const clustered = nodes.filter((node) => node.inCluster === true);
  const [inCluster, ...more] = clustered;
  if (inCluster !== undefined && more.length > 0)
    return { keep: null, why: `${namesOf(clustered)} are all in clusters, and none of them may be changed` };
  const unclear = nodes.filter((node) => node.inCluster !== true && node.inCluster !== false);
  if (unclear.length > 0)
    return { keep: null, why: `it is not known whether ${namesOf(unclear)} is in a cluster` };
  if (inCluster !== undefined)
    return { keep: inCluster.name, why: `${inCluster.name} is in a cluster, which needs its node ID` };
  const [oldest, next] = [...nodes].sort((a, b) => sinceMs(a) - sinceMs(b));
  if (oldest === undefined || next === undefined || sinceMs(next) - sinceMs(oldest) < dayMs)
    return { keep: null, why: 'nothing that was read tells the original from the clone' };
  return {
    keep: oldest.name,
    why: `${oldest.name} has had it since ${day(oldest)}, ${next.name} was first seen with it on ${day(next)}`,
  };
}

function advice(twins: Twins, name: string, isFresh: boolean): string {
  if (!isFresh) return `Read them again together before anything is changed.`;
  if (twins.keep === null)
    return `Which of them is the clone, a person decides: ${twins.why}. Change one of them, never both.`;
  const changed = twins.nodes.filter((node) => node.name !== twins.keep).map((node) => node.name);
  const which = twins.keep === name ? `${changed.join(', ')}, not ${name}` : name;
  return `Change ${which}: ${twins.why}.`;
}

/** What the HMC holds as the LPAR's address, by LPAR id and machine. */
function addressHeld(hmc: Reached<FactSet>, self: KnownNode, hmcName: string | undefined): string | null {
  const systems = (listIn(hmc, 'systems') as readonly HmcRow[]).filter((one) => one['name'] === hmcName);
  const rows = (listIn(hmc, 'dlpar') as readonly DlparRow[]).filter(
    (row) =>
      row.lparId === self.lparId &&
      systems.some((one) => one['type_model'] === row.machineType && one['serial_num'] === row.serial),
  );
  return rows.length === 1 ? (rows[0]?.ipAddress ?? null) : null;
}

function listIn(side: Reached<FactSet>, name: string): readonly unknown[] {
  const read = side.ok ? (side.facts as Readonly<Record<string, Reading<unknown>>>)[name] : undefined;
  return read?.kind === 'value' ? (read.value as readonly unknown[]) : [];
}

function evidenceOf(side: Reached<FactSet>, name: string): readonly Evidence[] {
  const read = side.ok ? (side.facts as Readonly<Record<string, Reading<unknown>>>)[name] : undefined;
  return read === undefined ? [] : [read.evidence];
}

function isSameLpar(a: KnownNode, b: KnownNode): boolean {
  return a.system !== null && a.lparId !== null && a.system === b.system && a.lparId === b.lparId;
}

function asRead(node: KnownNode): string {
  return `${node.name} (read ${node.readAt.slice(0, 16).replace('T', ' ')} UTC)`;
}

function sinceMs(node: KnownNode): number {
  return Date.parse(node.nodeIdSince ?? node.readAt);
}

function day(node: KnownNode): string {
  return (node.nodeIdSince ?? node.readAt).slice(0, 10);
}

function namesOf(nodes: readonly KnownNode[]): string {
  return nodes.map((node) => node.name).join(' and ');
}
