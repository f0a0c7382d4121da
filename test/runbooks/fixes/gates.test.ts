import { describe, expect, it } from 'vitest';
import type { FactSet, Reading } from '../../../src/core/fact.js';
import type { ManagedSystem, NodeTarget } from '../../../src/core/target.js';
import type { Collected } from '../../../src/runbooks/definition.js';
import { gateFacts, gateNames, readGates, rebuildGates } from '../../../src/runbooks/fixes/rmc/gates.js';
import { collectedOf, lpar1, readingOf, system } from '../cases.js';

type Both = Collected<FactSet, FactSet>;
type Facts = Readonly<Record<string, Reading<unknown>>>;

/** The healthy LPAR with some facts replaced, only what the gate asks for being there at all. */
function seen(
  names: readonly string[],
  change: { node?: Readonly<Record<string, unknown>>; hmc?: Readonly<Record<string, unknown>> } = {},
  target: Partial<NodeTarget> = {},
): Both {
  const healthy = collectedOf('healthy');
  const asked = gateFacts(names);
  return {
    target: { ...lpar1, ...target },
    node: side('lpar1', healthy.node, Object.keys(asked.node), change.node ?? {}),
    hmc: side('hmc1', healthy.hmc ?? healthy.node, Object.keys(asked.hmc(system)), change.hmc ?? {}),
  };
}

function side(
  name: string,
  healthy: Both['node'],
  asked: readonly string[],
  change: Readonly<Record<string, unknown>>,
): Both['node'] {
  const facts = (healthy.ok ? healthy.facts : {}) as Facts;
  const kept = Object.entries(facts).filter(([fact]) => asked.includes(fact));
  const changed = Object.entries(change).map(
    ([fact, value]) => [fact, readingOf(name, fact, value as Parameters<typeof readingOf>[2])] as const,
  );
  return { ok: true, facts: Object.fromEntries([...kept, ...changed]) };
}

const subsystems = (...rows: readonly (readonly [string, string])[]) => ({
  value: [
    { name: 'ctrmc', group: 'rsct', pid: 1, status: 'active' },
    ...rows.map(([name, status]) => ({ name, group: null, pid: null, status })),
  ],
});
const sentence = (message: string) => ({ failure: { code: null, message } });
const installed = (fileset: string) => ({
  value: [{ package: fileset, fileset, level: '7.2.5.0', state: 'C', type: '' }],
});
const timedOut = { unread: { class: 'LostError', message: 'It was stopped after 20 s.' } } as const;
const nonsense = {
  unread: { class: 'ParseError', message: 'It was not understood.', line: '????' },
} as const;
const ownMessage = { failure: { code: '9999-999', message: '9999-999 Something else is wrong.' } };

const disk = (volumeGroup: string, state: string | null) => ({
  value: [{ name: 'hdisk1', pvid: '00f7800001a1b2c4', volumeGroup, state }],
});
const peerDomain = (opState: string) => ({
  value: [
    {
      name: 'erp_domain',
      opState,
      rsctVersion: '3.2.6.2',
      mixedVersions: false,
      tsPort: 12347,
      gsPort: 12348,
    },
  ],
});
const migration = (state: string) => ({
  value: [{ name: 'lpar1', lpar_id: '3', migration_state: state }],
});

