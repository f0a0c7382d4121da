import { describe, expect, it } from 'vitest';
import {
  clusterGateFacts,
  clusterGateNames,
  readClusterGates,
  renewGates,
} from '../../../src/runbooks/fixes/clcomd/gates.js';
import type { Changed, ClusterCase } from '../clusters.js';
import { ask, changeable, planOf, toolPath, type ClusterFixId } from './cluster-ground.js';

const stale = {
  erp1: {},
  erp2: { clcomd: { value: [{ name: 'clcomd', group: 'caa', pid: null, status: 'inoperative' }] } },
};

function gateOn(
  gate: string,
  changed: Changed | 'unreachable',
  plan: Parameters<typeof readClusterGates>[2] = null,
) {
  return readClusterGates([gate], changeable({ nodes: { erp2: changed } }), plan);
}

const manager = (state: string, events: number | null = 0) => ({
  manager: { value: { state, vrmf: '7271', ibcastEvents: events, rmIbcastEvents: events } },
});
const group = (state: string) => ({
  groups: {
    value: [
      {
        group: 'erp_rg',
        state,
        node: 'erp1',
        kind: '',
        startup: '',
        fallover: '',
        fallback: '',
        sitePolicy: '',
      },
    ],
  },
});
const runs = (command: string) => ({ processes: { value: [{ user: 'root', pid: 77, command }] } });
const tool = (over: object) => ({
  toolEntry: {
    value: [
      {
        mode: '-r-x------',
        hasAcl: false,
        owner: 'root',
        group: 'system',
        path: toolPath,
        target: null,
        ...over,
      },
    ],
  },
});
const room = (availableKb: number) => ({
  space: {
    value: [{ device: '/dev/hd9var', totalKb: 9_999_999, usedKb: 1, availableKb, mountPoint: '/var' }],
  },
});

const hits: readonly (readonly [
  gate: string,
  what: string,
  changed: Changed | 'unreachable',
  reason: RegExp,
])[] = [
  ['C1', 'a node that does not answer', 'unreachable', /erp2 cannot be reached/],
  [
    'C2',
    'another level',
    { level: { value: { level: '7.2.6', servicePack: 'SP1' } } },
    /levels of PowerHA differ/,
  ],
  [
    'C2',
    'two versions in one list',
    {
      nodeVersions: {
        value: ['22', '23'].map((version) => ({ class: 'HACMPnode', attributes: { version } })),
      },
    },
    /a migration is under way/,
  ],
  ['C2', 'an empty list of nodes', { nodeVersions: { value: [] } }, /versions unknown/],
  ...[
    'ST_JOINING',
    'ST_VOTING',
    'ST_RP_RUNNING',
    'ST_BARRIER',
    'ST_CBARRIER',
    'ST_UNSTABLE',
    'RP_FAILED',
  ].map((state) => ['C3', state, manager(state), new RegExp(`erp2 is in ${state}`)] as const),
  ['C4', 'waiting events', manager('ST_STABLE', 1), /2 events wait/],
  ['C4', 'queues that are not shown', manager('ST_STABLE', null), /does not show its queues/],
  ...['UNMANAGED', 'ERROR', 'ACQUIRING', 'RELEASING', 'TEMPORARY ERROR'].map(
    (state) => ['C5', state, group(state), new RegExp(`is ${state} on erp1`)] as const,
  ),
  [
    'C6',
    'a node that is down',
    { members: { value: [{ name: 'erp1.example.com', state: 'DOWN', isLocal: false, pointsOfContact: 0 }] } },
    /sees erp1.example.com DOWN/,
  ],
  [
    'C6',
    'a node too few',
    { members: { value: [{ name: 'erp2.example.com', state: 'UP', isLocal: true, pointsOfContact: 0 }] } },
    /sees 1 nodes in the cluster/,
  ],
  ...[
    '/usr/es/sbin/cluster/utilities/cldare -rt',
    'ksh /usr/es/sbin/cluster/diag/clverify -l',
    '/bin/ksh -p /usr/es/sbin/cluster/sbin/cl_chfs /data',
    '/usr/es/sbin/cluster/utilities/clmgr sync cluster',
  ].map((command) => ['C7', command, runs(command), /process 77 is at work/] as const),
  [
    'C8',
    'no repository disk',
    { disks: { value: [{ name: 'hdisk0', pvid: null, volumeGroup: 'rootvg', state: 'active' }] } },
    /no repository disk/,
  ],
  [
    'C8',
    'a lost repository',
    { disks: { value: [{ name: 'hdisk1', pvid: null, volumeGroup: 'caavg_private', state: null }] } },
    /is not active/,
  ],
  [
    'C9',
    'an event just now',
    { lastEvents: { value: { lines: ['/var/hacmp/adm/cluster.log'] } } },
    /within the last 15 minutes/,
  ],
  ['C10', 'no room', room(10_240), /has 10 MiB free/],
  [
    'C11',
    'a missing tool',
    { toolEntry: { failure: `ls: 0653-341 The file ${toolPath} does not exist.` } },
    /is not on erp2.*by hand/,
  ],
  ['C11', 'a link', tool({ mode: 'lrwxrwxrwx', target: '/tmp/x' }), /is a link to \/tmp\/x/],
  ['C11', 'a directory', tool({ mode: 'drwx------' }), /no regular file/],
  ['C11', 'another owner', tool({ owner: 'build' }), /belongs to build:system/],
  ['C11', 'a group that may write', tool({ mode: '-rwxrwx---' }), /written to by others/],
  ['C11', 'others who may write', tool({ mode: '-rwxr-xrwx' }), /written to by others/],
  ['C11', 'an access list', tool({ hasAcl: true }), /access control list/],
  ['C11', 'a tool that is not executable', tool({ mode: '-rw-------' }), /cannot be executed/],
  ['C11', 'another file', tool({ path: '/usr/local/bin/other' }), /showed something else/],
];

