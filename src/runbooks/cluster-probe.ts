import { clockFace, localDate, utcDate, type ClockFace } from '../aix/date.js';
import { hostname, type HostName } from '../aix/hostname.js';
import { dateOver, isNodeName, type Reached as Answered } from '../aix/clrsh.js';
import { clusterMembers, type ClusterMember } from '../aix/lscluster-m.js';
import type { Fact, FactSet, Reading } from '../core/fact.js';
import type { Outcome } from '../core/outcome.js';
import type { ClusterCollected } from './definition.js';

/** Asked of every node of a cluster beside whatever else is asked: what trying its pairs needs to know. */
export const probeFacts = {
  hostname,
  members: clusterMembers,
  date: localDate,
  utc: utcDate,
} satisfies FactSet;

/** Another node's date may be so far from the caller's clock and still prove that it answered now. */
const toleranceMs = 120_000;
const quarterMs = 15 * 60_000;

type Nodes = ClusterCollected['nodes'];

/**
 * The name that clrsh is given for each node, by inventory name; null where there is none that is safe to give.
 *
 * clrsh takes a node by the name that the cluster has for it. That is the inventory's name wherever the node bears it,
 * alone or before its domain. A node that calls itself otherwise (`lscluster -m`, its own row; else `hostname`) is asked
 * for by that name, if it is made of harmless characters and no other node of the cluster is called the same: a node
 * that bears another's name must not have its pairs tried against the other.
 */
export function peerNames(nodes: Nodes): ReadonlyMap<string, string | null> {
  const own = new Map(nodes.map(({ target, node }) => [target.name, ownName(target.name, node)]));
  const names = [...own.values()];
  return new Map(
    [...own].map(([inventoryName, name]) => {
      const isShared = names.filter((other) => firstLabel(other) === firstLabel(name)).length > 1;
      const given = isShared ? inventoryName : name;
      return [inventoryName, isNodeName(given) ? given : null];
    }),
  );
}

function ownName(inventoryName: string, node: Nodes[number]['node']): string {
  const said = node.ok ? saidNames(node.facts) : [];
  const bearsIt = said.some((name) => firstLabel(name) === firstLabel(inventoryName));
  if (said.length === 0 || bearsIt) return inventoryName;
  return said.find(isNodeName) ?? inventoryName;
}

/** What the node calls itself: the cluster's name for it first. */
function saidNames(facts: Readonly<Record<string, Reading<unknown>>>): readonly string[] {
  const members = valueOf(facts['members']) as readonly ClusterMember[] | undefined;
  const local = members?.find((member) => member.isLocal)?.name;
  const host = (valueOf(facts['hostname']) as HostName | undefined)?.name;
  return [local, host].filter((name) => name !== undefined);
}

function firstLabel(name: string): string {
  return (name.split('.')[0] ?? name).toLowerCase();
}

function valueOf(reading: Reading<unknown> | undefined): unknown {
  return reading?.kind === 'value' ? reading.value : undefined;
}

/** Milliseconds that each zone's name is ahead of UTC, as the nodes themselves show by printing both. */
export type Zones = ReadonlyMap<string, number>;

/** The zones of one node's own clock; empty where it was not read. Zone names mean different things to different people. */
export function zonesOf(node: Nodes[number]['node'] | undefined): Zones {
  const zones = new Map([
    ['UTC', 0],
    ['GMT', 0],
  ]);
  if (node?.ok !== true) return zones;
  const local = valueOf(node.facts['date']) as ClockFace | undefined;
  const utc = valueOf(node.facts['utc']) as ClockFace | undefined;
  if (local === undefined || utc === undefined) return zones;
  // Both were read within seconds, and offsets are whole quarters of an hour.
  return zones.set(local.zone, Math.round((local.faceMs - utc.faceMs) / quarterMs) * quarterMs);
}

/** One try of a pair: the other node's date through clcomd, and the caller's own clock right behind it. */
export function tryFacts(peerName: string): {
  readonly answer: Fact<Answered>;
  readonly callerUtc: Fact<ClockFace>;
} {
  return { answer: dateOver(peerName), callerUtc: utcDate };
}

/** What is known when one try of a pair is judged. */
export interface TryGround {
  readonly outcome: Outcome | undefined;
  /** The caller's clock right behind the try. */
  readonly callerUtc: Reading<ClockFace>;
  /** The other node's zones, then the caller's. */
  readonly zones: readonly Zones[];
}

/**
 * What one try of a pair shows: the other node's date where it answered, clcomd's failure where it did not, and unread
 * where the try itself did not take place. A date far from the caller's clock is a failure: it proves nothing of now.
 * Exit statuses of clrsh are not documented: only 0 with a date is an answer.
 */
export function tryReading(reading: Reading<Answered>, ground: TryGround): Reading<string> {
  const { evidence } = reading;
  if (reading.kind === 'failure') return reading;
  if (reading.kind === 'unread') {
    const message = refusal(ground.outcome);
    if (message === null) return reading;
    return { kind: 'failure', failure: { code: null, message }, evidence };
  }
  if (ground.callerUtc.kind !== 'value') {
    const message =
      'The clock of the calling node was not read, so the answer cannot be told from an old one.';
    return { kind: 'unread', error: { class: 'CommandError', message }, evidence };
  }
  const { output } = reading.value;
  const face = clockFace(output);
  const offset = face === null ? undefined : offsetOf(face.zone, ground.zones);
  if (face === null || offset === undefined) {
    const message = `"${output}" is in a time zone that neither node names.`;
    return { kind: 'unread', error: { class: 'ParseError', message, line: output }, evidence };
  }
  const apartMs = Math.abs(face.faceMs - offset - ground.callerUtc.value.faceMs);
  if (apartMs <= toleranceMs) return { kind: 'value', value: output, evidence };
  const message = `It answered with a date that is ${Math.round(apartMs / 1000)} s from the calling node's clock.`;
  return { kind: 'failure', failure: { code: null, message }, evidence };
}

function offsetOf(zone: string, zones: readonly Zones[]): number | undefined {
  return zones.map((known) => known.get(zone)).find((offset) => offset !== undefined);
}

/** Why clrsh itself did not succeed, or null where it is not proven that it was run at all. */
function refusal(outcome: Outcome | undefined): string | null {
  if (outcome === undefined) return null;
  if (outcome.ended === 'timed-out') return 'It did not answer within 30 s.';
  const { exitCode, stdout, stderr } = outcome;
  if (outcome.ended !== 'exited' || exitCode === null || exitCode === 0) return null;
  // A shell's "not found" and "not run", and sudo's refusal: nothing was asked of clcomd.
  if (exitCode === 126 || exitCode === 127 || /^(?:aixops|sudo): /m.test(stderr)) return null;
  const said = (stderr.trim() || stdout.trim()).split('\n')[0]?.trim().slice(0, 200) ?? '';
  return `clrsh exited ${exitCode}${said === '' ? ' without a word' : `: ${said}`}`;
}