const hits: readonly (readonly [
  gate: string,
  what: string,
  node: Readonly<Record<string, unknown>>,
  hmc?: Readonly<Record<string, unknown>>,
  target?: Partial<NodeTarget>,
])[] = [
  ['G1', 'a peer domain that is online', { peerDomains: peerDomain('Online') }],
  ['G1', 'a peer domain that is only defined', { peerDomains: peerDomain('Offline') }],
  [
    'G1',
    'peer rows of rmcdomainstatus',
    {
      domain: {
        value: {
          peerDomain: [
            { state: 'S', queue: 'S', nodeId: '0x0000000000000001', nodeNumber: '0001', name: 'lpar1' },
          ],
          managedNodes: [],
          controlPoints: [],
        },
      },
    },
  ],
  [
    'G1',
    'an active peer domain in IBM.MCP',
    { controlPoints: { value: [{ ActivePeerDomain: 'erp_domain' }] } },
  ],
  [
    'G1',
    'an IBM.MCP that does not say ActivePeerDomain',
    { controlPoints: { value: [{ MNName: 'lpar1' }] } },
  ],
  ['G2', 'clconfd', { subsystems: subsystems(['clconfd', 'active']) }],
  ['G2', 'cthags', { subsystems: subsystems(['cthags', 'active']) }],
  ['G2', 'a repository disk', { physicalVolumes: disk('caavg_private', 'active') }],
  ['G2', 'a repository disk of a stopped cluster', { physicalVolumes: disk('caavg_private', null) }],
  [
    'G2',
    'a cluster that lscluster lists',
    { caaCluster: { value: { name: 'erp', uuid: 'u', nodes: ['erp1'], details: [] } } },
  ],
  [
    'G2',
    'a node of a stopped CAA cluster',
    { caaCluster: sentence('Cluster services are not active on this node because it has been stopped.') },
  ],
  ['G3', 'PowerHA that is stopped', { subsystems: subsystems(['clstrmgrES', 'inoperative']) }],
  ['G3', 'the fileset of PowerHA', { clusterFilesets: installed('cluster.es.server.rte') }],
  ['G4', 'IBM.RecoveryRM', { subsystems: subsystems(['IBM.RecoveryRM', 'active']) }],
  ['G4', 'IBM.GblResRM that is down', { subsystems: subsystems(['IBM.GblResRM', 'inoperative']) }],
  [
    'G5',
    'a VIOS to the HMC',
    {},
    { partitions: { value: [{ lpar_id: '3', name: 'lpar1', state: 'Running', lpar_env: 'vioserver' }] } },
  ],
  ['G5', 'vio_daemon', { subsystems: subsystems(['vio_daemon', 'inoperative']) }],
  [
    'G5',
    'IBM i',
    {},
    { partitions: { value: [{ lpar_id: '3', name: 'lpar1', state: 'Running', lpar_env: 'os400' }] } },
  ],
  ['G6', 'the fileset of Storage Scale', { scaleFilesets: installed('gpfs.base') }],
  ['G6', 'mmfsd', { subsystems: subsystems(['mmfsd', 'active']) }],
  ['G7', 'IBM.VMR', { subsystems: subsystems(['IBM.VMR', 'active']) }],
  ['G7', 'ksys_vmmon that is down', { subsystems: subsystems(['ksys_vmmon', 'inoperative']) }],
  ['G8', 'a migration', {}, { migrations: migration('Migration In Progress') }],
  ['G8', 'a migration state in another language', {}, { migrations: migration('Nie jest migrowana') }],
  ['G8', 'an LPAR that is not listed', {}, { migrations: { value: [] } }],
  [
    'G8',
    'a managed system that is not operating',
    {},
    {
      systems: {
        value: [
          {
            name: 'Server-9009-42A-SN7800001',
            type_model: '9009-42A',
            serial_num: '7800001',
            state: 'Recovery',
          },
        ],
      },
    },
  ],
  [
    'G9',
    'a condition with a response',
    {
      conditionResponses: {
        value: [{ condition: '/var full', response: 'mail', node: 'lpar1', isActive: false }],
      },
    },
  ],
  [
    'G9',
    'an access list',
    {
      rmcAcls: {
        value: {
          mode: '-rw-r--r--',
          owner: 'root',
          group: 'system',
          size: 1204,
          path: '/var/ct/cfg/ctrmc.acls',
        },
      },
    },
  ],
  ['G10', 'another LPAR id', { partition: { value: { lparId: 4, name: 'lpar1' } } }],
  ['G10', 'the way to its own HMC', {}, {}, { system: behindItself() }],
  ['G11', 'a workload partition', { workloadPartition: { value: { wparId: 2 } } }],
  ['G11', 'another user', { effectiveUser: { value: { uid: 204 } } }],
  ['G1-restart', 'a peer domain', { peerDomains: peerDomain('Offline') }],
  ['G2-restart', 'clconfd', { subsystems: subsystems(['clconfd', 'active']) }],
  ['G4-restart', 'IBM.RecoveryRM', { subsystems: subsystems(['IBM.RecoveryRM', 'active']) }],
  ['G7-restart', 'IBM.VMR', { subsystems: subsystems(['IBM.VMR', 'active']) }],
  [
    'G8-system',
    'a migration of another LPAR',
    {},
    { migrations: { value: [{ name: 'lpar2', lpar_id: '4', migration_state: 'Migration In Progress' }] } },
  ],
];

function behindItself(): ManagedSystem {
  const { hmc } = system;
  return { ...system, hmc: { ...hmc, endpoint: { ...hmc.endpoint, jump: lpar1.endpoint } } };
}

/** What a gate may do without: another fact that it asks settles the same. */
const settledOtherwise: Readonly<Record<string, readonly string[]>> = {
  // The filesets only explain why lsrpdomain may be missing.
  G1: ['filesets'],
  'G1-restart': ['filesets'],
  G5: ['subsystems', 'partition'],
};

