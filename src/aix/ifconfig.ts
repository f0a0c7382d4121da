/**
 * `ifconfig -a`: the network interfaces and their addresses.
 *
 *     en0: flags=1e084863,480<UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN>
 *             inet 10.20.1.11 netmask 0xffffff00 broadcast 10.20.1.255
 *              tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1
 *     en1: flags=1e084863,480<UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN>
 *             inet6 fe80::f8a1:2bff:fe3c:4d05/64
 *     lo0: flags=e08084b,c0<UP,BROADCAST,LOOPBACK,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,LARGESEND,CHAIN>
 *             inet 127.0.0.1 netmask 0xff000000 broadcast 127.255.255.255
 *             inet6 ::1%1/128
 *
 * An interface without addresses is normal. Copies lose the indentation, put blanks after the commas or lose the
 * flag names together with their angle brackets. Printing nothing is no answer: lo0 is always there.
 * Source: AIX 7.2 commands, ifconfig; layout as in public captures; IBM Power Virtual Server, RMC on AIX.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout, type Read } from './layouts/records.js';

export interface InetAddress {
  readonly address: string;
  /** As printed: `0xffffff00`. */
  readonly netmask: string | null;
  readonly broadcast: string | null;
}

export interface Inet6Address {
  readonly address: string;
  readonly prefixLength: number;
  readonly zone: string | null;
}

export interface NetworkInterface {
  readonly name: string;
  /** Names only; empty where the copy lost them. */
  readonly flags: readonly string[];
  readonly inet: readonly InetAddress[];
  readonly inet6: readonly Inet6Address[];
}

interface Building extends NetworkInterface {
  readonly inet: InetAddress[];
  readonly inet6: Inet6Address[];
}

type Part =
  | { readonly kind: 'interface'; readonly name: string; readonly flags: readonly string[] | null }
  | { readonly kind: 'inet'; readonly address: InetAddress }
  | { readonly kind: 'inet6'; readonly address: Inet6Address }
  | { readonly kind: 'options' };

const command = 'ifconfig';
const opening =
  /^(?<name>[a-z]+\d+):\s*flags=[0-9a-f]+(?:,\s*[0-9a-f]+)?\s*(?:<\s*(?<flags>[^<>]*)>)?(?:\s*metric\s+\d+)?$/;
const flag = /^[A-Z0-9][A-Z0-9_]*(?:\([A-Z0-9_|]+\))?$/;
const inet =
  /^inet\s+(?<address>[\d.]+)(?:\s+-->\s+(?<peer>[\d.]+))?(?:\s+netmask\s+(?<netmask>0x[0-9a-f]{8}))?(?:\s+broadcast\s+(?<broadcast>[\d.]+))?$/;
const inet6 = /^inet6\s+(?<address>[0-9a-f:.]+)(?:%(?<zone>\w+))?\/(?<length>\d{1,3})$/i;
/** The interface-specific network options; they say nothing about addresses. */
const options = /^(?:(?:tcp_sendspace|tcp_recvspace|rfc1323|tcp_nodelay|tcp_mssdflt)\s+\d+(?:\s+|$))+$/;

const layout: Layout<Part> = {
  starts: (text) => /^(?:[a-z]+\d+:|inet6?\s|tcp_\w+\s+\d|rfc1323\s+\d)/.test(text),
  read: readPart,
};

/** Reads the interfaces and their addresses. */
export const ifconfigReader: Reader<readonly NetworkInterface[]> = {
  id: 'ifconfig',
  programs: ['ifconfig'],
  read: readIfconfig,
};

function readIfconfig(text: string): Answer<readonly NetworkInterface[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const records = readRecords(command, lines, layout);
  refuseMixedFlags(records);
  const found: Building[] = [];
  for (const record of records) add(found, record);
  if (found.length === 0) throw endsEarly(command, 'no interface was printed', lines);
  return answer(found);
}

/** A copy loses all flag names or none: one interface without them was cut off. */
function refuseMixedFlags(records: readonly Read<Part>[]): void {
  const openings = records.filter(({ value }) => value.kind === 'interface');
  const bare = openings.find(({ value }) => value.kind === 'interface' && value.flags === null);
  const named = openings.some(({ value }) => value.kind === 'interface' && value.flags !== null);
  if (bare !== undefined && named) throw notUnderstood(command, 'the flags are cut off', bare.line);
}

function add(found: Building[], { value, line }: Read<Part>): void {
  if (value.kind === 'interface') {
    const known = found.some((one) => one.name === value.name);
    if (known) throw notUnderstood(command, 'this interface was printed already', line);
    found.push({ name: value.name, flags: value.flags ?? [], inet: [], inet6: [] });
    return;
  }
  const current = found.at(-1);
  if (current === undefined) throw notUnderstood(command, 'an address without its interface', line);
  if (value.kind === 'inet') current.inet.push(value.address);
  if (value.kind === 'inet6') current.inet6.push(value.address);
}

function readPart(text: string): Part | null {
  if (options.test(text)) return { kind: 'options' };
  if (text.startsWith('inet6')) return readInet6(text);
  return text.startsWith('inet') ? readInet(text) : readOpening(text);
}

function readOpening(text: string): Part | null {
  const groups = opening.exec(text)?.groups;
  if (groups?.name === undefined) return null;
  const { name, flags } = groups;
  if (flags === undefined) return { kind: 'interface', name, flags: null };
  const names = flags.trim() === '' ? [] : flags.split(',').map((one) => one.trim());
  return names.every((one) => flag.test(one)) ? { kind: 'interface', name, flags: names } : null;
}

function readInet(text: string): Part | null {
  const groups = inet.exec(text)?.groups;
  if (groups?.address === undefined) return null;
  const { address, peer, netmask = null, broadcast = null } = groups;
  if (![address, peer, broadcast].every((one) => one === undefined || one === null || isIpv4(one)))
    return null;
  return { kind: 'inet', address: { address, netmask, broadcast } };
}

function readInet6(text: string): Part | null {
  const groups = inet6.exec(text)?.groups;
  if (groups?.address === undefined) return null;
  const { address, zone = null, length } = groups;
  const prefixLength = Number(length);
  if (!isIpv6(address) || prefixLength > 128) return null;
  return { kind: 'inet6', address: { address, prefixLength, zone } };
}

/** All interfaces of the node. Any user may ask. */
export const interfaces: Fact<readonly NetworkInterface[]> = {
  command: nodeRead('/usr/sbin/ifconfig', ['-a'], 'AIX 7.2 commands, ifconfig'),
  reader: ifconfigReader,
};
