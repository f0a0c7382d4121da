import { saysManagerDown } from '../../../aix/clrginfo.js';
import type { ClockFace } from '../../../aix/date.js';
import type { Finding } from '../../../core/verdict.js';
import type { Root } from './daemon.js';
import { evidenceOf, namesText, type Draft, type NodeSight, type Sight } from './sight.js';

/** States in which nothing moves: running, configured and down, and not configured. */
const calm = ['ST_STABLE', 'ST_INIT', 'NOT_CONFIGURED'];
/** In these the manager answers no question about groups. */
const down = ['ST_INIT', 'NOT_CONFIGURED'];
/** ST_STABLE may hide groups that were forced down. */
const restlessGroups = /UNMANAGED|ERROR|ACQUIRING|RELEASING/;

/** Something that moves, and whom it was heard from. */
interface Said {
  readonly text: string;
  /** True for what follows of a node that was not reached. */
  readonly isOfLost: boolean;
}

/** The cluster manager, its groups and its members: looked at, and never touched from here. One finding for all nodes. */
export function managers(sight: Sight): readonly Finding[] {
  const lost = sight.nodes.filter(({ error }) => error !== null);
  const each = sight.nodes.map((node) => ({ node, said: saidOf(node, lost) }));
  const heard = new Map<string, string[]>();
  for (const { node, said } of each)
    for (const { text } of said) heard.set(text, [...(heard.get(text) ?? []), node.name]);
  if (heard.size === 0) return [];
  const isFailed = sight.nodes.some((node) => node.value('manager')?.state === 'RP_FAILED');
  const restless = each.filter(({ said }) => said.length > 0).map(({ node }) => node);
  const observed = [...heard].map(([text, names]) => `${namesText(names)}: ${text}`);
  const isFollowing = each.every(({ said }) => said.every(({ isOfLost }) => isOfLost));
  return [
    {
      id: 'cluster.manager-unstable',
      severity: isFailed ? 'crit' : 'warn',
      title: `The cluster ${sight.collected.cluster.name} is not at rest.`,
      expected:
        'every cluster manager in ST_STABLE, ST_INIT or NOT_CONFIGURED, no event waiting, every group ONLINE or OFFLINE, every member UP',
      observed: `${observed.join('; ')}. Nothing of clcomd may be changed before this is over.`,
      evidence: restless.flatMap((node) => evidenceOf(node, ['manager', 'groups', 'members'])),
      fixes: [],
      ...(isFollowing ? { follows: 'node.unreachable' } : {}),
    },
  ];
}

function saidOf(node: NodeSight, lost: readonly NodeSight[]): readonly Said[] {
  const own = [...managerSaid(node), ...groupsSaid(node)].map((text) => ({ text, isOfLost: false }));
  return [...own, ...membersSaid(node, lost)];
}

function managerSaid(node: NodeSight): readonly string[] {
  const reading = node.reading('manager');
  // 0513-036: it is not running; 0513-085: the SRC does not know it; 0513-004 stands for either.
  if (reading?.kind === 'failure' && isManagerAbsent(reading.failure.code))
    return [`the cluster manager is not running (${reading.failure.message.split('\n')[0] ?? ''})`];
  const manager = node.value('manager');
  if (manager === null) return [];
  const events = [manager.ibcastEvents, manager.rmIbcastEvents].filter(
    (count) => count !== null && count > 0,
  );
  return [
    ...(calm.includes(manager.state) ? [] : [`the cluster manager is in ${manager.state}`]),
    ...events.map((count) => `${count} ${count === 1 ? 'event waits' : 'events wait'} in its queue`),
  ];
}

/** The SRC's answers for a subsystem that is down or not there. */
export function isManagerAbsent(code: string | null): boolean {
  return code === '0513-036' || code === '0513-085' || code === '0513-004';
}

/** Does the manager itself say that it is down, so that it cannot tell of groups? */
export function isManagerDown(node: NodeSight): boolean {
  const manager = node.reading('manager');
  if (manager?.kind === 'failure') return isManagerAbsent(manager.failure.code);
  const state = node.value('manager')?.state;
  const groups = node.reading('groups');
  return (
    state !== undefined &&
    down.includes(state) &&
    groups?.kind === 'failure' &&
    saysManagerDown(groups.failure)
  );
}

function groupsSaid(node: NodeSight): readonly string[] {
  const rows = node.value('groups') ?? [];
  return rows
    .filter(({ state }) => restlessGroups.test(state))
    .map(({ group, state, node: where }) => `resource group ${group} is ${state} on ${where}`);
}

function membersSaid(node: NodeSight, lost: readonly NodeSight[]): readonly Said[] {
  const reading = node.reading('members');
  if (reading?.kind === 'failure' && reading.failure.code === null && !node.is61)
    return [{ text: `CAA says: ${reading.failure.message}`, isOfLost: false }];
  const label = (name: string) => name.split('.')[0]?.toLowerCase();
  const isLost = (name: string) => lost.some((one) => label(one.name) === label(name));
  const members = node.value('members') ?? [];
  return members
    .filter(({ state }) => state !== 'UP')
    .map(({ name, state }) => ({ text: `${name} is ${state} by lscluster -m`, isOfLost: isLost(name) }));
}

/** Between two nodes, as the procedures have it; against our own clock a session's start is in between. */
const apartMs = 60_000;
const fromUsMs = 120_000;

/** Q6: clocks too far apart. The dates of certificates cannot be judged there, and answers look old. */
export function clocks(sight: Sight): readonly Root[] {
  const read = sight.nodes.flatMap((node) => {
    const face: ClockFace | null = node.value('utc');
    return face === null ? [] : [{ node, atMs: face.faceMs - Date.parse(sight.collected.startedAt) }];
  });
  const [fastest, slowest] = [...read]
    .sort((a, b) => b.atMs - a.atMs)
    .flatMap((one, at, all) => (at === 0 || at === all.length - 1 ? [one] : []));
  if (fastest === undefined) return [];
  const spreadMs = slowest === undefined ? 0 : fastest.atMs - slowest.atMs;
  const strange = read.filter(({ atMs }) => Math.abs(atMs) > fromUsMs);
  if (spreadMs <= apartMs && strange.length === 0) return [];
  const said = read.map(({ node, atMs }) => `${node.name} ${seconds(atMs)}`);
  const isApart = spreadMs > apartMs;
  const draft: Draft = {
    id: 'node.clock-skew',
    severity: 'warn',
    title: isApart
      ? `The clocks of the cluster are ${Math.round(spreadMs / 1000)} s apart.`
      : `The clock of ${namesText(strange.map(({ node }) => node.name))} is not that of this program.`,
    expected: 'at most 60 s between any two nodes',
    observed: `against this program’s clock: ${said.join(', ')}. Repair NTP first: the nodes may judge the dates of certificates otherwise than this program does.`,
    evidence: read.flatMap(({ node }) => evidenceOf(node, ['utc'])),
    fixes: [],
  };
  const isLate = (text: string) => text.startsWith('It answered with a date that is');
  return [{ draft, explains: (pair) => pair.said.length > 0 && pair.said.every(isLate) }];
}

function seconds(ms: number): string {
  const rounded = Math.round(ms / 1000);
  return `${rounded > 0 ? '+' : ''}${rounded} s`;
}
