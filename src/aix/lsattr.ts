/**
 * `lsattr -El DEVICE`: the attributes of a device: for a network interface its addresses and its settings.
 *
 *     alias4                      IPv4 Alias including Subnet Mask           True
 *     mtu           1500          Maximum IP Packet Size for This Device     True
 *     netaddr       10.20.1.11    Internet Address                           True
 *     netaddr6                    IPv6 Internet Address                      True
 *     state         up            Current Interface Status                   True
 *
 * Four columns without titles, aligned by blanks; a value may be empty. So the columns are found by where they begin in
 * all lines; an excerpt, or output whose blanks were collapsed, cannot be read. `True+` is what newer levels print where a change is
 * possible while the device is in use. Printing nothing is no answer.
 * Source: AIX 7.2 commands, lsattr; layout as in public captures.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface DeviceAttribute {
  readonly attribute: string;
  /** '' where none is set. */
  readonly value: string;
  readonly description: string;
  readonly userSettable: boolean;
}

interface Columns {
  readonly value: number;
  readonly description: number;
}

const command = 'lsattr';
const row = /^(?<attribute>[A-Za-z_][\w.-]*) +(?<middle>\S.*?) +(?<settable>True|False)\+?$/;

/** Reads the table of effective attributes. */
export const lsattrReader: Reader<readonly DeviceAttribute[]> = { id: command, programs: [command], read };

function read(text: string): Answer<readonly DeviceAttribute[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => row.test(line));
  if (failure !== null) return failed(failure);
  const alien = lines.find((line) => !row.test(line.raw.trimEnd()));
  if (alien !== undefined) throw notUnderstood(command, 'not a line of this table', alien);
  if (lines.length === 0) throw endsEarly(command, 'nothing was printed', lines);
  const columns = columnsOf(lines);
  const rows = lines.map((line) => readRow(line, columns));
  if (!isTight(rows, columns)) throw endsEarly(command, 'lines are missing', lines);
  const twice = lines.find((_, at) => rows.findIndex((one) => one.attribute === rows[at]?.attribute) < at);
  if (twice !== undefined) throw notUnderstood(command, 'this attribute was printed already', twice);
  return answer(rows);
}

/** A value is one word, so the columns of values and descriptions are the first two that begin anywhere. */
function columnsOf(lines: readonly Line[]): Columns {
  const starts = lines.map(({ raw }) => [...raw.matchAll(/(?<= )\S/g)].map((match) => match.index));
  const value = Math.min(...starts.map((one) => one[0] ?? Infinity));
  const descriptions = starts.flatMap((one) => (one[0] === value ? one.slice(1, 2) : one.slice(0, 1)));
  return { value, description: descriptions[0] ?? value };
}

/**
 * The first column is one blank wider than its widest word, and the second at least: where they are not, lines are
 * missing or were cut, and the first two columns may be others than they seem.
 */
function isTight(rows: readonly DeviceAttribute[], { value, description }: Columns): boolean {
  const widest = (column: 'attribute' | 'value') => Math.max(...rows.map((one) => one[column].length));
  return value === widest('attribute') + 1 && description > value + widest('value');
}

function readRow(line: Line, columns: Columns): DeviceAttribute {
  const { attribute = '', settable } = row.exec(line.raw.trimEnd())?.groups ?? {};
  const value = line.raw.slice(columns.value, columns.description);
  const rest = line.raw.slice(columns.description).trimEnd();
  const isAligned =
    line.raw.slice(0, columns.value).trimEnd() === attribute &&
    value.endsWith(' ') &&
    !/\S\s+\S/.test(value) &&
    /^\S.* (?:True|False)\+?$/.test(rest);
  if (!isAligned) throw notUnderstood(command, 'not aligned with the other lines', line);
  return {
    attribute,
    value: value.trim(),
    description: rest.replace(/ +(?:True|False)\+?$/, ''),
    userSettable: settable === 'True',
  };
}

/** The settings of a network interface. Throws TypeError for a name that is none. */
export function interfaceAttributes(name: string): Fact<readonly DeviceAttribute[]> {
  if (!/^[a-z]{2,8}\d{1,4}$/.test(name)) throw new TypeError(`not an interface: ${name}`);
  return {
    command: nodeRead('/usr/sbin/lsattr', ['-El', name], 'AIX 7.2 commands, lsattr'),
    reader: lsattrReader,
  };
}
