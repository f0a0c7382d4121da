import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findOnHost } from './node-programs.js';
import type { NodePlace } from './node-state.js';
import { writeShellSettings } from './shell.js';

/**
 * The host's tools that exist on AIX too. What AIX lacks (stat, readlink, mktemp, base64, timeout, setsid, …) is
 * not linked, and nothing but the node's own folders is in PATH.
 */
const hostTools =
  'awk basename chgrp chmod cksum cmp comm csplit cut dd diff dirname du echo ed egrep env expand expr ' +
  'false fold getconf head join kill ln logname mkdir mkfifo mv nice nl nohup od paste pr printf pwd rm rmdir ' +
  'sleep sort split strings stty sum sync tail tee test touch tr true tty uniq uuencode wc which who xargs';

const shells = ['ksh93', 'ksh', 'mksh', 'dash', 'sh'] as const;

/** What an image of the node has of its own; the rest is linked programs and the lab's. */
export const treeFolders = ['etc', 'tmp', 'var', 'home'] as const;

/** Makes the node's folder from nothing. */
export function buildNodeRoot(place: NodePlace): void {
  const { root, node } = place;
  for (const folder of ['usr/sbin/rsct/bin', 'usr/sbin/rsct/install/bin', 'usr/bin', 'opt', 'lab']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  buildTree(place);
  symlinkSync('usr/bin', join(root, 'bin'));
  symlinkSync('usr/sbin', join(root, 'sbin'));
  symlinkSync('../usr/sbin/rsct', join(root, 'opt/rsct'));
  for (const tool of hostTools.split(' ')) link(findOnHost(tool), join(root, 'usr/bin', tool));
  const wanted = node.shell ?? shells.find((shell) => findOnHost(shell) !== null);
  const shell = findOnHost(wanted ?? 'sh');
  if (shell === null) throw new Error(`the shell ${wanted ?? 'sh'} is not on this machine`);
  for (const name of ['ksh', 'sh']) link(shell, join(root, 'usr/bin', name));
  writeShellSettings(root, { kind: 'node', user: node.user, lab: place.lab });
}

/** Makes the folders of an image that was just installed. */
export function buildTree({ root, node }: NodePlace): void {
  for (const folder of ['etc', 'tmp', 'var/adm', 'var/log', 'var/ct/cfg', join('home', node.user)])
    mkdirSync(join(root, folder), { recursive: true });
}

function link(from: string | null, to: string): void {
  if (from !== null && !existsSync(to)) symlinkSync(from, to);
}
