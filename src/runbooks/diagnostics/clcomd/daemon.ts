import { saysNotInstalled } from '../../../aix/lslpp.js';
import type { ClusterMember } from '../../../aix/lscluster-m.js';
import { notReached } from '../rmc/access.js';
import { pairsText, type Pair } from './pairs.js';
import { evidenceOf, namesText, type Draft, type NodeSight, type Sight } from './sight.js';

/** A root cause with the pairs whose failing it explains. */
export interface Root {
  readonly draft: Draft;
  readonly explains: (pair: Pair) => boolean;
}

const touches = (name: string) => (pair: Pair) => pair.from === name || pair.to === name;

/** Q1: a node that SSH does not reach is no case for clcomd. What its peers see of it is told instead. */
export function notReachedNodes(sight: Sight): readonly Root[] {
  return sight.nodes.flatMap((node) => {
    if (node.error === null) return [];
    const draft = notReached(node.target, node.error, 'nothing is known of its clcomd');
    const seen = peersView(sight, node);
    const isDown = seen.some(({ state }) => state !== 'UP');
    const words = seen.map(({ by, state }) => `${by} sees it ${state}`);
    const said =
      words.length === 0 ? 'No peer says anything of it.' : `By lscluster -m, ${words.join(', ')}.`;
    const observed = `${draft.observed} ${said} This is no fault of clcomd: look after the node and its network first.`;
    const severity = isDown ? 'crit' : draft.severity;
    const shown = seen.flatMap(({ evidence }) => evidence);
    return [
      {
        draft: { ...bareOf(draft), severity, observed, evidence: [...draft.evidence, ...shown] },
        explains: touches(node.name),
      },
    ];
  });
}

/** Without what the other diagnostic tells symptoms apart by. */
function bareOf({ id, title, expected, fixes }: Draft): Pick<Draft, 'id' | 'title' | 'expected' | 'fixes'> {
  return { id, title, expected, fixes };
}

function peersView(sight: Sight, node: NodeSight) {
  const label = (name: string) => name.split('.')[0]?.toLowerCase();
  return sight.nodes.flatMap((peer) => {
    const members: readonly ClusterMember[] = peer.value('members') ?? [];
    const row = members.find((member) => label(member.name) === label(node.name));
    if (peer.name === node.name || row === undefined) return [];
    return [{ by: peer.name, state: row.state, evidence: evidenceOf(peer, ['members']) }];
  });
}

/** Q2: what the SRC says of clcomd. That it is active proves nothing yet. */
export function daemons(sight: Sight): readonly Root[] {
  return sight.nodes.flatMap((node) => {
    if (node.error !== null || node.clcomd === 'active' || node.clcomd === 'unread')
      return lacksPowerha(node);
    const failing = sight.pairs.filter((pair) => pair.state === 'failing' && touches(node.name)(pair));
    const explains = touches(node.name);
    if (node.clcomd === 'not-on-file') return [{ draft: notInstalled(node), explains }];
    if (node.clcomd === 'inoperative') return [{ draft: inoperative(node, failing), explains }];
    return [{ draft: inBetween(node, node.clcomd.other), explains }];
  });
}

function subsystemName(node: NodeSight): string {
  return node.is61 ? 'clcomdES' : 'clcomd';
}

function inoperative(node: NodeSight, failing: readonly Pair[]): Draft {
  const name = subsystemName(node);
  const proof = failing.length === 0 ? '' : ` Clrsh fails for it: ${pairsText(failing)}.`;
  const isMissingAtBoot =
    !node.is61 && node.reading('atBoot')?.kind === 'value' && node.value('atBoot') === null;
  const boot = isMissingAtBoot
    ? ' /etc/inittab has no entry for it, so it does not come back after a boot: that entry is for a person to add.'
    : '';
  return {
    id: 'clcomd.inoperative',
    severity: 'crit',
    title:
      failing.length === 0
        ? `${name} is not running on ${node.name}.`
        : `Cause found: ${name} is not running on ${node.name}.`,
    expected: `${name} active`,
    observed: `${name} inoperative.${proof}${boot} Read what the error log says before starting it.`,
    evidence: evidenceOf(node, [name, 'atBoot', 'errorLog', 'log']),
    fixes: ['clcomd-start'],
  };
}

function inBetween(node: NodeSight, status: string): Draft {
  return {
    id: 'clcomd.inoperative',
    severity: 'warn',
    title: `${subsystemName(node)} on ${node.name} is neither running nor down: ${status}.`,
    expected: `${subsystemName(node)} active`,
    observed: `${status}. Look again in a minute.`,
    evidence: evidenceOf(node, [subsystemName(node), 'log']),
    fixes: [],
  };
}

function notInstalled(node: NodeSight): Draft {
  return {
    id: 'clcomd.not-installed',
    severity: 'crit',
    title: `${node.name} has no clcomd: PowerHA or CAA is not installed there, or the ODM is damaged.`,
    expected: 'clcomd (PowerHA 7) or clcomdES (PowerHA 6.1) on file in the SRC',
    observed: `neither is on file. ${filesetsSaid(node)} Nothing is offered for this: ask whoever installed the cluster, and IBM support where it was there before.`,
    evidence: evidenceOf(node, ['clcomd', 'clcomdES', 'powerha', 'caa']),
    fixes: [],
  };
}

/** clcomd comes with AIX: a node of the inventory's cluster may have it and no PowerHA. */
function lacksPowerha(node: NodeSight): readonly Root[] {
  const powerha = node.reading('powerha');
  if (powerha?.kind !== 'failure' || !saysNotInstalled(powerha.failure)) return [];
  const draft: Draft = {
    id: 'clcomd.not-installed',
    severity: 'crit',
    title: `PowerHA is not installed on ${node.name}, though the inventory has it in a cluster.`,
    expected: 'fileset cluster.es.server.rte',
    observed: filesetsSaid(node),
    evidence: evidenceOf(node, ['powerha', 'caa']),
    fixes: [],
  };
  return [{ draft, explains: touches(node.name) }];
}

function filesetsSaid(node: NodeSight): string {
  const said = (['powerha', 'caa'] as const).map((name) => {
    const what = name === 'powerha' ? 'cluster.es.server.rte' : 'bos.cluster.rte';
    const reading = node.reading(name);
    if (reading?.kind === 'failure' && saysNotInstalled(reading.failure)) return `${what} is not installed`;
    const level = node.value(name)?.[0]?.level;
    return level === undefined ? `${what} was not read` : `${what} is ${level}`;
  });
  return `${namesText(said)}.`;
}
