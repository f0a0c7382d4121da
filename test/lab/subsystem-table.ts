import type { Product, Scenario } from './scenario.js';

/** Group, and whether the subsystem runs on a healthy node and is started with ctrmc. */
type Subsystem = readonly [group: string, isActive: boolean, isAuto: boolean];
type Table = Readonly<Record<string, Subsystem>>;

const plain: Table = {
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

const caa: Table = { cthags: ['cthags', true, false], clconfd: ['caa', true, false] };
const configRm: Table = { 'IBM.ConfigRM': ['rsct_rm', true, true] };
const groupServices: Table = { cthags: ['cthags', true, false], cthats: ['cthats', true, false] };

const products: Readonly<Record<Product, Table>> = {
  powerha: { clstrmgrES: ['cluster', true, false] },
  tsamp: { 'IBM.RecoveryRM': ['rsct_rm', true, true], 'IBM.GblResRM': ['rsct_rm', true, true] },
  ssp: {},
  gpfs: {},
  acls: {},
  vmrm: { ksys_vmmon: ['', true, false], 'IBM.VMR': ['rsct_rm', true, true] },
  errm: { 'IBM.ERRM': ['rsct_rm', true, true] },
  mcproxy: { mcproxy: ['rsct', true, true] },
};

/** The table of the SRC as files: `src/NAME` holds `name|group|pid|status|auto`. */
export function subsystemFiles(scenario: Scenario): Record<string, string> {
  const isOnline = scenario.clustered || scenario.peerDomain === 'online';
  const all: Table = {
    ...plain,
    ...(scenario.clustered || scenario.caa ? caa : {}),
    ...(isOnline && !scenario.clustered ? groupServices : {}),
    ...(isOnline || scenario.peerDomain === 'offline' ? configRm : {}),
    ...(Object.assign({}, ...scenario.products.map((product) => products[product])) as Table),
  };
  const files: Record<string, string> = {};
  Object.entries(all).forEach(([name, [group, isActive, isAuto]], index) => {
    const status = scenario.subsystems[name] ?? (isActive ? 'active' : 'inoperative');
    if (status === 'absent' || (scenario.rsct === 'missing' && /^rsct(?:_rm)?$/.test(group))) return;
    const pid = status === 'active' ? String(3_932_160 + index * 131_074) : '';
    files[`src/${name}`] = [name, group, pid, status, isAuto ? 'yes' : 'no'].join('|');
  });
  return files;
}
