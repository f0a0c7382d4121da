import type { NodeCertificates } from '../../src/core/certificate.js';
import type { Evidence, Reading } from '../../src/core/fact.js';
import type { ClusterTarget, NodeTarget } from '../../src/core/target.js';
import type { ClusterCollected, PairTry } from '../../src/runbooks/definition.js';
import { lpar1 } from './cases.js';

/** Facts of one node that differ from the healthy ones: a value, the command's own failure, or null for not read. */
export type Changed = Readonly<
  Record<string, { readonly value: unknown } | { readonly failure: string; readonly code?: string } | null>
>;

/** How the tries of a pair went: `erp1>erp2` → one letter for each round: o answered, x failed, d a date too far, u not tried. */
export type Tries = Readonly<Record<string, string>>;

export interface ClusterCase {
  readonly names?: readonly string[];
  readonly nodes?: Readonly<Record<string, Changed | 'unreachable'>>;
  readonly tries?: Tries;
  readonly certificates?: readonly NodeCertificates[];
  readonly declared?: readonly string[];
}

export const startedAt = '2026-11-03T10:00:00.000Z';
const epochMs = Date.parse(startedAt);

/** A cluster as it would be read: invented names and addresses, every fact healthy but for what the case changes. */
export function clusterOf({
  names = ['erp1', 'erp2'],
  nodes = {},
  tries = {},
  certificates = [],
  declared = [],
}: ClusterCase): ClusterCollected {
  const targets = names.map(
    (name): NodeTarget => ({ ...lpar1, name, cluster: 'erp', endpoint: { ...lpar1.endpoint, name } }),
  );
  const cluster: ClusterTarget = {
    kind: 'cluster',
    name: 'erp',
    nodes: targets,
    certificates: declared,
    certificateTool: '/usr/local/bin/new-certificates',
  };
  const sides = targets.map((target) => ({
    target,
    node: sideOf(target.name, names, nodes[target.name] ?? {}),
  }));
  const pairs = names.flatMap((from) =>
    names.flatMap((to) => triesOf(from, to, tries[`${from}>${to}`] ?? 'ooo')),
  );
  return { cluster, nodes: sides, pairs, certificates, startedAt, durationMs: 900 };
}

function sideOf(
  name: string,
  names: readonly string[],
  changed: Changed | 'unreachable',
): ClusterCollected['nodes'][number]['node'] {
  if (changed === 'unreachable')
    return {
      ok: false,
      error: {
        class: 'ConnectError',
        message: `Connecting to ${name} timed out after 10 s. Nothing was run.`,
        reason: 'timed-out',
      },
    };
  const healthy = Object.fromEntries(
    Object.entries(healthyFacts(name, names)).map(([fact, value]) => [fact, { value }]),
  );
  const merged: Changed = { ...healthyFailures, ...healthy, ...changed };
  return {
    ok: true,
    facts: Object.fromEntries(
      Object.entries(merged).map(([fact, how]) => [fact, readingOf(name, fact, how)]),
    ),
  };
}

function readingOf(target: string, fact: string, how: Changed[string]): Reading<unknown> {
  const evidence: Evidence = { target, command: fact, excerpt: JSON.stringify(how) };
  if (how === null)
    return {
      kind: 'unread',
      error: { class: 'LostError', message: `${fact} was stopped after 20 s without an end.` },
      evidence,
    };
  if ('value' in how) return { kind: 'value', value: how.value, evidence };
  return { kind: 'failure', failure: { code: how.code ?? null, message: how.failure }, evidence };
}

/** PowerHA 7 knows nothing of 6.1's subsystem and file. */
const healthyFailures: Changed = {
  clcomdES: { failure: '0513-085 The clcomdES Subsystem is not on file.', code: '0513-085' },
  rhosts61: { failure: 'cat: 0652-050 Cannot open /usr/es/sbin/cluster/etc/rhosts.', code: '0652-050' },
  rhostsFile61: {
    failure: 'ls: 0653-341 The file /usr/es/sbin/cluster/etc/rhosts does not exist.',
    code: '0653-341',
  },
};

export const addressOf = (names: readonly string[], name: string): string =>
  `10.20.1.${11 + names.indexOf(name)}`;

