import { accessSync, constants, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodePlace } from './node-state.js';
import { bin, writeShellSettings } from './shell.js';

/** Where AIX keeps each program of the lab, besides /usr/bin. */
const places: Readonly<Record<string, readonly string[]>> = {
  'usr/bin':
    'lssrc startsrc stopsrc refresh lslpp netstat oslevel uname hostname id sudo lsrsrc grep sed'.split(' '),
  'usr/sbin': ['ifconfig', 'netstat', 'lspv'],
  'usr/sbin/rsct/bin': ['rmcctrl', 'rmcdomainstatus', 'lsrsrc', 'lsrpdomain', 'lsnodeid'],
};

/**
 * The host's tools that exist on AIX too. What AIX lacks (stat, readlink, mktemp, base64, timeout, setsid, …) is
 * not linked, and nothing but the node's own folders is in PATH.
 */
const hostTools =
  'awk basename cat chgrp chmod chown cksum cmp comm cp csplit cut date dd df diff dirname du echo ed egrep env expand expr ' +
  'false find fold getconf head join kill ln logname ls mkdir mkfifo mv nice nl nohup od paste pr printf ps pwd rm rmdir ' +
  'sleep sort split strings stty sum sync tail tar tee test touch tr true tty uniq uuencode wc which who xargs perl';

const shells = ['ksh93', 'ksh', 'mksh', 'dash', 'sh'] as const;

/** Makes the node's folder from nothing. */
export function buildNodeRoot(place: NodePlace): void {
  const { root, node } = place;
  for (const folder of [
    'usr/sbin/rsct/bin',
    'usr/sbin/rsct/install/bin',
    'usr/bin',
    'etc',
    'opt',
    'tmp',
    'var/adm',
    'var/log',
    'var/ct/cfg',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  mkdirSync(join(root, 'home', node.user), { recursive: true });
  symlinkSync('usr/bin', join(root, 'bin'));
  symlinkSync('usr/sbin', join(root, 'sbin'));
  symlinkSync('../usr/sbin/rsct', join(root, 'opt/rsct'));
  linkPrograms(place);
  writeFileSync(join(root, 'etc/ct_node_id'), `${node.nodeId}\n`);
  writeFileSync(join(root, 'var/ct/cfg/ct_node_id'), `${node.nodeId}\n`);
  writeShellSettings(root, { kind: 'node', user: node.user, lab: place.lab });
}

function linkPrograms({ root, node }: NodePlace): void {
  for (const [folder, names] of Object.entries(places)) {
    for (const name of names) symlinkSync(join(bin, 'aix', name), join(root, folder, name));
  }
  for (const tool of hostTools.split(' ')) link(findOnHost(tool), join(root, 'usr/bin', tool));
  const wanted = node.shell ?? shells.find((shell) => findOnHost(shell) !== null);
  const shell = findOnHost(wanted ?? 'sh');
  if (shell === null) throw new Error(`the shell ${wanted ?? 'sh'} is not on this machine`);
  for (const name of ['ksh', 'sh']) link(shell, join(root, 'usr/bin', name));
  link(findOnHost('ksh93'), join(root, 'usr/bin/ksh93'));
}

function link(from: string | null, to: string): void {
  if (from !== null && !existsSync(to)) symlinkSync(from, to);
}

/** Absolute path of a program of the host, or null. */
export function findOnHost(name: string): string | null {
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/sbin', '/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not there: look on.
    }
  }
  return null;
}
