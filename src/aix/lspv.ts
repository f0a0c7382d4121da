/**
 * `lspv`: the disks of the node, each with its PVID, its volume group and the state of that group here.
 *
 *     hdisk0          00f6a1b2c3d4e5f6                    rootvg          active
 *     hdisk1          00f6a1b2c3d4e5f7                    caavg_private   active
 *     hdisk2          none                                None
 *
 * A disk without a PVID says `none`, one in no volume group `None`; a group that is not varied on has no state.
 * `caavg_private` is the repository disk of Cluster Aware AIX. VIOS prints titles above. A node always has a disk:
 * printing nothing is no answer. Source: AIX 7.2 commands, lspv; layout as in public captures. `locked`, `removed` and
 * `missing` are documented states of a disk; they are kept as printed.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface PhysicalVolume {
  readonly name: string;
  /** 16 hexadecimal digits as printed, or null. */
  readonly pvid: string | null;
  readonly volumeGroup: string | null;
  /** Null where the volume group is not varied on. */
  readonly state: string | null;
}

const header = /^NAME\s+PVID\s+VG\s+STATUS$/;
const start = /^[a-zA-Z][\w.-]*\d\s+(?:[0-9a-f]{16}|none)\s/;
const row =
  /^(?<name>[a-zA-Z][\w.-]*\d)\s+(?<pvid>[0-9a-f]{16}|none)\s+(?<group>[A-Za-z_][\w.-]*)(?:\s+(?<state>active|concurrent|locked|removed|missing))?$/;

const layout: Layout<PhysicalVolume | 'header'> = {
  starts: (text) => header.test(text) || start.test(text),
  read: (text) => (header.test(text) ? 'header' : readRow(text)),
};

/** Reads the table of `lspv` without arguments. */
export const lspvReader: Reader<readonly PhysicalVolume[]> = {
  id: 'lspv',
  programs: ['lspv'],
  read: readLspv,
};

function readLspv(text: string): Answer<readonly PhysicalVolume[]> {
  const lines = linesOf(text);
  const failure = failureIn('lspv', lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const records = readRecords('lspv', lines, layout);
  const late = records.slice(1).find(({ value }) => value === 'header');
  if (late !== undefined) throw notUnderstood('lspv', 'a second table begins here', late.line);
  const volumes = records.flatMap(({ value }) => (value === 'header' ? [] : [value]));
  if (volumes.length === 0) throw endsEarly('lspv', 'no disk was printed', lines);
  const names = records.map(({ value }) => (value === 'header' ? '' : value.name));
  const twice = records.find((_, at) => names.indexOf(names[at] ?? '') < at);
  if (twice !== undefined) throw notUnderstood('lspv', 'this disk was printed already', twice.line);
  return answer(volumes);
}

function readRow(text: string): PhysicalVolume | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { name = '', pvid = '', group = '', state = null } = groups;
  // A disk in no group has no state of one; such a row was put together from two.
  if (group === 'None' && (state === 'active' || state === 'concurrent')) return null;
  return {
    name,
    pvid: pvid === 'none' ? null : pvid,
    volumeGroup: group === 'None' ? null : group,
    state,
  };
}

/** The disks of the node. */
export const physicalVolumes: Fact<readonly PhysicalVolume[]> = {
  command: nodeRead('/usr/sbin/lspv', [], 'AIX 7.2 commands, lspv', { maxBytes: 1024 * 1024 }),
  reader: lspvReader,
};

/** The disks that hold the repository of Cluster Aware AIX, active or not. */
export function repositoryDisks(volumes: readonly PhysicalVolume[]): readonly PhysicalVolume[] {
  return volumes.filter(({ volumeGroup }) => volumeGroup?.startsWith('caavg_') === true);
}