describe('a gate', () => {
  it.each(gateNames)('%s is open on a healthy LPAR', (name) => {
    expect(readGates([name], seen([name]))).toBeNull();
  });

  it.each(hits.map(([name, what], at) => [name, what, at] as const))(
    '%s is shut by %s',
    (name, _what, at) => {
      const [, , node = {}, hmc = {}, target = {}] = hits[at] ?? [];
      const refusal = readGates([name], seen([name], { node, hmc }, target));
      expect(refusal).toMatchObject({ kind: 'refused', gate: name.replace(/-.*/, '') });
      expect(refusal?.reason).toMatch(/lpar1/);
      expect(refusal?.source).not.toBe('');
    },
  );

  it('has a case for every name', () => {
    expect([...new Set(hits.map(([name]) => name))].sort()).toEqual([...gateNames].sort());
  });

  const unreadable = gateNames.flatMap((name) => {
    const asked = gateFacts([name]);
    const facts = [
      ...Object.keys(asked.node).map((fact) => ['node', fact] as const),
      ...Object.keys(asked.hmc(system)).map((fact) => ['hmc', fact] as const),
    ];
    return facts
      .filter(([, fact]) => !(settledOtherwise[name] ?? []).includes(fact))
      .map(([where, fact]) => [name, where, fact] as const);
  });

  it.each(unreadable)('%s is shut when %s fact %s cannot be read', (name, where, fact) => {
    for (const reading of [timedOut, nonsense, ownMessage]) {
      const refusal = readGates([name], seen([name], { [where]: { [fact]: reading } }));
      expect(refusal, JSON.stringify(reading)).toMatchObject({ gate: name.replace(/-.*/, '') });
      expect(refusal?.reason).toMatch(/lpar1/);
    }
    const without = seen([name]);
    const missing = { ...without, [where]: { ok: true, facts: dropped(without, where, fact) } } as Both;
    expect(readGates([name], missing), 'not asked').toMatchObject({ kind: 'refused' });
  });

  it.each(gateNames)('%s is shut when whom it asks cannot be reached', (name) => {
    const error = {
      class: 'ConnectError',
      message: 'lpar1 was not reached.',
      reason: 'unreachable',
    } as const;
    const whole = seen([name]);
    const asked = gateFacts([name]);
    if (Object.keys(asked.node).length > 0)
      expect(readGates([name], { ...whole, node: { ok: false, error } })).not.toBeNull();
    if (Object.keys(asked.hmc(system)).length > 0)
      expect(readGates([name], { ...whole, hmc: { ok: false, error } })).not.toBeNull();
  });
});

function dropped(collected: Both, where: 'node' | 'hmc', fact: string): Facts {
  const of = where === 'node' ? collected.node : collected.hmc;
  if (of?.ok !== true) throw new Error('not reached');
  return Object.fromEntries(Object.entries(of.facts as Facts).filter(([name]) => name !== fact));
}

describe('several gates', () => {
  it('name the first that refuses and all others', () => {
    const node = {
      subsystems: subsystems(['clstrmgrES', 'active'], ['clconfd', 'active']),
      workloadPartition: timedOut,
    };
    const refusal = readGates(['G2', 'G3', 'G11'], seen(['G2', 'G3', 'G11'], { node }));
    expect(refusal?.gate).toBe('G2');
    expect(refusal?.reason).toMatch(/Refused as well by G3, G11\.$/);
  });

  it('refuse a name that no gate has', () => {
    expect(readGates(['G10', 'G99'], seen(['G10']))).toMatchObject({ kind: 'refused', gate: 'G99' });
  });

  it('of a rebuild are all eleven', () => {
    expect(rebuildGates).toHaveLength(11);
    expect(readGates(rebuildGates, seen(rebuildGates))).toBeNull();
  });

  it('leave to IBM what only an HMC of Power Virtual Server knows, and nothing else', () => {
    const target = { platform: 'powervs', system: null, lparId: null } as const;
    const healthy = { ...seen(rebuildGates, {}, target), hmc: null };
    expect(readGates(rebuildGates, healthy)).toBeNull();
    const clustered = seen(rebuildGates, { node: { subsystems: subsystems(['cthags', 'active']) } }, target);
    expect(readGates(rebuildGates, { ...clustered, hmc: null })).toMatchObject({ gate: 'G2' });
    expect(readGates(['G8-system'], healthy)).toMatchObject({ gate: 'G8' });
  });
});
