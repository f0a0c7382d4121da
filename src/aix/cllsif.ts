/**
 * `cllsif`, `cllsif -c`: the interfaces and labels of a PowerHA cluster, of all its nodes, as this node's ODM has them.
 *
 *     Adapter   Type     Network       Net Type  Attribute  Node  IP Address   Hardware Address  Interface Name  Global Name  Netmask        Alias for HB  Prefix Length
 *
 *     erp1      boot     net_ether_01  ether     public     erp1  10.20.1.11                     en0                          255.255.255.0                24
 *     erpsvc    service  net_ether_01  ether     public     erp1  10.20.1.21                                                  255.255.255.0                24
 *
 *     #name:type:network:nettype:attr:node:ipaddr:haddr:interfacename:globalname:netmask:hb_addr:prefix
 *     erp1:boot:net_ether_01:ether:public:erp1:10.20.1.11::en0::255.255.255.0::24
 *
 * The first seven columns are always there; of the others any may be blank, and nothing needs them. A network of disks
 * has a path in place of the address. Titles without a row are no answer, and neither is nothing.
 * NOT PROVEN: no public capture was found. The order of the columns, and 12 or 13 of them in the colon form, are from
 * public scripts that read them; the titles are field knowledge.
 * Source: PowerHA SystemMirror 7.2, cllsif.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface ClusterInterface {
  readonly label: string;
  readonly type: string;
  readonly network: string;
  readonly netType: string;
  readonly attribute: string;
  /** PowerHA's name of the node. */
  readonly node: string;
  /** An IPv4 or IPv6 address, or the path of a disk. */
  readonly address: string;
}

const command = 'cllsif';
const titles =
  /^Adapter\s+Type\s+Network\s+Net Type\s+Attribute\s+Node\s+IP Address\s+Hardware Address\s+Interface Name\s+Global Name\s+Netmask(?:\s+Alias for HB)?(?:\s+Prefix Length)?$/;
const colonTitles = /^#[A-Za-z_ ]+(?::[A-Za-z_ ]*){11,13}$/;
const front =
  /^(?<label>[\w.-]+)[\s:]+(?<type>boot|service|persistent)[\s:]+(?<network>[\w.-]+)[\s:]+(?<netType>\w+)[\s:]+(?<attribute>public|private|serial)[\s:]+(?<node>[\w.-]+)[\s:]+(?<rest>\S.*)$/;
const word = /^[\w.:/-]+$/;

/** Reads the rows of either form. */
export const cllsifReader: Reader<readonly ClusterInterface[]> = { id: command, programs: [command], read };

function read(text: string): Answer<readonly ClusterInterface[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (one) => titles.test(one) || readRow(one) !== null);
  if (failure !== null) return failed(failure);
  const rows = lines.filter((line, at) => !(at === 0 && isTitle(line)));
  if (rows.length === 0) throw endsEarly(command, 'no interface was printed', lines);
  return answer(
    rows.map((line) => {
      const row = readRow(line.text);
      if (row === null) throw notUnderstood(command, 'not an interface of a cluster', line);
      return row;
    }),
  );
}

function isTitle({ text }: Line): boolean {
  return titles.test(text) || colonTitles.test(text);
}

function readRow(text: string): ClusterInterface | null {
  const groups = front.exec(text)?.groups;
  if (groups === undefined) return null;
  const { label = '', type = '', network = '', netType = '', attribute = '', node = '', rest = '' } = groups;
  const isColon = text.startsWith(`${label}:`);
  const address = isColon ? colonAddress(rest) : spacedAddress(rest);
  return address === null ? null : { label, type, network, netType, attribute, node, address };
}

/** The seventh of blank-separated columns; the others are words. A row that was cut before its address has none. */
function spacedAddress(rest: string): string | null {
  const [address = '', ...others] = rest.split(/\s+/);
  return isAddress(address) && others.length <= 6 && others.every((one) => word.test(one)) ? address : null;
}

/** IPv6 and hardware addresses hold colons too: only rows of IPv4 and disks are told apart by them. */
function colonAddress(rest: string): string | null {
  const fields = rest.split(':');
  const [address = ''] = fields;
  const isWhole = fields.length >= 6 && fields.every((one) => one === '' || word.test(one));
  return isWhole && isAddress(address) ? address : null;
}

function isAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text) || /^\/dev\/\w+$/.test(text);
}

/** The interfaces of all nodes, as this node has them. */
export const clusterInterfaces: Fact<readonly ClusterInterface[]> = {
  command: nodeRead('/usr/es/sbin/cluster/utilities/cllsif', [], 'PowerHA SystemMirror 7.2, cllsif', {
    needsRoot: true,
  }),
  reader: cllsifReader,
};
