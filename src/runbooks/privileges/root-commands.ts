/**
 * Every command that a node must let the login user run as root, with literal arguments: what the sudoers list is made
 * from. A test keeps it to the letter what the diagnostics and fixes of the registry run.
 */

/** A program by each of its paths, and its arguments. */
export type RootCommand = readonly [programs: readonly string[], args: readonly string[]];

/** Changes nothing. */
export const rootReads: readonly RootCommand[] = [
  [['/usr/bin/cat'], ['/etc/cluster/rhosts']],
  [['/usr/bin/cat'], ['/usr/es/sbin/cluster/etc/rhosts']],
  [['/usr/bin/cat'], ['/var/ct/cfg/ctrmc.acls']],
  [['/usr/bin/du'], ['-sk', '/var/ct']],
  [['/usr/bin/grep'], ['ci-info:', '/var/log/cloud-init-output.log']],
  [['/usr/bin/id'], ['-u']],
  [['/usr/bin/ls'], ['-dlL', '/etc/cluster/rhosts']],
  [['/usr/bin/ls'], ['-dlL', '/etc/hosts']],
  [['/usr/bin/ls'], ['-dlL', '/opt/rsct/bin/rmcrefreshMD']],
  [['/usr/bin/ls'], ['-dlL', '/usr/es/sbin/cluster/etc/rhosts']],
  [['/usr/bin/ls'], ['-dlL', '/usr/sbin/rsct/bin/rmcrefreshMD']],
  [['/usr/bin/ls'], ['-dlL', '/var/ct/cfg/ctrmc.acls']],
  [['/usr/bin/lscondresp', '/usr/sbin/rsct/bin/lscondresp', '/opt/rsct/bin/lscondresp'], []],
  [['/usr/bin/lsrpdomain', '/usr/sbin/rsct/bin/lsrpdomain', '/opt/rsct/bin/lsrpdomain'], []],
  [['/usr/bin/lsrsrc', '/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'], ['IBM.Association']],
  [['/usr/bin/lsrsrc', '/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'], ['IBM.Condition']],
  [['/usr/bin/lsrsrc', '/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'], ['IBM.EventResponse']],
  [['/usr/bin/lsrsrc', '/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'], ['IBM.MCP']],
  [['/usr/bin/tail'], ['-100', '/var/hacmp/clcomd/clcomd.log']],
  [['/usr/bin/tail'], ['-50', '/var/adm/ras/syslog.caa']],
  [['/usr/es/sbin/cluster/utilities/cllsif'], []],
  [['/usr/es/sbin/cluster/utilities/clmgr'], ['query', 'cluster']],
  [['/usr/sbin/lscluster'], ['-c']],
  [['/usr/sbin/lscluster'], ['-m']],
  [['/usr/sbin/lsitab'], ['ctrmc']],
  [['/usr/sbin/rsct/bin/ctsvhbac', '/opt/rsct/bin/ctsvhbac'], []],
  [
    ['/usr/sbin/rsct/bin/ctsyschk', '/opt/rsct/bin/ctsyschk'],
    ['-C', 'm'],
  ],
  [
    ['/usr/sbin/rsct/bin/rmcdomainstatus', '/opt/rsct/bin/rmcdomainstatus'],
    ['-s', 'ctrmc'],
  ],
];

/** Steps of fixes of low and medium risk, and of their undoing. */
export const rootFixes: readonly RootCommand[] = [
  [['/usr/sbin/rsct/bin/rmcctrl', '/opt/rsct/bin/rmcctrl'], ['-A']],
  [['/usr/sbin/rsct/bin/rmcctrl', '/opt/rsct/bin/rmcctrl'], ['-P']],
  [['/usr/sbin/rsct/bin/rmcctrl', '/opt/rsct/bin/rmcctrl'], ['-p']],
  [['/usr/sbin/rsct/bin/rmcctrl', '/opt/rsct/bin/rmcctrl'], ['-z']],
  [
    ['/usr/sbin/rsct/bin/rmcrefreshMD', '/opt/rsct/bin/rmcrefreshMD'],
    ['-s', 'ctrmc'],
  ],
];

const recfgct = ['/usr/sbin/rsct/install/bin/recfgct', '/opt/rsct/install/bin/recfgct'];
const nodeIdLengths = [9, 10, 11, 12, 13, 14, 15, 16];

/** Steps that only rsct-rebuild and rmc-own-image-recovery have. A node ID is as many hexadecimal digits as it has. */
export const rootRebuilds: readonly RootCommand[] = [
  [['/usr/bin/odmadd'], []],
  [['/usr/bin/odmdelete'], ['-o', 'CuAt', '-q', 'name=cluster0']],
  [['/usr/bin/odmget'], ['-q', 'name=cluster0', 'CuAt']],
  [['/usr/bin/tar'], ['-cf', 'var-ct.tar', '/var/ct']],
  [recfgct, ['-n']],
  [recfgct, ['-s']],
  ...nodeIdLengths.map((length): RootCommand => [recfgct, ['-i', '[0-9a-f]'.repeat(length)]]),
];
