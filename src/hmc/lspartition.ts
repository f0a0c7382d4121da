/**
 * `lspartition -dlpar`: the LPARs that the HMC's RMC has ever heard of, two lines each.
 *
 *     <#0> Partition:<3*9009-42A*78A0001, erp1.example.net, 10.20.0.31>
 *            Active:<1>, OS:<AIX, 7.2, 7200-05-06-2320>, DCaps:<0x2c5f>, CmdCaps:<0x4000001b, 0x1b>, PinnedMem:<1981>
 *     <#4> Partition:<4*9009-42A*78A0001, , 10.20.0.32>
 *            Active:<0>, OS:< , , >, DCaps:<0x0>, CmdCaps:<0x0, 0x0>, PinnedMem:<0>
 *
 * The numbers have gaps; an older HMC says LPAR for Partition. An LPAR that is not listed never registered, and
 * printing nothing means that none ever did. `Active:<1>` alone does not say that dynamic operations work.
 * Source: RSCT 3.2, "Checking the status of RMC connections from the management console"; public captures. IBM
 * does not document the command itself.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { isIpv4, isIpv6 } from '../aix/layouts/addresses.js';
import { hmcRead } from '../core/remote-command.js';
import { hmcFailure } from './layouts/failure.js';
import { notUnderstood, readPrinted, type PrintedLine } from './layouts/printed.js';

export interface DlparRow {
  readonly index: number;
  readonly lparId: number;
  /** Type and model: `9009-42A`. */
  readonly machineType: string;
  readonly serial: string;
  readonly hostname: string | null;
  readonly ipAddress: string | null;
  /** Above 0 is up. */
  readonly active: number;
  readonly os: {
    readonly name: string;
    readonly version: string | null;
    readonly level: string | null;
  } | null;
  /** Capabilities for dynamic operations, hexadecimal as printed; `0x0` is none. */
  readonly dcaps: string;
  readonly cmdCaps: readonly string[];
  readonly pinnedMemMb: number;
}

/** Reads what `lspartition -dlpar` prints. */
export const lspartitionDlpar: Reader<readonly DlparRow[]> = {
  id: 'lspartition-dlpar',
  programs: ['lspartition'],
  read: readDlpar,
};

/** Every LPAR of every managed system that the HMC's RMC knows. */
export const dlparPartitions: Fact<readonly DlparRow[]> = {
  command: hmcRead('lspartition', ['-dlpar'], 'RSCT 3.2, Checking the status of RMC connections'),
  reader: lspartitionDlpar,
};

const upper =
  String.raw`\s*<#(?<index>\d+)>\s*(?:Partition|LPAR):<\s*(?<lparId>\d+)\*(?<type>[0-9A-Z]{4}-[0-9A-Z]{3})\*(?<serial>[0-9A-Za-z]+),` +
  String.raw`\s*(?<hostname>[\w.-]*)\s*,\s*(?<ip>[0-9A-Fa-f:.]*(?:%\w+)?)\s*>\s*`;
const lower =
  String.raw`\s*Active:<(?<active>\d+)>,\s*OS:<(?<os>[^<>]*)>,\s*DCaps:<(?<dcaps>0x[0-9a-fA-F]+)>,` +
  String.raw`\s*CmdCaps:<(?<cmdCaps>0x[0-9a-fA-F]+(?:,\s*0x[0-9a-fA-F]+)*)>,\s*PinnedMem:<(?<pinned>\d+)>\s*`;
const entry = new RegExp(`^${upper}${lower}$`);
const upperAlone = new RegExp(`^${upper}$`);

function readDlpar(text: string): Answer<readonly DlparRow[]> {
  return readPrinted(text, ['lspartition'], ({ lines }) => {
    const failure = hmcFailure(lines);
    if (failure !== null) return { kind: 'failure', failure };
    return { kind: 'facts', facts: entries(lines).map(readEntry) };
  });
}

/** Everything from one `<#` to the next; a terminal may have broken it anywhere in between. */
function entries(lines: readonly PrintedLine[]): readonly (readonly PrintedLine[])[] {
  const groups: PrintedLine[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    if (/^\s*<#/.test(line.text)) groups.push([line]);
    else if (group === undefined) throw notUnderstood('lspartition-dlpar', 'not the begin of an entry', line);
    else group.push(line);
  }
  return groups;
}

function readEntry(lines: readonly PrintedLine[]): DlparRow {
  const groups = entry.exec(lines.map((line) => line.text).join(''))?.groups;
  const os = groups === undefined ? undefined : osOf(groups['os'] ?? '');
  if (groups === undefined || os === undefined || !isAddress(groups['ip'] ?? '')) {
    throw notUnderstood('lspartition-dlpar', 'not an entry of two lines', offender(lines));
  }
  return {
    index: Number(groups['index']),
    lparId: Number(groups['lparId']),
    machineType: groups['type'] ?? '',
    serial: groups['serial'] ?? '',
    hostname: groups['hostname'] || null,
    ipAddress: groups['ip'] || null,
    active: Number(groups['active']),
    os,
    dcaps: groups['dcaps'] ?? '',
    cmdCaps: (groups['cmdCaps'] ?? '').split(/,\s*/),
    pinnedMemMb: Number(groups['pinned']),
  };
}

function isAddress(text: string): boolean {
  return text === '' || isIpv4(text) || isIpv6(text.replace(/%\w+$/, ''));
}

/** `AIX, 7.2, 7200-05-06-2320`, `AIX`, or nothing but commas; undefined for anything else. */
function osOf(text: string): DlparRow['os'] | undefined {
  const [name = '', version = '', level = '', ...more] = text.split(',').map((part) => part.trim());
  if (more.length > 0) return undefined;
  if (name === '') return version === '' && level === '' ? null : undefined;
  return { name, version: version || null, level: level || null };
}

/** The line that breaks the entry: what comes behind a complete one, or behind a complete upper line, or its end. */
function offender(lines: readonly PrintedLine[]): PrintedLine | undefined {
  const joined = lines.map((_, index) =>
    lines
      .slice(0, index + 1)
      .map((line) => line.text)
      .join(''),
  );
  const complete = joined.findIndex((text) => entry.test(text));
  if (complete !== -1) return lines[complete + 1] ?? lines[0];
  const top = joined.findIndex((text) => upperAlone.test(text));
  return top === -1 ? lines[0] : (lines[top + 1] ?? lines[top]);
}
