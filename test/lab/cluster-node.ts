import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { certificateFor } from './certificates.js';
import { placeStores } from './certificate-stores.js';
import { placeOdd } from './certificates-odd.js';
import type { ClusterPlace } from './cluster.js';
import { clusterState, hostsFile, logFiles, rhostsFile } from './cluster-texts.js';
import type { NodePlace } from './node-state.js';
import type { Scenario } from './scenario.js';
import type { ClusterScenario } from './scenario-cluster.js';
import { bin } from './shell.js';

/** Files that belong to this part and are made anew by every scenario. */
const ownFiles = [
  'etc/cluster',
  'etc/hosts',
  'etc/netsvc.conf',
  'etc/services',
  'var/hacmp',
  'var/adm/ras',
  'ssl_nimsh',
  'etc/security/ldap',
  'lab/owners',
];

/** Makes what the node has as a node of a cluster, and its other certificates; nothing where it has neither. */
export function placeCluster(place: NodePlace, scenario: Scenario): void {
  const { root, cluster } = place;
  for (const file of ownFiles) rmSync(join(root, file), { recursive: true, force: true });
  mkdirSync(join(root, 'lab/owners'), { recursive: true });
  placeStores(place);
  const skew = scenario.cluster.clockSkew;
  if (skew !== 0) write(join(root, 'lab/knobs/clock-skew'), `${skew}\n`, 0o644);
  if (cluster === null) return;
  const now = scenario.cluster;
  writeAll(join(root, 'state'), clusterState(cluster, scenario));
  writeAll(root, { 'etc/hosts': hostsFile(cluster, now), ...logFiles(cluster, now) });
  const lastEvent = new Date(Date.now() - now.lastEventMinutes * 60_000);
  utimesSync(join(root, 'var/hacmp/adm/cluster.log'), lastEvent, lastEvent);
  placeRhosts(root, cluster, now);
  if (now.certificateDays !== null) placeCertificates(place, cluster, now.certificateDays);
  for (const which of now.more) placeOdd(place, which);
  placeTool(root, cluster, now);
  // clcomd runs with what it read when it was started or refreshed last.
  loadClcomd(root);
}

function placeRhosts(root: string, cluster: ClusterPlace, scenario: ClusterScenario): void {
  mkdirSync(join(root, 'etc/cluster'), { recursive: true, mode: 0o755 });
  const text = rhostsFile(cluster, scenario);
  if (text === null) return;
  const path = join(root, 'etc/cluster/rhosts');
  write(path, text, Number.parseInt(scenario.rhostsMode, 8));
  if (scenario.rhostsOwner !== 'root:system') setOwner(root, path, scenario.rhostsOwner);
}

/** Every node has its own key and certificate in one file, and the certificates of the others. */
function placeCertificates({ root, lab }: NodePlace, cluster: ClusterPlace, days: number): void {
  for (const { name } of cluster.members) {
    const { key, certificate } = certificateFor(lab, `${name}.lab.example`, days);
    const text = name === cluster.own.name ? key + certificate : certificate;
    write(join(root, `etc/cluster/.cert-${name}`), text, 0o600);
  }
}

function placeTool(root: string, { cluster }: ClusterPlace, { tool }: ClusterScenario): void {
  const path = join(root, cluster.certificateTool);
  rmSync(path, { force: true });
  if (tool === 'missing') return;
  mkdirSync(dirname(path), { recursive: true });
  const original = join(bin, 'aix/clrexec_cert_setup');
  if (tool === 'a-link') {
    copyFileSync(original, `${path}.real`);
    symlinkSync(`${path}.real`, path);
    return;
  }
  copyFileSync(original, path);
  chmodSync(path, tool === 'group-writable' ? 0o775 : 0o755);
  if (tool === 'foreign-owner') setOwner(root, path, 'build:staff');
}

function loadClcomd(root: string): void {
  const side = join(bin, 'aix');
  execFileSync('/bin/sh', ['-c', '. "$LAB_BIN/lab.sh"; . "$LAB_BIN/cluster.sh"; clcomd_load'], {
    env: { LAB_ROOT: root, LAB_BIN: side },
  });
}

/** What `ls` shows as owner and group, where it is not root:system. */
function setOwner(root: string, path: string, owner: string): void {
  writeFileSync(join(root, 'lab/owners', String(statSync(path).ino)), `${owner}\n`);
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) write(join(folder, file), `${text}\n`, 0o644);
}

function write(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}
