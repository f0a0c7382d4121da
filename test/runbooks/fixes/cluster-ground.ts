import { sumOfText } from '../../../src/aix/cksum.js';
import type { Plan, Proposal } from '../../../src/core/plan.js';
import type { ClusterCollected } from '../../../src/runbooks/definition.js';
import { findFix } from '../../../src/runbooks/index.js';
import { addressOf, clusterOf, type Changed, type ClusterCase } from '../clusters.js';

export const toolPath = '/usr/local/bin/new-certificates';
export type ClusterFixId = `clcomd-${'start' | 'refresh' | 'rhosts' | 'renew-certificates'}`;

/** A cluster in which nothing forbids a change, but for what the case says. */
export function changeable(one: ClusterCase): ClusterCollected {
  const names = one.names ?? ['erp1', 'erp2'];
  const nodes = Object.fromEntries(
    names.map((name) => {
      const changed = one.nodes?.[name] ?? {};
      return [name, changed === 'unreachable' ? changed : { ...ownFacts(names), ...changed }];
    }),
  );
  return clusterOf({ ...one, nodes });
}

/** What the rhosts of a node says, as its three facts tell it. */
export function listed(lines: readonly string[], over: { mode?: string; owner?: string } = {}): Changed {
  const { sum, entry } = {
    sum: sumOfText('/etc/cluster/rhosts', lines.map((line) => `${line}\n`).join('')),
    entry: over,
  };
  return {
    rhosts: { value: { lines, endsWhole: true } },
    sums: { value: [sum, certificateSum] },
    entries: { value: entriesWith(entry) },
  };
}

const certificateSum = { path: '/etc/cluster/.cert-own', crc: 4_022_250_974, bytes: 1_804 };

function entriesWith({ mode = '-rw-------', owner = 'root' }: { mode?: string; owner?: string }) {
  const entry = { hasAcl: false, group: 'system', target: null };
  return [
    { ...entry, mode: 'drwxr-xr-x', owner: 'root', path: '/etc/cluster' },
    { ...entry, mode, owner, path: '/etc/cluster/rhosts' },
    { ...entry, mode: '-rw-------', owner: 'root', path: '/etc/cluster/.cert-own' },
  ];
}

function ownFacts(names: readonly string[]): Changed {
  const values: Record<string, unknown> = {
    nodeVersions: names.map((one) => ({ class: 'HACMPnode', attributes: { name: one, version: '23' } })),
    lastEvents: { lines: [] },
    processes: [{ user: 'root', pid: 5_439_966, command: '/usr/sbin/clcomd -d' }],
    disks: [{ name: 'hdisk1', pvid: '00fa00d1b7a1c002', volumeGroup: 'caavg_private', state: 'active' }],
    space: [
      {
        device: '/dev/hd9var',
        totalKb: 4_194_304,
        usedKb: 812_340,
        availableKb: 3_381_964,
        mountPoint: '/var',
      },
    ],
    toolEntry: [
      { mode: '-r-x------', hasAcl: false, owner: 'root', group: 'system', path: toolPath, target: null },
    ],
    toolSum: [{ path: toolPath, crc: 1_234_567_890, bytes: 4_211 }],
    toolType: { path: toolPath, words: 'shell script - ksh (Korn shell)' },
  };
  const own = Object.fromEntries(Object.entries(values).map(([fact, value]) => [fact, { value }]));
  return { ...own, ...listed(names.map((one) => addressOf(names, one))) };
}

/** What a fix answers. */
export function ask(fix: ClusterFixId, one: ClusterCase, words: readonly string[] = []): Proposal {
  return findFix(fix).plan(changeable(one), { words, fleet: [] });
}

/** Its plan; throws where there is none. */
export function planOf(fix: ClusterFixId, one: ClusterCase): Plan {
  const proposal = ask(fix, one);
  if (proposal.kind !== 'plan') throw new Error(JSON.stringify(proposal));
  return proposal.plan;
}
