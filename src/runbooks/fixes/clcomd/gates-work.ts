import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { known } from './facts.js';
import { cannotSay, firstReason, type Gate } from './gate.js';

const shells = ['sh', 'ksh', 'ksh93', 'bash', 'perl'];
/** Synchronisation, verification and C-SPOC: what must not meet a change of the list of hosts or of certificates. */
const works = /^(?:cldare|clverify|cl_[a-z_]+|clmgr|clsnapshot|clrgmove)$/i;

/** C7: nobody synchronises, verifies or administers the cluster at this moment. */
export const nothingUnderWay: Gate = {
  gate: 'C7',
  needs: ['processes'],
  source: 'PowerHA SystemMirror 7.2, C-SPOC, verification and synchronisation (cldare, clverify, clmgr)',
  test: (sight) =>
    firstReason(sight, (node) => {
      const running = known(node, 'processes');
      if (!running.ok) return cannotSay(`the cluster is being administered from ${node.name}`, running.why);
      const found = running.value.find(({ command }) => isWork(command));
      if (found === undefined) return null;
      const said = found.command.replace(/\s+/g, ' ').slice(0, 120);
      return `On ${node.name} process ${found.pid} is at work on the cluster: ${said}`;
    }),
};

/** By the program, not by any word of its arguments: a person who reads a manual page does not change a cluster. */
function isWork(command: string): boolean {
  const words = command.split(/\s+/);
  const [first = '', ...rest] = words;
  const isShell = shells.includes(baseName(first).replace(/^-/, ''));
  const at = isShell ? rest.findIndex((word) => !word.startsWith('-')) + 1 : 0;
  const program = baseName(words[at] ?? '');
  if (!works.test(program)) return false;
  // Reading the configuration is no work on it, and the diagnostic does so itself.
  return !(program === 'clmgr' && /^(?:query|view|-h)$/.test(words[at + 1] ?? ''));
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** C9: the cluster has done nothing of its own within 15 minutes: right after a takeover nobody changes anything. */
export const noRecentEvent: Gate = {
  gate: 'C9',
  needs: ['lastEvents'],
  source: 'PowerHA SystemMirror 7.2, cluster.log: every event of the cluster',
  test: (sight) =>
    firstReason(sight, (node) => {
      const events = known(node, 'lastEvents');
      if (!events.ok) return cannotSay(`a takeover has just happened on ${node.name}`, events.why);
      const log = events.value.lines.find((line) => line.trim() !== '');
      if (log === undefined) return null;
      return `${log.trim()} on ${node.name} was written to within the last 15 minutes: an event of the cluster has just happened. Read it, and ask again later.`;
    }),
};

/** 10 MiB, as a copy of /etc/cluster rarely has one; three times what is there where it has more. */
const leastKb = 10 * 1024;

/** C10: the copy of /etc/cluster has room in /var on every node, and so has one to try it out. */
export const roomForCopy: Gate = {
  gate: 'C10',
  needs: ['space', 'sums'],
  source: 'AIX 7.2 commands, df and tar',
  test: (sight) => firstReason(sight, (node) => noRoom(node)),
};

function noRoom(node: NodeSight): string | null {
  const space = known(node, 'space');
  const sums = known(node, 'sums');
  const what = `a copy of /etc/cluster has room in /var on ${node.name}`;
  if (!space.ok) return cannotSay(what, space.why);
  if (!sums.ok) return cannotSay(what, sums.why);
  const [system, other] = space.value;
  if (system === undefined || other !== undefined)
    return cannotSay(what, 'df showed more than one file system');
  const usedKb = sums.value.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 1024), 0);
  const neededKb = leastKb + 3 * usedKb;
  if (system.availableKb > neededKb) return null;
  return `/var on ${node.name} has ${Math.floor(system.availableKb / 1024)} MiB free, and copies of /etc/cluster need ${Math.ceil(neededKb / 1024)} MiB.`;
}
