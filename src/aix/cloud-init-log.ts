/**
 * `/var/log/cloud-init-output.log`: the network devices as they were at each boot that cloud-init took part in.
 *
 *     ci-info: +++++++++++++++++++++++++++++Net device info+++++++++++++++++++++++++++++
 *     ci-info: +--------+------+--------------------------+---------------+--------+-------------------+
 *     ci-info: | Device |  Up  |         Address          |      Mask     | Scope  |     Hw-Address    |
 *     ci-info: +--------+------+--------------------------+---------------+--------+-------------------+
 *     ci-info: |  en0   | True |        10.20.1.11        | 255.255.255.0 | global | fa:16:3e:00:00:01 |
 *     ci-info: |  en1   | True | fe80::f816:3eff:fe00:1/64 |       .       |  link  | fa:16:3e:00:00:02 |
 *     ci-info: +--------+------+--------------------------+---------------+--------+-------------------+
 *
 * Before `ci-info:` there may be a time, a host and a program. Older cloud-init has no Scope. A dot is "none". The other
 * tables behind `ci-info:` (routes, authorized keys) are known, checked and left out; any other text behind it is an
 * error, as is any line in the middle of a table. Lines without `ci-info:` around the tables are the rest of the log.
 * Nothing at all means that cloud-init printed no table: an answer.
 * NOT PROVEN for AIX: public captures are of Linux; IBM says only that the addresses are in this log.
 * Source: cloud-init, netinfo.py; IBM Power Virtual Server, "Recommended RSCT package levels for imported AIX images".
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface LoggedAddress {
  readonly device: string;
  readonly up: boolean;
  /** As printed: an IPv6 address has its prefix length behind a slash. */
  readonly address: string | null;
  readonly mask: string | null;
  readonly scope: string | null;
  readonly hardwareAddress: string | null;
  /** Which table of the log it is from, counting from 1; the last one is the latest boot. */
  readonly boot: number;
}

interface Table {
  readonly isDevices: boolean;
  borders: number;
  columns: readonly string[];
  readonly rows: Row[];
}

interface Row {
  readonly cells: readonly string[];
  readonly line: Line;
}

const command = 'cloud-init-log';
const marked = /^(?:.*?\s)?ci-info:(?<body>.*)$/;
const title = /^\++(?<title>[A-Za-z][^+]*)\++$/;
const otherTitle = /^(?:Route (?:IPv4 |IPv6 )?info|Authorized keys from \S+(?: for user \S+)?)$/;
const remark =
  /^(?:!+(?:Net device|Route) info failed!+|no authorized ssh keys fingerprints found for user \S+)$/i;
const border = /^\+(?:-+\+)+$/;
const row = /^\|(?<cells>.*)\|$/;
const layouts = [
  ['Device', 'Up', 'Address', 'Mask', 'Scope', 'Hw-Address'],
  ['Device', 'Up', 'Address', 'Mask', 'Hw-Address'],
].map((columns) => columns.join('|'));
const refusal = /^grep: .*(?:cannot open|can't open|no such file|permission)/i;

/** Reads the device tables of the log, or of what `grep ci-info:` found in it. */
export const cloudInitLogReader: Reader<readonly LoggedAddress[]> = {
  id: command,
  programs: ['grep', 'cat'],
  read,
};

function read(text: string): Answer<readonly LoggedAddress[]> {
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined) return answer([]);
  if (!lines.some((line) => marked.test(line.text))) {
    const failure = failureIn(command, lines, () => false, refusal);
    if (failure !== null) return failed(failure);
    throw notUnderstood(command, 'nothing that cloud-init says of the network', first);
  }
  const tables = readTables(lines).filter(({ isDevices }) => isDevices);
  return answer(tables.flatMap((table, at) => table.rows.map((one) => readRow(table, one, at + 1))));
}

