import { cloudInitLog, filesets, interfaces, linkLocalOf, macOf } from './node-texts.js';
import type { NodePlace } from './node-state.js';
import type { Manager } from './managers.js';
import type { Scenario } from './scenario.js';
import { subsystemFiles } from './subsystem-table.js';

/** Name below a folder → content, without the last newline. */
type Files = Record<string, string>;

/** The id of the node in its own boot image: made anew when that image was installed. */
export function ownImageId(nodeId: string): string {
  return nodeId.split('').reverse().join('').replace(/^0/, '9');
}

/** The id that RMC on the node runs with, empty where it has none. */
export function nodeIdOf({ node }: NodePlace, scenario: Scenario): string {
  if (scenario.nodeId === 'missing' || scenario.rsct === 'missing') return '';
  return scenario.nodeId ?? (scenario.image === 'own' ? ownImageId(node.nodeId) : node.nodeId);
}

/** What the machine is like. */
export function stateFiles(place: NodePlace, scenario: Scenario): Files {
  const { name, node, settleMs } = place;
  return {
    ...subsystemFiles(scenario),
    ...managerFiles('hmc', place.manager),
    ...(scenario.foreignHmc === null
      ? {}
      : { ...managerFiles('other', place.foreign), 'other/link': scenario.foreignHmc }),
    ...powervsFiles(place, scenario),
    ...clusterFiles(place, scenario),
    ...errorLogFiles(scenario),
    'node-id': nodeIdOf(place, scenario),
    oslevel: node.osLevel,
    lslpp: filesets(
      scenario.rsctLevel ?? node.rsctLevel,
      scenario,
      scenario.cluster.level ?? place.cluster?.cluster.level ?? '7.2.7.0',
    ),
    ifconfig: interfaces(node.address, hasLinkLocal(place, scenario) ? linkLocalOf(node.nodeId) : null),
    wpar: String(scenario.wpar),
    'free-mb': String(scenario.freeMb),
    'lpar/id': String(node.lparId),
    'lpar/id-seen': String(scenario.lparIdSeen ?? node.lparId),
    'lpar/name': name,
    'lpar/hostname': `${name}.lab.example`,
    'lpar/address': node.address,
    'lpar/env': scenario.lparEnv,
    'lpar/state': scenario.lparState,
    'lpar/migration': scenario.migration,
    'lpar/uuid': `0A1B2C3D-0000-4000-8000-${node.nodeId.slice(4).toUpperCase()}`,
    'lpar/pinned': '1356',
    mac: macOf(node.nodeId, 0).slice(3),
    'rmc/registered': scenario.registered ? 'yes' : 'no',
    'rmc/remote': scenario.remoteClients ? 'on' : 'off',
    'rmc/link': linkOf(scenario),
    'rmc/link-found': linkOf(scenario),
    'rmc/dcaps': '0x2c5f',
    'rmc/generation': 'start',
    'rmc/settle-s': String(settleMs / 1000),
  };
}

/** One file per entry, numbered from the oldest; bin/aix/errpt puts the texts to them. */
function errorLogFiles({ errorLog }: Scenario): Files {
  const now = Math.floor(Date.now() / 1000);
  const oldestFirst = [...errorLog].sort((a, b) => b.hoursAgo - a.hoursAgo);
  return Object.fromEntries(
    oldestFirst.map(({ label, module, hoursAgo }, at) => [
      `errlog/${String(20_000 + at).padStart(8, '0')}`,
      `${now - Math.round(hoursAgo * 3600)} ${label} ${module}`,
    ]),
  );
}

function managerFiles(folder: 'hmc' | 'other', manager: Manager): Files {
  return {
    [`${folder}/name`]: manager.name,
    [`${folder}/address`]: manager.address,
    [`${folder}/machine`]: manager.machine,
    [`${folder}/node-id`]: manager.nodeId,
    [`${folder}/node-id-decimal`]: BigInt(`0x${manager.nodeId}`).toString(),
  };
}

function hasLinkLocal({ node }: NodePlace, scenario: Scenario): boolean {
  return node.platform === 'powervs' && scenario.ipv6 && scenario.image === 'original';
}

/** Where the service expects the node: over the injected address and with the id that it was deployed with. */
function powervsFiles({ node }: NodePlace, scenario: Scenario): Files {
  if (node.platform !== 'powervs') return {};
  return { 'needs-ipv6': '', 'expected-id': scenario.image === 'own' ? node.nodeId : '' };
}

function clusterFiles({ node, cluster }: NodePlace, scenario: Scenario): Files {
  const domain = scenario.clustered ? 'online' : scenario.peerDomain;
  const hasCaa = scenario.clustered || scenario.caa;
  return {
    ...(domain === 'none'
      ? {}
      : {
          'peer-domain': cluster?.name ?? 'labdom',
          'peer-domain-state': domain === 'online' ? 'Online' : 'Offline',
        }),
    ...(hasCaa ? { caa: cluster?.name ?? 'labcaa' } : {}),
    ...(hasCaa || scenario.cluster0 !== 'none' ? { 'cuat-cluster0': cluster0(node.nodeId) } : {}),
    ...(scenario.products.includes('errm') ? { conditions: conditions() } : {}),
    ...(scenario.products.includes('ssp') ? { ssp: 'labssp' } : {}),
    ...(scenario.products.includes('gpfs') ? { gpfs: 'labfs' } : {}),
  };
}

