import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EstateHmc, EstateNode, EstateSystem } from './estate.js';
import { filesets, interfaces } from './node-texts.js';
import type { Scenario } from './scenario.js';

/**
 * The folder that is a simulated AIX node: `usr`, `etc`, `var`, … as a client sees them, `state` (what the machine
 * is like, read and written by the commands in `bin/aix`) and `lab` (faults, settings, what ran).
 */
export interface NodePlace {
  readonly name: string;
  readonly root: string;
  readonly node: EstateNode;
  readonly system: EstateSystem;
  readonly hmcName: string;
  readonly hmc: EstateHmc;
  readonly lab: string;
  readonly settleMs: number;
}

/** Group, and whether the subsystem runs on a healthy node and is started with ctrmc. */
type Subsystem = readonly [group: string, isActive: boolean, isAuto: boolean];
const subsystems: Readonly<Record<string, Subsystem>> = {
  syslogd: ['ras', true, false],
  aso: ['', true, false],
  biod: ['nfs', true, false],
  'rpc.lockd': ['nfs', true, false],
  qdaemon: ['spooler', true, false],
  inetd: ['tcpip', true, false],
  sshd: ['ssh', true, false],
  clcomd: ['caa', true, false],
  ctrmc: ['rsct', true, true],
  'IBM.MgmtDomainRM': ['rsct_rm', true, true],
  'IBM.DRM': ['rsct_rm', true, true],
  'IBM.HostRM': ['rsct_rm', true, true],
  'IBM.ServiceRM': ['rsct_rm', true, true],
  ctcas: ['rsct', false, false],
  'IBM.ERRM': ['rsct_rm', false, false],
  'IBM.AuditRM': ['rsct_rm', false, false],
  'IBM.LPRM': ['rsct_rm', false, false],
  clconfd: ['caa', false, false],
  lpd: ['spooler', false, false],
  nimsh: ['nimclient', false, false],
  nimhttp: ['', false, false],
  timed: ['tcpip', false, false],
};

/** Puts the node into a scenario: its state is made anew, what clients left in its file tree stays. */
export function applyScenario(place: NodePlace, scenario: Scenario): void {
  const { root } = place;
  const state = join(root, 'state');
  const knobs = join(root, 'lab/knobs');
  rmSync(state, { recursive: true, force: true });
  rmSync(knobs, { recursive: true, force: true });
  for (const folder of ['src', 'rmc', 'lpar', 'hmc']) mkdirSync(join(state, folder), { recursive: true });
  for (const folder of ['hang', 'garbage']) mkdirSync(join(knobs, folder), { recursive: true });
  for (const [file, text] of Object.entries(stateFiles(place, scenario))) {
    writeFileSync(join(state, file), `${text}\n`);
  }
  for (const [file, text] of Object.entries(knobFiles(scenario)))
    writeFileSync(join(knobs, file), `${text}\n`);
}

function stateFiles(place: NodePlace, scenario: Scenario): Record<string, string> {
  const { name, node, hmc, hmcName, settleMs } = place;
  return {
    ...subsystemFiles(scenario),
    'node-id': node.nodeId,
    oslevel: node.osLevel,
    lslpp: filesets(node.rsctLevel, scenario.clustered),
    ifconfig: interfaces(node.address),
    'lpar/id': String(node.lparId),
    'lpar/name': name,
    'lpar/hostname': `${name}.lab.example`,
    'lpar/address': node.address,
    'lpar/env': 'aixlinux',
    'lpar/state': scenario.lparState,
    'lpar/uuid': `0A1B2C3D-0000-4000-8000-${node.nodeId.slice(4).toUpperCase()}`,
    'lpar/pinned': '1356',
    'hmc/name': hmcName,
    'hmc/address': hmc.address,
    'hmc/machine': hmc.machine,
    'hmc/node-id': hmc.nodeId,
    'hmc/node-id-decimal': BigInt(`0x${hmc.nodeId}`).toString(),
    'rmc/registered': scenario.registered ? 'yes' : 'no',
    'rmc/remote': scenario.remoteClients ? 'on' : 'off',
    'rmc/link': linkOf(scenario),
    'rmc/dcaps': '0x2c5f',
    'rmc/generation': 'start',
    'rmc/settle-s': String(settleMs / 1000),
    ...(scenario.clustered ? { clustered: 'labdom' } : {}),
  };
}

function linkOf(scenario: Scenario): string {
  if (scenario.link !== 'auto') return scenario.link;
  if (!scenario.registered) return 'none';
  const isUp = scenario.remoteClients && (scenario.subsystems['ctrmc'] ?? 'active') === 'active';
  return isUp && scenario.lparState === 'Running' ? 'I' : 'O';
}

function subsystemFiles(scenario: Scenario): Record<string, string> {
  const cluster: Record<string, Subsystem> = {
    cthags: ['cthags', true, false],
    clconfd: ['caa', true, false],
    'IBM.ConfigRM': ['rsct_rm', true, true],
  };
  const all: Record<string, Subsystem> = { ...subsystems, ...(scenario.clustered ? cluster : {}) };
  const files: Record<string, string> = {};
  Object.entries(all).forEach(([name, [group, isActive, isAuto]], index) => {
    const status = scenario.subsystems[name] ?? (isActive ? 'active' : 'inoperative');
    if (status === 'absent') return;
    const pid = status === 'active' ? String(3_932_160 + index * 131_074) : '';
    files[`src/${name}`] = [name, group, pid, status, isAuto ? 'yes' : 'no'].join('|');
  });
  return files;
}

function knobFiles(scenario: Scenario): Record<string, string> {
  const files: Record<string, string> = {};
  for (const program of scenario.hang) files[`hang/${program}`] = '';
  for (const program of scenario.garbage) files[`garbage/${program}`] = '';
  if (scenario.slowMs > 0) files['slow'] = String(scenario.slowMs / 1000);
  if (scenario.startFailures > 0) files['start-failures'] = String(scenario.startFailures);
  if (scenario.dcaps === '0x0') files['dcaps-zero'] = '';
  if (scenario.hmcViewsDisagree) files['hmc-views-disagree'] = '';
  if (scenario.link === 'i') files['link-stays'] = '';
  return files;
}

/** What a node is like now, for tests. */
export interface NodeState {
  readonly subsystems: Readonly<Record<string, { group: string; pid: string; status: string }>>;
  readonly registered: boolean;
  readonly remoteClients: boolean;
  readonly link: string;
}

/** Reads the state files. */
export function readNodeState(root: string): NodeState {
  const read = (file: string) => readFileSync(join(root, 'state', file), 'utf8').trim();
  const entries = readdirSync(join(root, 'state/src')).map((file) => {
    const [name = '', group = '', pid = '', status = ''] = read(`src/${file}`).split('|');
    return [name, { group, pid, status }] as const;
  });
  return {
    subsystems: Object.fromEntries(entries),
    registered: read('rmc/registered') === 'yes',
    remoteClients: read('rmc/remote') === 'on',
    link: read('rmc/link'),
  };
}