function readTables(lines: readonly Line[]): readonly Table[] {
  const tables: Table[] = [];
  let open: Table | null = null;
  for (const line of lines) {
    const body = marked.exec(line.text)?.groups?.body?.trim();
    if (open !== null) {
      extend(open, body, line);
      if (open.borders === 3) open = null;
    } else if (body !== undefined && !remark.test(body.replace(/\.$/, ''))) {
      open = opened(body, line);
      tables.push(open);
    }
  }
  if (open !== null) throw endsEarly(command, 'a table is not whole', lines);
  return tables;
}

function opened(body: string, line: Line): Table {
  const name = title.exec(body)?.groups?.title ?? '';
  if (name !== 'Net device info' && !otherTitle.test(name))
    throw notUnderstood(command, 'not the begin of a table', line);
  return { isDevices: name === 'Net device info', borders: 0, columns: [], rows: [] };
}

/** Border, titles, border, rows, border. */
function extend(table: Table, body: string | undefined, line: Line): void {
  const cells = row
    .exec(body ?? '')
    ?.groups?.cells?.split('|')
    .map((cell) => cell.trim());
  if (body !== undefined && border.test(body) && (table.borders !== 1 || table.columns.length > 0))
    table.borders += 1;
  else if (cells !== undefined && table.borders === 1 && table.columns.length === 0) {
    if (table.isDevices && !layouts.includes(cells.join('|')))
      throw notUnderstood(command, 'not the columns of this table', line);
    table.columns = cells;
  } else if (table.borders === 2 && cells?.length === table.columns.length) table.rows.push({ cells, line });
  else throw notUnderstood(command, 'not a line of this table', line);
}

function readRow({ columns }: Table, { cells, line }: Row, boot: number): LoggedAddress {
  const cell = (name: string): string | null => {
    const found = cells[columns.indexOf(name)] ?? '.';
    return found === '.' ? null : found;
  };
  const device = cell('Device');
  const up = cell('Up');
  if (device === null || !/^[a-z][\w.:@-]*$/i.test(device) || (up !== 'True' && up !== 'False'))
    throw notUnderstood(command, 'not a device', line);
  const found = {
    device,
    up: up === 'True',
    address: cell('Address'),
    mask: cell('Mask'),
    scope: cell('Scope'),
    hardwareAddress: cell('Hw-Address'),
    boot,
  };
  if (!isSound(found)) throw notUnderstood(command, 'not an address with its mask', line);
  return found;
}

function isSound({ address, mask, scope, hardwareAddress }: LoggedAddress): boolean {
  return (
    (address === null || isIpv4(address) || isIpv6(address.replace(/(?:%\w+)?(?:\/\d{1,3})?$/, ''))) &&
    (mask === null || isIpv4(mask) || /^0x[0-9a-f]{8}$/i.test(mask)) &&
    (scope === null || /^[a-z]+$/i.test(scope)) &&
    (hardwareAddress === null || /^[0-9a-f]{1,2}(?:[:.][0-9a-f]{1,2}){5}$/i.test(hardwareAddress))
  );
}

/** What cloud-init said of the network at each boot; grep's exit 1 means that it said nothing. */
export const cloudInitAddresses: Fact<readonly LoggedAddress[]> = {
  command: nodeRead(
    '/usr/bin/grep',
    ['ci-info:', '/var/log/cloud-init-output.log'],
    'IBM Power Virtual Server, RSCT package levels; AIX 7.2 commands, grep',
    { maxBytes: 1024 * 1024, needsRoot: true },
  ),
  reader: cloudInitLogReader,
  exits: [1],
};

/** The IPv6 link-local addresses in the log, the latest boot first, each device and address once. */
export function loggedLinkLocals(rows: readonly LoggedAddress[]): readonly LoggedAddress[] {
  const found = rows.filter(({ address }) => address !== null && /^fe[89ab][0-9a-f]:/i.test(address));
  const latestFirst = found.toSorted((a, b) => b.boot - a.boot);
  const keyOf = (one: LoggedAddress) => `${one.device} ${String(one.address)}`;
  return latestFirst.filter((one, at) => latestFirst.findIndex((two) => keyOf(two) === keyOf(one)) === at);
}
