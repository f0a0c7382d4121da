import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock } from '../../src/aix/clock.js';
import { cloudInitAddresses, loggedLinkLocals, type LoggedAddress } from '../../src/aix/cloud-init-log.js';
import { trustedHosts } from '../../src/aix/ctsthl.js';
import { trustCheck } from '../../src/aix/ctsvhbac.js';
import { claimedIdentities } from '../../src/aix/ctsvhbal.js';
import { freeSpace } from '../../src/aix/df.js';
import { errorsSince } from '../../src/aix/errpt.js';
import { effectiveUser } from '../../src/aix/id.js';
import { interfaceAttributes } from '../../src/aix/lsattr.js';
import { caaCluster } from '../../src/aix/lscluster.js';
import { conditionResponses } from '../../src/aix/lscondresp.js';
import { clusterFilesets, installed } from '../../src/aix/lslpp.js';
import { physicalVolumes } from '../../src/aix/lspv.js';
import { inBandHmcs } from '../../src/aix/lssrc-mcproxy.js';
import { cluster0 } from '../../src/aix/odmget.js';
import { tcpReach } from '../../src/aix/rmc-reach.js';
import { workloadPartition } from '../../src/aix/uname-w.js';
import type { Fact, Reading } from '../../src/core/fact.js';
import type { Endpoint } from '../../src/core/target.js';
import { diagrmc } from '../../src/hmc/diagrmc.js';
import { hmcLevel, hmcNetwork } from '../../src/hmc/lshmc.js';
import { migrations } from '../../src/hmc/lslparmigr.js';
import { dlparCapabilities } from '../../src/hmc/lssyscfg.js';
import { systemConnections } from '../../src/hmc/lssysconn.js';
import { toReading } from '../../src/run/reading.js';
import type { Transport } from '../../src/ssh/transport.js';
import { startLab } from '../lab/lab.js';
import type { ConfigFiles, Lab, LabEndpoint } from '../lab/lab.js';
import { hmcAt, nodeAt, transportWith } from '../ssh/targets.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-facts-lab-'));
const system = 'Server-9009-42A-SN7800001';
const aText: unknown = expect.any(String);
const aNumber: unknown = expect.any(Number);
const aBoolean: unknown = expect.any(Boolean);
let lab: Lab;
let files: ConfigFiles;
let transport: Transport;

