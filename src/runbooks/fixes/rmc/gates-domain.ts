import type { Reading } from '../../../core/fact.js';
import { statusOf, valueOf } from '../../diagnostics/rmc/sight.js';
import { firstUnread, technote, unread, type Gate, type GateSight } from './gate.js';

const manPages = 'RSCT 3.2 lsrpdomain, rmcdomainstatus and rmcctrl man pages';
const needs = {
  node: ['subsystems', 'peerDomains', 'domain', 'controlPoints', 'filesets'],
  hmc: [],
} as const;

/** Subsystems that tell of a peer domain online: it needs Group Services. IBM.ConfigRM runs on plain LPARs too. */
const peerDomainSubsystems = [
  'cthags',
  'cthats',
  'IBM.StorageRM',
  'IBM.TestRM',
  'IBM.GblResRM',
  'IBM.RecoveryRM',
];

/**
 * G1 for a rebuild: no peer domain, online or only defined, proven while ctrmc runs. `recfgct` itself refuses only where
 * the domain is online, and would lose the definition of one that is offline.
 */
export const noPeerDomain: Gate = {
  gate: 'G1',
  needs,
  source: `${manPages}; RSCT 3.2 recfgct man page; ${technote}`,
  test: (sight) =>
    unsettled(sight, firstUnread(sight, ['peerDomains', 'domain', 'controlPoints'])) ??
    firstUnread(sight, ['subsystems']) ??
    showsPeerDomain(sight),
};

/**
 * G1 for a restart. A stopped ctrmc answers neither rmcdomainstatus nor lsrsrc nor lsrpdomain. The node is then online
 * in no peer domain: that needs ctrmc and Group Services. `rmcctrl -z` has nothing to stop, and `rmcctrl -A` starts what
 * a boot would start and removes no definition (only recfgct does). So a stopped ctrmc passes when no tell-tale runs and
 * the inventory names no cluster; everything else that is unread refuses.
 * Source: RSCT 3.2 rmcctrl, lsrpdomain and recfgct man pages.
 */
export const noPeerDomainToDisturb: Gate = {
  gate: 'G1',
  needs,
  source: `${manPages}; ${technote}`,
  test: (sight) => {
    if (statusOf(sight, 'ctrmc') !== 'inoperative') return noPeerDomain.test(sight);
    const silent = (['peerDomains', 'domain', 'controlPoints'] as const).find(
      (name) => !isNoAnswerFromStopped(sight.node[name]),
    );
    if (silent !== undefined) return cannotSay(sight, unread(sight, silent) ?? 'an answer is missing');
    return hasTellTale(sight) ?? showsPeerDomain(sight);
  },
};

/** lsrpdomain comes with rsct.basic.rte: where that is not installed there is no peer domain, nor the command. */
function unsettled(sight: GateSight, why: string | null): string | null {
  if (why === null) return null;
  const isOnlyTheCommand = firstUnread(sight, ['domain', 'controlPoints']) === null;
  const filesets = valueOf(sight.node.filesets);
  const lacksCommand = filesets !== null && !filesets.some((one) => one.fileset === 'rsct.basic.rte');
  return isOnlyTheCommand && lacksCommand ? null : cannotSay(sight, why);
}

function cannotSay({ target }: GateSight, why: string): string {
  return `Nobody can say whether ${target.name} is in a peer domain: ${why}.`;
}

/** With ctrmc stopped the command's own failure is the answer to expect; a hang or nonsense is not. */
function isNoAnswerFromStopped(reading: Reading<unknown> | undefined): boolean {
  return reading !== undefined && (reading.kind !== 'unread' || reading.error.class === 'CommandError');
}

function hasTellTale(sight: GateSight): string | null {
  const { name, cluster } = sight.target;
  if (cluster !== null)
    return `ctrmc is stopped on ${name}, so it cannot say whether it is in a peer domain, and the inventory has it in cluster ${cluster}.`;
  const running = peerDomainSubsystems.find(
    (one) => !['inoperative', 'absent'].includes(statusOf(sight, one) ?? ''),
  );
  if (running === undefined) return null;
  return `ctrmc is stopped on ${name} and ${running} is not, which only a peer domain explains.`;
}

function showsPeerDomain({ target, domain, controlPoints, node }: GateSight): string | null {
  const { name } = target;
  const isIn = `${name} is in an RSCT peer domain`;
  const risk = 'what the domain keeps would be disturbed or lost.';
  const [first] = valueOf(node.peerDomains) ?? [];
  if (first !== undefined) return `${isIn} (${first.name}, ${first.opState}): ${risk}`;
  if ((domain?.peerDomain.length ?? 0) > 0) return `${isIn} (rmcdomainstatus): ${risk}`;
  const named = (controlPoints ?? []).map((resource) => resource['ActivePeerDomain']);
  if (named.includes(undefined)) return `IBM.MCP on ${name} does not say ActivePeerDomain.`;
  if (named.some((one) => one !== '')) return `${isIn} (IBM.MCP ActivePeerDomain): ${risk}`;
  return null;
}
