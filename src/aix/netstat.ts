/**
 * `netstat -an`: the sockets of the node. Only the internet table is a fact here.
 *
 *     Active Internet connections (including servers)
 *     Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
 *     tcp        0      0  *.657                  *.*                    LISTEN
 *     tcp4       0     52  10.20.1.11.22          10.20.9.4.51022        ESTABLISHED
 *     udp        0      0  *.657                  *.*
 *
 *     Active UNIX domain sockets
 *     SADR/PCB         Type   Recv-Q Send-Q Inode            Conn             Refs             Nextref          Addr
 *     f1000e00029d8c08 dgram       0      0 f1000b02a0d4e820                0                0                0 /dev/SRC
 *     f1000e00021b6b80
 *
 * NOT PROVEN: no public capture of the AIX layout was found; this is field knowledge, the column titles are those of
 * the AIX 7.2 netstat page. The table of UNIX domain sockets is recognised row by row and left out. Anything else is
 * an error. Printing nothing is no answer. Ports: RSCT 3.3, "Security: port usage" (RMC is 657 over TCP and UDP).
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Socket {
  readonly protocol: string;
  /** Address and port joined by a dot, as printed: `*.657`. */
  readonly local: string;
  readonly foreign: string;
  /** Null for UDP, which has none. */
  readonly state: string | null;
}

export interface Sockets {
  readonly sockets: readonly Socket[];
}

const command = 'netstat';
const internetTitle = /^Active Internet connections(?: \(including servers\))?$/;
const internetColumns = /^Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address\s+\(state\)$/;
const unixTitle = /^Active UNIX domain sockets$/;
const unixColumns = /^SADR\/PCB\s+Type\s+Recv-Q\s+Send-Q\s+Inode\s+Conn\s+Refs\s+Nextref\s+Addr$/;
const unixRow =
  /^[0-9a-f]{6,16}(?:\s+(?:stream|dgram|seqpacket|raw)\s+\d+\s+\d+(?:\s+[0-9a-f]+){4}(?:\s+\S+)?)?$/;
const states =
  'CLOSED|LISTEN|SYN_SENT|SYN_RCVD|SYN_RECEIVED|ESTABLISHED|CLOSE_WAIT|FIN_WAIT_1|FIN_WAIT_2|CLOSING|LAST_ACK|TIME_WAIT';
const row = new RegExp(
  String.raw`^(?:(?<tcp>tcp[46]?)|(?<udp>udp[46]?))\s+\d+\s+\d+\s+(?<local>\S+)\s+(?<foreign>\S+)(?:\s+(?<state>${states}))?$`,
);

/** Reads the internet table of `netstat -an`, with or without its titles. */
export const netstatReader: Reader<Sockets> = { id: 'netstat', programs: ['netstat'], read: readNetstat };

function readNetstat(text: string): Answer<Sockets> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (one) => readRow(one) !== null);
  if (failure !== null) return failed(failure);
  const border = lines.findIndex((line) => unixTitle.test(line.text));
  const internet = border === -1 ? lines : lines.slice(0, border);
  if (border !== -1) checkUnixTable(lines.slice(border + 1));
  const sockets = internet.flatMap((line, at) => readInternetLine(line, at));
  if (sockets.length === 0) throw endsEarly(command, 'no internet socket was printed', internet);
  return answer({ sockets });
}

function readInternetLine(line: Line, at: number): readonly Socket[] {
  const isTitle = (at === 0 && internetTitle.test(line.text)) || (at <= 1 && internetColumns.test(line.text));
  if (isTitle) return [];
  const socket = readRow(line.text);
  if (socket === null) throw notUnderstood(command, 'not a line of the internet table', line);
  return [socket];
}

/** The second table is known and says nothing about ports: it is checked and left out. */
function checkUnixTable(lines: readonly Line[]): void {
  for (const [at, line] of lines.entries()) {
    const known = at === 0 ? unixColumns.test(line.text) : unixRow.test(line.text);
    if (!known) throw notUnderstood(command, 'not a line of the UNIX domain table', line);
  }
}

function readRow(text: string): Socket | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { tcp, udp, local = '', foreign = '', state = null } = groups;
  // A TCP row without its state is cut off; UDP has none.
  if ((tcp === undefined) !== (state === null) || !isEnd(local) || !isEnd(foreign)) return null;
  return { protocol: tcp ?? udp ?? '', local, foreign, state };
}

/** `*.657`, `*.*`, `10.20.1.11.22`, `::1.657`, `fe80::1%2.657`. */
function isEnd(text: string): boolean {
  const groups = /^(?<address>.+)\.(?:\*|(?<port>\d{1,5}))$/.exec(text)?.groups;
  if (groups?.address === undefined || Number(groups.port ?? 0) > 65_535) return false;
  const address = groups.address.replace(/%\w+$/, '');
  return address === '*' || isIpv4(address) || isIpv6(address);
}

/**
 * Whether something listens on RMC's TCP port and holds its UDP port. UDP is bound only once the node is in a domain,
 * so a never registered node has none (RSCT 3.3, port usage).
 */
export function rmcPort(sockets: readonly Socket[]): {
  readonly tcpListening: boolean;
  readonly udpBound: boolean;
} {
  const bound = sockets.filter(({ local }) => local.endsWith('.657'));
  return {
    tcpListening: bound.some(({ protocol, state }) => protocol.startsWith('tcp') && state === 'LISTEN'),
    udpBound: bound.some(({ protocol }) => protocol.startsWith('udp')),
  };
}

/** All sockets of the node; on a busy one the table is long. */
export const sockets: Fact<Sockets> = {
  command: nodeRead('/usr/bin/netstat', ['-an'], 'AIX 7.2 commands, netstat', { maxBytes: 1024 * 1024 }),
  reader: netstatReader,
};
