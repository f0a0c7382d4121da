import { rebuildWords } from '../../src/runbooks/fixes/rmc/rebuild-words.js';
import type { Vocabulary } from '../../commands/command.js';
import type { Endpoint, HmcTarget, ManagedSystem, NodeTarget } from '../../src/core/target.js';

const certificates = [{ path: '/ssl_nimsh/certs/*.pem', owner: null }];

/** Four LPARs on two systems of one HMC, one of them in PowerVS; names invented. */
export function smallEstate(): Vocabulary {
  const hmc: HmcTarget = { kind: 'hmc', name: 'hmc1', endpoint: endpoint('hmc1') };
  const systems = ['p9-a', 'p9-b', 'p9-empty'].map(
    (name): ManagedSystem => ({ name, hmcName: `Server-${name}`, hmc }),
  );
  const nodes = [
    node('lpar1', { system: systems[0] ?? null, tags: { env: 'prod' }, certificates }),
    node('lpar2', { system: systems[0] ?? null, tags: { env: 'test' }, certificates }),
    node('erp-db1', { system: systems[1] ?? null, cluster: 'erp', tags: { env: 'prod' } }),
    node('pvs1', { platform: 'powervs' }),
  ];
  return {
    inventory: {
      nodes: byName(nodes),
      hmcs: byName([hmc]),
      systems: byName(systems),
      clusters: byName([
        {
          kind: 'cluster',
          name: 'erp',
          nodes: nodes.filter(({ cluster }) => cluster === 'erp'),
          certificates: [],
          certificateTool: '/usr/es/sbin/cluster/utilities/clrexec_cert_setup',
        },
      ]),
    },
    fixes: [
      {
        id: 'rmc-enable-remote',
        title: 'Let the HMC in',
        risk: 'low',
        summary: 'Runs rmcctrl -p.',
        cures: ['rmc.not-registered'],
      },
      {
        id: 'rmc-restart',
        title: 'Restart RMC',
        risk: 'medium',
        summary: 'Stops and starts RMC.',
        cures: ['rmc.daemon-down'],
      },
      {
        id: 'rsct-rebuild',
        title: 'Rebuild RSCT',
        risk: 'high',
        summary: 'Runs recfgct.',
        cures: ['rsct.node-id-duplicate'],
        takes: rebuildWords,
      },
      {
        id: 'clcomd-start',
        title: 'Start clcomd',
        risk: 'low',
        summary: 'Starts clcomd.',
        cures: ['clcomd.inoperative'],
      },
      {
        id: 'clcomd-renew-certificates',
        title: 'Renew certificates',
        risk: 'high',
        summary: 'Runs the certificate tool.',
        cures: ['clcomd.certificate-expired'],
      },
    ],
    diagnostics: [{ id: 'rmc', title: 'RMC' }],
  };
}

function node(name: string, more: Partial<NodeTarget>): NodeTarget {
  const plain = {
    platform: 'hmc',
    system: null,
    lparId: null,
    cluster: null,
    tags: {},
    owner: null,
  } as const;
  return { kind: 'node', name, endpoint: endpoint(name), ...plain, ...more };
}

function endpoint(name: string): Endpoint {
  const login = {
    user: 'root',
    identityFile: null,
    agent: false,
    knownHosts: '/dev/null',
    become: null,
    jump: null,
  };
  return { name, host: '127.0.0.1', port: 22, algorithms: 'modern', ...login };
}

function byName<T extends { readonly name: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.name, one]));
}
