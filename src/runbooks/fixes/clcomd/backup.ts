import { sumLine } from '../../../aix/cksum.js';
import { modeDigits } from '../../../aix/ls-le.js';
import { digestOf } from '../../../core/canonical.js';
import type { FileSum, NodeStep, StepCommand } from '../../../core/plan.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { files, refreshClcomd, run, showLog } from './commands.js';
import { clusterDirectory, known } from './facts.js';
import { cannotSay, type Refusal } from './gate.js';
import { clusterGates, copyGates } from './gates.js';
import { refused, type Ground } from './ground.js';

/** One regular file below /etc/cluster as it was found. */
export interface SavedFile extends FileSum {
  /** Digits, as `chmod` takes them. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What is in /etc/cluster on every node, and where it is saved. */
export interface Backup {
  readonly kind: 'backup';
  /** Absolute, the same on every node, and made from what it will hold: the same files give the same place. */
  readonly directory: string;
  /** By the node's name; sorted by path. */
  readonly files: ReadonlyMap<string, readonly SavedFile[]>;
}

const source =
  'AIX 7.2 commands, tar and cksum; /etc/cluster is saved whole before anything in it is changed';
/** More files than these are not what a cluster keeps there, and no card could show them. */
const filesAtMost = 60;
const plainPath = /^\/etc\/cluster\/[\w@+=:,./-]+$/;

/** Reads what is to be saved; a refusal where a node has what a copy by tar would not bring back as it was. */
export function backupOf({ collected, nodes }: Ground): Backup | Refusal {
  const saved = new Map<string, readonly SavedFile[]>();
  for (const node of nodes) {
    const own = filesOn(node);
    if (typeof own === 'string') return refused('backup', own, source);
    saved.set(node.name, own);
  }
  const { name } = collected.cluster;
  const digest = digestOf([name, ...saved]).slice(0, 12);
  const place = `${name.replace(/[^A-Za-z0-9._-]/g, '-')}-${digest}`;
  return { kind: 'backup', directory: `/var/backup/clcomd/${place}`, files: saved };
}

function filesOn(node: NodeSight): readonly SavedFile[] | string {
  const what = `${clusterDirectory} on ${node.name} can be saved`;
  const sums = known(node, 'sums');
  const entries = known(node, 'entries');
  if (!sums.ok) return cannotSay(what, sums.why);
  if (!entries.ok) return cannotSay(what, entries.why);
  const regular = entries.value.filter(({ mode }) => mode.startsWith('-'));
  const list = regular.find(({ hasAcl }) => hasAcl);
  if (list !== undefined)
    return `${list.path} on ${node.name} has an access control list, which tar does not save.`;
  const other = entries.value.find(({ mode }) => !/^[-d]/.test(mode));
  if (other !== undefined)
    return `${other.path} on ${node.name} is neither a file nor a directory (${other.mode}), and is not saved from here.`;
  if (sums.value.length !== regular.length || sums.value.length > filesAtMost)
    return `${clusterDirectory} on ${node.name} holds ${regular.length} files by ls and ${sums.value.length} by cksum; at most ${filesAtMost} are saved, and both must agree.`;
  const strange = sums.value.find(({ path }) => !plainPath.test(path) || path.includes('..'));
  if (strange !== undefined)
    return `${node.name} has a file in ${clusterDirectory} with a name that is not put into commands.`;
  const found = sums.value.map((sum) => {
    const entry = regular.find(({ path }) => path === sum.path);
    return entry === undefined
      ? null
      : { ...sum, mode: modeDigits(entry.mode), owner: entry.owner, group: entry.group };
  });
  const whole = found.filter((one) => one !== null);
  if (whole.length !== found.length) return cannotSay(what, 'ls and cksum show different files');
  return [...whole].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The basis lines that make a plan stale where a file was changed since. */
export function backupBasis({ files: saved, directory }: Backup): readonly string[] {
  return [
    `${clusterDirectory} is saved on every node as ${directory}/etc_cluster.tar`,
    ...[...saved].flatMap(([node, own]) =>
      own.map((file) => `${node}: cksum ${sumLine(file)}, ${file.mode} ${file.owner}:${file.group}`),
    ),
  ];
}

/** Saves /etc/cluster on one node, unpacks the copy beside it and compares every file, so that the copy is known to be one. */
export function saveOn(ground: Ground, backup: Backup, node: NodeSight): NodeStep {
  const { directory } = backup;
  const own = backup.files.get(node.name) ?? [];
  const archive = `${directory}/etc_cluster.tar`;
  return {
    id: `save-${ground.nodes.indexOf(node) + 1}`,
    title: `Save ${clusterDirectory} of ${node.name}, and try the copy out`,
    effect: 'once',
    node: node.name,
    commands: [
      run(files('mkdir', ['-p', directory])),
      run(files('chmod', ['700', '/var/backup/clcomd', directory])),
      ...compared(
        own.map(({ path }) => path),
        own,
      ),
      run(files('tar', ['-cf', `${archive}.new`, '-C', '/etc', 'cluster'])),
      ...unpackedAndCompared(`${archive}.new`, own),
      run(files('mv', ['-f', `${archive}.new`, archive])),
      {
        ...run(files('tee', [`${directory}/cksum.before`])),
        stdin: own.map((file) => `${sumLine(file)}\n`).join(''),
      },
      { ...run(files('cp', ['-p', '/etc/hosts', `${directory}/hosts`])), mayFail: true },
      { ...run(files('cp', ['-p', '/etc/netsvc.conf', `${directory}/netsvc.conf`])), mayFail: true },
      run(files('cksum', [archive])),
      { command: files('rm', ['-rf', './cluster']), always: true },
    ],
    timeoutMs: 540_000,
    gates: copyGates,
  };
}

/** Nothing to compare is nothing to run: `cksum` without a file would read its input. */
function compared(paths: readonly string[], own: readonly FileSum[]): readonly StepCommand[] {
  if (paths.length === 0) return [];
  const lines = own.map((file, at) => sumLine({ ...file, path: paths[at] ?? '' }));
  return [{ ...run(files('cksum', paths)), mustPrint: lines }];
}

/** Below the step's own directory: `cluster/rhosts`. */
function unpacked({ path }: FileSum): string {
  return path.slice('/etc/'.length);
}

function unpackedAndCompared(archive: string, own: readonly FileSum[]): readonly StepCommand[] {
  return [run(files('tar', ['-xpf', archive])), ...compared(own.map(unpacked), own)];
}

/** The name of a file while it is put in place: in the same directory, so that the last move is atomic. */
export function inPreparation(path: string): string {
  const at = path.lastIndexOf('/') + 1;
  return `${path.slice(0, at)}.aixops-${path.slice(at)}`;
}

/**
 * Puts files back on one node, byte for byte: from the copy, which is compared first, each beside its place and then
 * moved over it, so that none is ever empty or half written. What is there before that is kept beside the copy.
 */
export function restoreOn(
  ground: Ground,
  backup: Backup,
  node: NodeSight,
  wanted: readonly SavedFile[],
): NodeStep {
  const archive = `${backup.directory}/etc_cluster.tar`;
  const all = backup.files.get(node.name) ?? [];
  const folders = [...new Set(wanted.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))];
  return {
    id: `restore-${ground.nodes.indexOf(node) + 1}`,
    title: `Put back ${wanted.length === 1 ? (wanted[0]?.path ?? '') : `the files of ${clusterDirectory}`} on ${node.name}, and refresh clcomd`,
    effect: 'once',
    node: node.name,
    commands: [
      ...unpackedAndCompared(archive, all),
      run(files('tar', ['-cf', `${backup.directory}/undone.tar`, '-C', '/etc', 'cluster'])),
      ...folders
        .filter((folder) => folder !== clusterDirectory)
        .map((folder) => run(files('mkdir', ['-p', folder]))),
      ...wanted.flatMap((file) => putBack(file)),
      ...compared(
        wanted.map(({ path }) => path),
        wanted,
      ),
      run(refreshClcomd),
      { command: files('rm', ['-rf', './cluster']), always: true },
      showLog,
    ],
    timeoutMs: 540_000,
    gates: clusterGates,
  };
}

function putBack(file: SavedFile): readonly StepCommand[] {
  const temporary = inPreparation(file.path);
  return [
    run(files('cp', ['-p', unpacked(file), temporary])),
    run(files('chown', [`${file.owner}:${file.group}`, temporary])),
    run(files('chmod', [file.mode, temporary])),
    run(files('mv', ['-f', temporary, file.path])),
  ];
}