function healthyFacts(name: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  const fileset = (what: string, level: string) => [
    { package: what, fileset: what, level, state: 'C', type: 'F' },
  ];
  const rows = names.map((one) => ({
    label: one,
    type: 'boot',
    network: 'net_ether_01',
    netType: 'ether',
    attribute: 'public',
    node: one,
    address: addressOf(names, one),
  }));
  const service = { ...rows[0], label: 'erp-svc', type: 'service', address: '10.20.1.99' };
  const listed = { mode: '-rw-------', owner: 'root', group: 'system', path: '/etc/cluster/rhosts' };
  const resolved = [...rows, service].flatMap(({ label = '', address = '' }) => {
    const found = { name: label, addresses: [address], aliases: [`${label}.example.com`] };
    return [[`host ${label}`, found] as const, [`host ${address}`, found] as const];
  });
  return {
    hostname: { name: `${name}.example.com` },
    members: names.map((one) => ({
      name: `${one}.example.com`,
      state: 'UP',
      isLocal: one === name,
      pointsOfContact: one === name ? 0 : 1,
    })),
    date: { faceMs: epochMs + 3_600_000, zone: 'CET' },
    utc: { faceMs: epochMs, zone: 'UTC' },
    level: { level: '7.2.7', servicePack: 'SP1' },
    powerha: fileset('cluster.es.server.rte', '7.2.7.1'),
    caa: fileset('bos.cluster.rte', '7.2.5.102'),
    clcomd: [{ name: 'clcomd', group: 'caa', pid: 5_439_966, status: 'active' }],
    atBoot: { id: 'clcomd', runLevels: '23456789', action: 'once', command: '/usr/bin/startsrc -s clcomd' },
    manager: { state: 'ST_STABLE', vrmf: '7271', ibcastEvents: 0, rmIbcastEvents: 0 },
    groups: [
      {
        group: 'erp_rg',
        state: 'ONLINE',
        node: names[0],
        kind: 'non-concurrent',
        startup: 'OHN',
        fallover: 'FNPN',
        fallback: 'NFB',
        sitePolicy: 'ignore',
      },
    ],
    interfaces: [...rows, service],
    rhostsFile: listed,
    rhosts: { lines: rows.map(({ address }) => address), endsWhole: true },
    hostsFile: { ...listed, path: '/etc/hosts' },
    netsvc: { lines: ['hosts = local, bind4'] },
    services: [{ name: 'clcomd_caa', port: 16_191, protocol: 'tcp' }],
    sockets: { sockets: [{ protocol: 'tcp4', local: '*.16191', foreign: '*.*', state: 'LISTEN' }] },
    addresses: [
      { name: 'en0', mtu: 1_500, address: null },
      { name: 'en0', mtu: 1_500, address: addressOf(names, name) },
    ],
    security: { CLUSTER_NAME: 'erp', STATE: 'STABLE', LEVEL: 'DISABLE', MECHANISM: '', CERTIFICATE: '' },
    log: { lines: ['(invented) a line of clcomd'] },
    caaLog: { lines: ['(invented) a line of CAA'] },
    ...Object.fromEntries(resolved),
  };
}

function triesOf(from: string, to: string, how: string): readonly PairTry[] {
  return Array.from(how, (letter, at) => {
    const evidence: Evidence = {
      target: from,
      command: `/usr/sbin/clrsh ${to} /usr/bin/date`,
      excerpt: letter === 'o' ? '' : 'said',
    };
    return { from, to, round: at + 1, reading: tryOf(letter, evidence) };
  });
}

function tryOf(letter: string, evidence: Evidence): Reading<string> {
  switch (letter) {
    case 'o':
      return { kind: 'value', value: 'Tue Nov  3 11:00:00 CET 2026', evidence };
    case 'x':
      return {
        kind: 'failure',
        failure: { code: null, message: 'Communication error, see logfile' },
        evidence,
      };
    case 'd':
      return {
        kind: 'failure',
        failure: {
          code: null,
          message: "It answered with a date that is 300 s from the calling node's clock.",
        },
        evidence,
      };
    default:
      return {
        kind: 'unread',
        error: { class: 'LostError', message: 'clrsh lost its connection.' },
        evidence,
      };
  }
}

/** One certificate in a file of a node; `endsIn` is in days from the reading, below zero for the past. */
export function certificatesOn(
  target: string,
  endsIn: number,
  over: Partial<NodeCertificates> = {},
): NodeCertificates {
  const path = `/etc/cluster/.cert-${target}`;
  const at = (days: number) => new Date(epochMs + days * 86_400_000).toISOString();
  const certificate = {
    subject: `CN=${target}`,
    issuer: `CN=${target}`,
    serial: '0A',
    notBefore: at(-400),
    notAfter: at(endsIn),
    fingerprint256: 'AA',
  };
  return {
    target,
    cluster: 'erp',
    error: null,
    clockSkewMs: 0,
    stores: [
      {
        path,
        format: 'pem',
        status: 'read',
        reason: null,
        certificates: [{ label: '1', kind: 'self-signed', certificate, problem: null }],
        owner: null,
        evidence: { target, command: `read ${path}`, excerpt: path },
      },
    ],
    startedAt,
    durationMs: 10,
    ...over,
  };
}
