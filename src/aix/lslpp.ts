/**
 * `lslpp -Lcq FILESET…`: installed filesets, one per line, 18 fields between colons.
 *
 *     rsct.core:rsct.core.rmc:3.2.6.2: : :C:F:RSCT Resource Monitoring and Control: : : : : : :1:0:/:2315
 *     bash:bash-5.2.15-1:5.2.15-1: : :C:R:The GNU Bourne Again shell: :/bin/rpm -e bash: : : : : :0: :/opt/freeware:Tue Jan  9 10:11:12 2024
 *
 * In order: package, fileset, level, state, PTF, fix state, type, description, and ten more that nothing here needs.
 * The state read is the fix state (A applied, B broken, C committed, E held by an interim fix, O obsolete, ?), which
 * `lslpp -L` shows as "State"; the fourth field is blank in all captures. The type is blank, or F for a fix, R for an
 * RPM and so on. An RPM's time stamp holds two colons more, descriptions may hold others.
 * Nothing is never printed: an unknown fileset gives a message.
 * Source: AIX 7.2 commands, lslpp; layout as in public captures.
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface Fileset {
  readonly package: string;
  readonly fileset: string;
  readonly level: string;
  readonly state: string;
  /** '' where `lslpp` prints a blank. */
  readonly type: string;
}

const header =
  /^#\s*Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir\.:Uninstaller:Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date$/;
const start = /^[^\s:#]+:[^\s:]+:[A-Za-z]*\d[^\s:]*:/;
const row =
  /^(?<package>[^\s:#]+):(?<fileset>[^\s:]+):(?<level>[A-Za-z]*\d[^\s:]*):[^:]*:[^:]*:\s*(?<state>[ABCEO?])\s*:\s*(?<type>[A-Z]?)\s*:(?:.*):[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:[ 01]?:[ 01]?:[^:]*:(?<built>[^:]*(?::\d\d:[^:]*)?)$/;
/** Year and week; an RPM has the time it was installed. */
const buildDate = /^(?:\d{4})?$/;
const installTime =
  /^(?:[A-Za-z0-9 ,+-]*\d{1,2}:\d\d:\d\d(?: [AP]M)?(?: [A-Z]{1,5})?(?: \d{4})?|\(none\)|\d{4})?$/;
const vrmf = /^\d+\.\d+\.\d+\.\d+$/;
/** Without a number on some levels: `lslpp: Fileset rsct.* not installed.` */
const notInstalled = /^lslpp:\s.*not installed/i;

const layout: Layout<Fileset | 'header'> = {
  starts: (text) => text.startsWith('#') || start.test(text),
  read: (text) => (header.test(text) ? 'header' : readRow(text)),
};

/** Reads the colon form of `lslpp -L`. */
export const lslppReader: Reader<readonly Fileset[]> = { id: 'lslpp', programs: ['lslpp'], read: readLslpp };

function readLslpp(text: string): Answer<readonly Fileset[]> {
  const lines = linesOf(text);
  const failure = failureIn('lslpp', lines, (line) => layout.starts(line), notInstalled);
  if (failure !== null) return failed(failure);
  const records = readRecords('lslpp', lines, layout);
  const late = records.slice(1).find(({ value }) => value === 'header');
  if (late !== undefined) throw endsEarly('lslpp', 'a second list begins here', [late.line]);
  const filesets = records.flatMap(({ value }) => (value === 'header' ? [] : [value]));
  if (filesets.length === 0) throw endsEarly('lslpp', 'no fileset was printed', lines);
  return answer(filesets);
}

function readRow(text: string): Fileset | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { package: name = '', fileset = '', level = '', state = '', type = '', built = '' } = groups;
  const isRpm = type === 'R';
  if (!(isRpm ? installTime : buildDate).test(built.trim())) return null;
  if (!isRpm && !vrmf.test(level)) return null;
  return { package: name, fileset, level, state, type };
}

/** Compares two levels by number, field by field: below zero if `a` is older. Missing fields count as zero. */
export function compareVrmf(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The RSCT filesets of the node. The pattern is the command's own and must not reach a shell unquoted. */
export const rsctFilesets: Fact<readonly Fileset[]> = {
  command: nodeRead('/usr/bin/lslpp', ['-Lcq', 'rsct.*'], 'AIX 7.2 commands, lslpp'),
  reader: lslppReader,
};

/** One fileset by its name, or the message that it is not installed. */
export function installed(fileset: string): Fact<readonly Fileset[]> {
  return {
    command: nodeRead('/usr/bin/lslpp', ['-Lcq', fileset], 'AIX 7.2 commands, lslpp'),
    reader: lslppReader,
  };
}

/** PowerHA's server. */
export const clusterFilesets = installed('cluster.es.server.rte');

/** Cluster Aware AIX, which brings `lscluster`. */
export const caaFilesets = installed('bos.cluster.rte');

/** IBM Storage Scale (GPFS), which pureScale couples to RSCT. */
export const scaleFilesets = installed('gpfs.base');

/** Is this the message that a fileset is not installed? */
export function saysNotInstalled(failure: Failure): boolean {
  return failure.code === '0504-132' || (failure.code === null && notInstalled.test(failure.message));
}