/** A CuAt stanza; that `cluster0` carries node_uuid is known, the values of its flags are not. */
function cluster0(nodeId: string): string {
  const uuid = `${nodeId.slice(0, 8)}-0000-11ee-8000-${nodeId.slice(4)}`;
  const rows = [
    ['name', '"cluster0"'],
    ['attribute', '"node_uuid"'],
    ['value', `"${uuid}"`],
    ['type', '"R"'],
    ['generic', '"DU"'],
    ['rep', '"s"'],
    ['nls_index', '3'],
  ];
  return ['CuAt:', ...rows.map(([key, value]) => `\t${key ?? ''} = ${value ?? ''}`)].join('\n');
}

function conditions(): string {
  return '"FileSystem space used"|"Broadcast event on-shift"|"Active"';
}

function linkOf(scenario: Scenario): string {
  if (scenario.link !== 'auto') return scenario.link;
  if (!scenario.registered) return 'none';
  const isUp = scenario.remoteClients && (scenario.subsystems['ctrmc'] ?? 'active') === 'active';
  return isUp && scenario.lparState === 'Running' ? 'I' : 'O';
}

/** Faults, and what the HMC shows wrongly. */
export function knobFiles(scenario: Scenario): Files {
  const files: Files = { 'tcp-657': scenario.tcp657 };
  for (const program of scenario.hang) files[`hang/${program}`] = '';
  for (const program of scenario.garbage) files[`garbage/${program}`] = '';
  for (const [program, words] of Object.entries(scenario.failing)) files[`failing/${program}`] = words;
  if (scenario.slowMs > 0) files['slow'] = String(scenario.slowMs / 1000);
  if (scenario.startFailures > 0) files['start-failures'] = String(scenario.startFailures);
  if (scenario.recfgctFails !== 'no') files['recfgct-fails'] = scenario.recfgctFails;
  if (scenario.cluster0 === 'keeps-id') files['id-from-cluster0'] = '';
  if (scenario.pendingReads > 0) files['pending-reads'] = String(scenario.pendingReads);
  if (!scenario.errorLogging) files['no-errdemon'] = '';
  if (scenario.link === 'Z') files['suspended'] = '';
  if (scenario.link === 'i' && scenario.pendingReads === 0) files['authentication'] = '';
  if (!scenario.root) Object.assign(files, { 'not-root': '', 'no-sudo': '' });
  return { ...files, ...viewKnobs(scenario), ...(staysDown(scenario) ? { 'link-stays': '' } : {}) };
}

function viewKnobs(scenario: Scenario): Files {
  return {
    ...(scenario.dcaps === '0x0' ? { 'dcaps-zero': '' } : {}),
    ...(scenario.hmcViewsDisagree ? { 'hmc-views-disagree': '' } : {}),
    ...(scenario.hmcAddress === null ? {} : { 'hmc-address': scenario.hmcAddress }),
    ...(scenario.systemState === null ? {} : { 'system-state': scenario.systemState }),
    ...(scenario.dlparError === null ? {} : { 'dlpar-error': scenario.dlparError }),
    ...(scenario.lparComm ? {} : { 'lparcomm-off': '' }),
  };
}

function staysDown(scenario: Scenario): boolean {
  return scenario.linkStays ?? (['i', 'X', 'Z'].includes(scenario.link) && scenario.pendingReads === 0);
}

/** Files of the node's own tree that tell who it is. */
export function treeFiles(place: NodePlace, scenario: Scenario): Files {
  const { node } = place;
  const id = nodeIdOf(place, scenario) || 'missing';
  const places: Files = {
    'etc/ct_node_id': scenario.nodeIdEtc ?? id,
    'var/ct/cfg/ct_node_id': scenario.nodeIdCfg ?? id,
  };
  const ids = Object.entries(places).filter(([, value]) => value !== 'missing');
  const rsct: Files =
    scenario.rsct === 'missing' ? {} : { 'var/ct/cfg/ct_has.thl': `(lab) trusted hosts of ${place.name}` };
  // RSCT reads the access list that it is delivered with, unless somebody has made one here.
  const acls: Files = scenario.products.includes('acls')
    ? { 'var/ct/cfg/ctrmc.acls': '# access list (of the lab)\nDEFAULT\n\troot@LOCALHOST\t*\trw' }
    : {};
  const hasLog = node.platform === 'powervs' && scenario.cloudInitLog && scenario.image === 'original';
  return {
    ...rsct,
    ...acls,
    ...Object.fromEntries(ids),
    ...(hasLog ? { 'var/log/cloud-init-output.log': cloudInitLog(node.address, node.nodeId) } : {}),
  };
}
