/**
 * Does a TCP connection from the node to RMC's port 657 on an address come about?
 *
 *     connected
 *
 * One word: `connected`, `refused` (the path is open and nothing listens), `timed-out` (a firewall, or no such host) or
 * `unreachable` (no route). AIX has no `nc`; the probe is a fixed Perl program, the address its only argument. It
 * sends nothing and hangs up. Printing nothing is no answer. UDP 657 cannot be proven from one side.
 * NOT PROVEN: that Perl and IO::Socket are there on every level is field knowledge; where they are not, this is unread.
 * Source: IBM technote T1020611 (test TCP 657 from the LPAR); Perl, IO::Socket::INET and IO::Socket::IP.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isIpv4, isIpv6 } from './layouts/addresses.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer } from './layouts/messages.js';

type Reach = 'connected' | 'refused' | 'timed-out' | 'unreachable';

export interface TcpReach {
  readonly result: Reach;
}

const words: readonly string[] = ['connected', 'refused', 'timed-out', 'unreachable'] satisfies Reach[];

/** Reads the probe's one word. */
export const tcpReachReader: Reader<TcpReach> = { id: 'tcp-reach', programs: ['perl'], read };

function read(text: string): Answer<TcpReach> {
  const line = onlyLine('tcp-reach', linesOf(text), (word) => words.includes(word));
  return answer({ result: line.text as Reach });
}

/** IO::Socket::IP is loaded for IPv6 only: Perl before 5.20 does not bring it. The time limit is in seconds. */
const probe = [
  'use IO::Socket;',
  'my $class = $ARGV[0] =~ /:/ ? "IO::Socket::IP" : "IO::Socket::INET";',
  'eval "require $class; 1" or die $@;',
  'my $socket = $class->new(PeerAddr => $ARGV[0], PeerPort => 657, Proto => "tcp", Timeout => 8);',
  'my $word = $socket ? "connected"',
  ': $!{ECONNREFUSED} ? "refused"',
  ': $!{ETIMEDOUT} || $@ =~ /timeout/i ? "timed-out"',
  ': $!{EHOSTUNREACH} || $!{ENETUNREACH} ? "unreachable"',
  ': die "$@ ($!)";',
  'print "$word\\n";',
].join(' ');

/** Whether TCP 657 on this address can be reached from the node. Throws TypeError unless it is an IP address. */
export function tcpReach(address: string): Fact<TcpReach> {
  if (!isIpv4(address) && !isIpv6(address)) throw new TypeError(`not an IP address: ${address}`);
  return {
    command: nodeRead('/usr/bin/perl', ['-e', probe, address], 'IBM technote T1020611; Perl, IO::Socket', {
      alternatives: ['/usr/opt/perl5/bin/perl'],
      timeoutMs: 15_000,
    }),
    reader: tcpReachReader,
  };
}
