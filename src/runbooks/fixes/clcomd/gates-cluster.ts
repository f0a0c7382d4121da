import { repositoryDisks } from '../../../aix/lspv.js';
import { saysManagerDown } from '../../../aix/clrginfo.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { known } from './facts.js';
import { cannotSay, firstReason, type Gate } from './gate.js';

/** C1: every node of the cluster answers. A change on the rest of a cluster is one that nobody has thought of. */
export const everyNodeAnswers: Gate = {
  gate: 'C1',
  needs: ['hostname'],
  source: 'PowerHA SystemMirror 7.2, planning: all nodes of a cluster are changed alike',
  test: (sight) => {
    const { name: cluster } = sight.collected.cluster;
    if (sight.nodes.length < 2)
      return `The inventory has ${sight.nodes.length} nodes of ${cluster}, and a cluster has more.`;
    return firstReason(sight, ({ name, error }) =>
      error === null
        ? null
        : `${name} cannot be reached, so ${cluster} would be changed in part: ${error.message}`,
    );
  },
};

/** C2: one level of PowerHA everywhere, on disk and in the cluster's own list of its nodes: no migration is under way. */
export const sameLevel: Gate = {
  gate: 'C2',
  needs: ['level', 'nodeVersions'],
  source: 'PowerHA SystemMirror 7.2, halevel and rolling migration; HACMPnode in the ODM',
  test: (sight) => {
    const levels = new Map<string, string>();
    const versions = new Map<string, string>();
    for (const node of sight.nodes) {
      const level = known(node, 'level');
      const listed = known(node, 'nodeVersions');
      if (!level.ok) return cannotSay('all nodes have the same level of PowerHA', level.why);
      if (!listed.ok) return cannotSay('a migration is under way', listed.why);
      levels.set(node.name, `${level.value.level} ${level.value.servicePack}`);
      const own = [...new Set(listed.value.map(({ attributes }) => attributes['version'] ?? 'none'))].sort();
      versions.set(node.name, own.join('/'));
      if (own.length !== 1 || own[0] === 'none')
        return `${node.name} lists nodes of the cluster with versions ${own.join(' and ') || 'unknown'}: a migration is under way.`;
    }
    return differ('levels of PowerHA', levels) ?? differ('versions of the cluster', versions);
  },
};

function differ(what: string, said: ReadonlyMap<string, string>): string | null {
  if (new Set(said.values()).size <= 1) return null;
  return `The ${what} differ: ${[...said].map(([name, value]) => `${name} ${value}`).join(', ')}.`;
}

const atRest = ['ST_STABLE', 'ST_INIT', 'NOT_CONFIGURED'];
const down = ['ST_INIT', 'NOT_CONFIGURED'];

/** C3: every cluster manager is at rest, running or not. */
export const managersAtRest: Gate = {
  gate: 'C3',
  needs: ['manager'],
  source: 'PowerHA SystemMirror 7.2, troubleshooting: states of the cluster manager',
  test: (sight) =>
    firstReason(sight, (node) => {
      const manager = known(node, 'manager');
      if (!manager.ok) return cannotSay(`the cluster manager on ${node.name} is at rest`, manager.why);
      const { state } = manager.value;
      return atRest.includes(state)
        ? null
        : `The cluster manager on ${node.name} is in ${state}: the cluster is at work.`;
    }),
};

/** C4: no event waits. A manager that is down prints no queue. */
export const noEvents: Gate = {
  gate: 'C4',
  needs: ['manager'],
  source: 'PowerHA SystemMirror 7.2, lssrc -ls clstrmgrES: the Ibcast queues',
  test: (sight) =>
    firstReason(sight, (node) => {
      const manager = known(node, 'manager');
      if (!manager.ok) return cannotSay(`events wait on ${node.name}`, manager.why);
      const { state, ibcastEvents, rmIbcastEvents } = manager.value;
      if (down.includes(state) && ibcastEvents === null && rmIbcastEvents === null) return null;
      if (ibcastEvents === null || rmIbcastEvents === null)
        return cannotSay(`events wait on ${node.name}`, 'lssrc -ls clstrmgrES does not show its queues');
      const waiting = ibcastEvents + rmIbcastEvents;
      return waiting === 0
        ? null
        : `${waiting} events wait in the queues of the cluster manager on ${node.name}.`;
    }),
};

/** A group is where it should be, or nowhere. */
const settled = ['ONLINE', 'OFFLINE', 'ONLINE SECONDARY', 'OFFLINE SECONDARY'];

/** C5: no resource group is moving, failed or left to itself: ST_STABLE hides groups that were forced down. */
export const groupsSettled: Gate = {
  gate: 'C5',
  needs: ['groups', 'manager'],
  source: 'PowerHA SystemMirror 7.2, clRGinfo: states of resource groups',
  test: (sight) =>
    firstReason(sight, (node) => {
      if (isDown(node)) return null;
      const groups = known(node, 'groups');
      if (!groups.ok) return cannotSay('all resource groups are at rest', groups.why);
      const bad = groups.value.find(({ state }) => !settled.includes(state));
      return bad === undefined
        ? null
        : `Resource group ${bad.group} is ${bad.state} on ${bad.node}, as ${node.name} sees it.`;
    }),
};

/** Both the manager's state and what clRGinfo says prove that there are no groups to ask about. */
function isDown(node: NodeSight): boolean {
  const manager = known(node, 'manager');
  const groups = node.reading('groups');
  return (
    manager.ok &&
    down.includes(manager.value.state) &&
    groups?.kind === 'failure' &&
    saysManagerDown(groups.failure)
  );
}

/** C6: Cluster Aware AIX sees every node up, from every node. */
export const membersUp: Gate = {
  gate: 'C6',
  needs: ['members'],
  source: 'AIX 7.2 commands, lscluster -m',
  test: (sight) =>
    firstReason(sight, (node) => {
      const members = known(node, 'members');
      if (!members.ok) return cannotSay('all nodes of the cluster are up', members.why);
      const bad = members.value.find(({ state }) => state !== 'UP');
      if (bad !== undefined) return `${node.name} sees ${bad.name} ${bad.state} (lscluster -m).`;
      if (members.value.length === sight.nodes.length) return null;
      return `${node.name} sees ${members.value.length} nodes in the cluster, and the inventory has ${sight.nodes.length}.`;
    }),
};

/** C8: the repository disk of Cluster Aware AIX is there and in use on every node. */
export const repositoryThere: Gate = {
  gate: 'C8',
  needs: ['disks'],
  source: 'AIX 7.2, Cluster Aware AIX: the repository disk (caavg_private)',
  test: (sight) =>
    firstReason(sight, (node) => {
      const disks = known(node, 'disks');
      if (!disks.ok) return cannotSay(`${node.name} has the repository disk`, disks.why);
      const repositories = repositoryDisks(disks.value);
      if (repositories.length === 0) return `${node.name} shows no repository disk (lspv, caavg_private).`;
      if (repositories.some(({ state }) => state === 'active')) return null;
      return `The repository disk ${repositories.map(({ name }) => name).join(', ')} on ${node.name} is not active.`;
    }),
};