describe('a gate of a cluster', () => {
  it.each(hits)('%s refuses %s', (gate, _what, changed, reason) => {
    const refusal = gateOn(gate, changed);
    expect(refusal?.gate).toBe(gate);
    expect(refusal?.reason).toMatch(reason);
    expect(refusal?.source).not.toBe('');
  });

  const needs = clusterGateNames.flatMap((gate) => {
    const facts = Object.keys(clusterGateFacts([gate], changeable({}).cluster));
    // That a node answers at all is told by the session, not by a fact.
    if (gate === 'C1') return [];
    // What clRGinfo says counts by itself; the manager only explains why it says nothing.
    return facts
      .filter((fact) => !(gate === 'C5' && fact === 'manager'))
      .map((fact) => [gate, fact] as const);
  });

  it.each(needs)('%s refuses where %s was not read, and where it failed', (gate, fact) => {
    for (const changed of [{ [fact]: null }, { [fact]: { failure: '0513-001 (invented) no answer' } }]) {
      const refusal = gateOn(gate, changed);
      expect(refusal?.gate).toBe(gate);
      expect(refusal?.reason).toMatch(/erp2/);
      expect(refusal?.reason).not.toContain('undefined');
    }
  });

  it('C5 excuses clRGinfo only where the manager itself says that it is down', () => {
    const groups = {
      failure: 'Cluster IPC error: The cluster manager on node erp2 cannot process the request.',
    };
    expect(gateOn('C5', { groups, manager: null })?.reason).toMatch(/clRGinfo -s on erp2 was not read/);
    expect(gateOn('C5', { groups })?.gate).toBe('C5');
  });

  it.each(clusterGateNames)('%s lets a cluster at rest through', (gate) => {
    expect(readClusterGates([gate], changeable({}), null)).toBeNull();
  });

  it('lets stopped cluster services through, which print neither queues nor groups', () => {
    const stopped: Changed = {
      ...manager('ST_INIT', null),
      groups: {
        failure: 'Cluster IPC error: The cluster manager on node erp2 is in ST_INIT or NOT_CONFIGURED state.',
      },
    };
    const nodes = { erp1: stopped, erp2: stopped };
    expect(readClusterGates(['C3', 'C4', 'C5'], changeable({ nodes }), null)).toBeNull();
  });

  it.each([
    '/usr/bin/ksh /usr/es/sbin/cluster/utilities/clmgr query cluster',
    'vi /tmp/clverify',
    'grep cldare /var/hacmp/log/clutils.log',
    'man clmgr',
  ])('C7 takes no offence at: %s', (command) => {
    expect(gateOn('C7', runs(command))).toBeNull();
  });

  it('holds the certificate tool against the approved plan', () => {
    const plan = {
      ...planOf('clcomd-start', { nodes: stale }),
      basis: ['certificate tool on erp2: something else'],
    };
    expect(gateOn('C11', {}, plan)?.reason).toMatch(/is not what was approved/);
  });

  it('is not known by another name', () => {
    expect(readClusterGates(['C99'], changeable({}), null)).toMatchObject({ gate: 'C99' });
  });
});

describe('a fix of a cluster', () => {
  const ids: readonly ClusterFixId[] = [
    'clcomd-start',
    'clcomd-refresh',
    'clcomd-rhosts',
    'clcomd-renew-certificates',
  ];

  it.each(ids)('%s plans nothing while any gate that is about it refuses', (id) => {
    const ofAll = hits.filter(
      ([gate]) =>
        !(gate === 'C10' && !isCopying(id)) && !(gate === 'C11' && id !== 'clcomd-renew-certificates'),
    );
    for (const [gate, what, changed] of ofAll) {
      const proposal = ask(id, { nodes: { erp2: changed } });
      expect(proposal.kind, what).toBe('refused');
      expect(proposal.kind === 'refused' && `${proposal.gate} ${proposal.reason}`, what).toContain(gate);
    }
  });

  it.each(ids)('%s takes no words', (id) => {
    expect(ask(id, {}, ['--force'])).toMatchObject({ kind: 'refused', gate: 'words' });
  });

  it.each(ids)('%s leaves PowerHA 6.1 and a node without clcomd alone', (id) => {
    const absent = { failure: '0513-085 The clcomd Subsystem is not on file.', code: '0513-085' };
    const old: ClusterCase = {
      nodes: {
        erp2: {
          clcomd: absent,
          clcomdES: { value: [{ name: 'clcomdES', group: 'clcomdES', pid: 9, status: 'active' }] },
        },
      },
    };
    expect(ask(id, old)).toMatchObject({ kind: 'refused', gate: 'clcomd.not-installed' });
    expect(ask(id, { nodes: { erp2: { clcomd: absent } } })).toMatchObject({ gate: 'clcomd.not-installed' });
  });

  it('names every gate in its plans, and no other', () => {
    expect([...renewGates].sort()).toEqual([...clusterGateNames].sort());
  });
});

function isCopying(id: ClusterFixId): boolean {
  return id === 'clcomd-rhosts' || id === 'clcomd-renew-certificates';
}