beforeAll(async () => {
  lab = await startLab({ estate: 'demo-powervs', folder: join(folder, 'lab') });
  files = await lab.writeConfig(join(folder, 'config'));
  transport = transportWith();
});
afterAll(async () => {
  await transport.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

const endpoint = (name: string, { host, port }: LabEndpoint, user: string): Endpoint => ({
  ...{ name, host, port, user, identityFile: files.identityFile, knownHosts: files.knownHosts },
  ...{ agent: false, become: null, algorithms: 'modern', jump: null },
});

type Facts = Readonly<Record<string, Fact<unknown>>>;

/** One round trip for all of them; each as a value, the failure's code or words, or why it was not read. */
async function read(name: string, facts: Facts): Promise<Record<string, unknown>> {
  const target =
    name === 'hmc1'
      ? hmcAt(endpoint(name, lab.hmc(name), 'hscroot'))
      : nodeAt(endpoint(name, lab.node(name), 'root'));
  const outcomes = await transport.read(
    target,
    Object.values(facts).map((fact) => fact.command),
  );
  return Object.fromEntries(
    Object.entries(facts).map(([key, fact], at) => [key, said(toReading(name, fact, outcomes[at]))]),
  );
}

function said(reading: Reading<unknown>): unknown {
  if (reading.kind === 'value') return reading.value;
  return reading.kind === 'failure' ? { failed: reading.failure } : { unread: reading.error.message };
}

const nodeFacts = {
  disks: physicalVolumes,
  cluster: caaCluster,
  cluster0,
  conditions: conditionResponses,
  wpar: workloadPartition,
  user: effectiveUser,
  space: freeSpace('/var/adm'),
  powerHa: clusterFilesets,
  rmc: installed('rsct.core.rmc'),
  inBand: inBandHmcs,
  trust: trustCheck,
  claims: claimedIdentities,
  trusted: trustedHosts,
  log: cloudInitAddresses,
  reach: tcpReach('127.0.1.5'),
  adapter: interfaceAttributes('en0'),
  clock,
  errors: errorsSince(Date.now() - 7 * 86_400_000, ['RMCdaemon', 'SRC', 'SYSPROC']),
};

describe('a simulated node', () => {
  it('answers every fact when it is healthy', async () => {
    await lab.node('lpar1').setScenario('healthy');
    const seen = await read('lpar1', nodeFacts);
    expect(seen).toMatchObject({
      disks: [{ name: 'hdisk0', volumeGroup: 'rootvg', state: 'active' }],
      cluster: { failed: { message: 'lscluster: Cluster services are not active.' } },
      conditions: [],
      wpar: { wparId: 0 },
      user: { uid: 0 },
      space: [{ mountPoint: '/var' }],
      powerHa: { failed: { code: '0504-132' } },
      rmc: [{ fileset: 'rsct.core.rmc' }],
      inBand: { failed: { code: '0513-085' } },
      trust: { identities: [{ status: 'Trusted host' }, { status: 'Trusted host' }] },
      claims: { identities: [aText, aText] },
      log: { failed: { code: '0652-033' } },
      reach: { result: 'connected' },
      clock: { epochSeconds: aNumber },
      errors: [],
    });
    expect(JSON.stringify(seen)).not.toContain('"unread"');
  });

  it.each([
    [
      'errors-drm-given-up',
      { errors: [{ label: 'SRC_TRYX' }, { label: 'SRC_RSTRT' }, { resource: 'SYSPROC' }, { type: 'INFO' }] },
    ],
    ['caa', { disks: [{}, { volumeGroup: 'caavg_private' }], cluster: { name: aText } }],
    ['errm', { conditions: [{ isActive: aBoolean }] }],
    ['in-band', { inBand: { hosts: [aText] } }],
    ['wpar', { wpar: { wparId: aNumber } }],
    ['powerha', { powerHa: [{ fileset: 'cluster.es.server.rte' }] }],
    ['port-blocked', { reach: { result: 'timed-out' } }],
    ['port-refused', { reach: { result: 'refused' } }],
    ['pending-authentication', { trust: { identities: [{ status: 'Attention' }, {}] } }],
  ])('shows what is wrong in scenario %s', async (scenario, expected) => {
    await lab.node('lpar1').setScenario(scenario);
    const seen = await read('lpar1', nodeFacts);
    expect(seen).toMatchObject(expected);
  });
});

describe('a simulated node of Power Virtual Server', () => {
  it("has the link-local address that it lost in cloud-init's log", async () => {
    await lab.node('pvs1').setScenario('ipv6-missing');
    const { log } = await read('pvs1', { log: cloudInitAddresses });
    const found = loggedLinkLocals(log as readonly LoggedAddress[]);
    expect(found).toMatchObject([{ device: 'en1', scope: 'link' }]);
  });

  it('has no log at all where cloud-init was never there, which is not an empty log', async () => {
    await lab.node('pvs1').setScenario('ipv6-missing-unlogged');
    const { log } = await read('pvs1', { log: cloudInitAddresses });
    expect(log).toMatchObject({ failed: { code: '0652-033' } });
  });
});

describe('a simulated HMC', () => {
  it('answers every fact', async () => {
    await lab.node('lpar1').setScenario('healthy');
    const seen = await read('hmc1', {
      level: hmcLevel,
      network: hmcNetwork,
      connections: systemConnections,
      capabilities: dlparCapabilities(system),
      migrations: migrations(system),
      diagnosis: diagrmc(system, '127.0.1.11', 3),
    });
    expect(JSON.stringify(seen)).not.toMatch(/"(?:unread|failed)"/);
    expect(seen).toMatchObject({ level: { baseVersion: aText } });
  });
});
