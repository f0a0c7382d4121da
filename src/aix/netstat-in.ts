/**
 * `netstat -in`: the interfaces of the node with their MTU, one row for each of their addresses.
 *
 *     Name  Mtu   Network     Address            Ipkts Ierrs    Opkts Oerrs  Coll
 *     en0   1500  link#2      fa.16.3e.1.2.3   2819540     0   338270     0     0
 *     en0   1500  10.20.1     10.20.1.11       2819540     0   338270     0     0
 *     lo0   16896 link#1                        193845     0   193845     0     0
 *     lo0   16896 127         127.0.0.1         193845     0   193845     0     0
 *     lo0   16896 ::1%1                         193845     0   193845     0     0
 *
 * The loopback has no hardware address, and an IPv6 address stands in the column of networks. A star behind a name says
 * that the interface is down. Titles without a row are no answer.
 * Source: AIX 7.2 commands, netstat: titles and rows as on its page. NOT PROVEN: the star, and rows of IPv6.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface InterfaceAddress {
  readonly name: string;
  readonly mtu: number;
  /** Null for the row of the hardware. */
  readonly address: string | null;
}

const command = 'netstat-in';
const titles =
  /^Name\s+Mtu\s+Network\s+(?:ZoneID\s+)?Address\s+(?:ZoneID\s+)?Ipkts\s+Ierrs\s+Opkts\s+Oerrs\s+Coll$/;
const row =
  /^(?<name>[a-z]{2,4}\d{1,4})\*?\s+(?<mtu>\d{3,5})\s+(?<network>\S+)(?:\s+(?<address>\S*[.:]\S*))?(?:\s+\d+){4}\s+\d+$/;

/** Reads the table of interfaces. */
export const netstatInReader: Reader<readonly InterfaceAddress[]> = {
  id: command,
  programs: ['netstat'],
  read,
};

function read(text: string): Answer<readonly InterfaceAddress[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (one) => titles.test(one) || row.test(one));
  if (failure !== null) return failed(failure);
  const [first, ...rest] = lines;
  if (first === undefined || rest.length === 0) throw endsEarly(command, 'no interface was printed', lines);
  if (!titles.test(first.text)) throw notUnderstood(command, 'not the titles of this table', first);
  return answer(
    rest.map((line) => {
      const found = readRow(line.text);
      if (found === null) throw notUnderstood(command, 'not a row of this table', line);
      return found;
    }),
  );
}

function readRow(text: string): InterfaceAddress | null {
  const { name, mtu, network, address } = row.exec(text)?.groups ?? {};
  if (name === undefined || mtu === undefined || network === undefined) return null;
  const where = { name, mtu: Number(mtu) };
  if (network.startsWith('link#')) return { ...where, address: null };
  const said = (address ?? network).replace(/%\w+$/, '').replace(/\/\d+$/, '');
  return isIpv4(said) || isIpv6(said) ? { ...where, address: said } : null;
}

/** The interfaces of the node, their addresses and MTUs. */
export const interfaceAddresses: Fact<readonly InterfaceAddress[]> = {
  command: nodeRead('/usr/bin/netstat', ['-in'], 'AIX 7.2 commands, netstat'),
  reader: netstatInReader,
};
