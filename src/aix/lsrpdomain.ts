/**
 * `lsrpdomain`: the RSCT peer domains that are defined on this node, online or not.
 *
 *     Name       OpState RSCTActiveVersion MixedVersions TSPort GSPort
 *     erp_domain Online  3.2.6.2           No            12347  12348
 *
 * Printing nothing means that no peer domain is defined: an answer. A title alone is not: a row belongs below it.
 * Source: RSCT 3.2, lsrpdomain man page; layout as in a public capture.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface PeerDomain {
  readonly name: string;
  readonly opState: string;
  readonly rsctVersion: string;
  readonly mixedVersions: boolean;
  readonly tsPort: number;
  readonly gsPort: number;
}

const header = /^Name\s+OpState\s+RSCTActiveVersion\s+MixedVersions\s+TSPort\s+GSPort$/;
const row =
  /^(?<name>\S+)\s+(?<opState>(?:(?:Pending|Preparing|Failed|Stuck)\s+)?o(?:n|ff)line)\s+(?<version>\d+(?:\.\d+){2,3})\s+(?<mixed>Yes|No)\s+(?<tsPort>\d{1,5})\s+(?<gsPort>\d{1,5})$/i;

const layout: Layout<PeerDomain | 'header'> = {
  starts: (text) => /^(?:Name\s|\S+\s+(?:(?:Pending|Preparing|Failed|Stuck)\s+)?o(?:n|ff)line\b)/i.test(text),
  read: (text) => (header.test(text) ? 'header' : readRow(text)),
};

/** Reads the table of peer domains. */
export const lsrpdomainReader: Reader<readonly PeerDomain[]> = {
  id: 'lsrpdomain',
  programs: ['lsrpdomain'],
  read: readLsrpdomain,
};

function readLsrpdomain(text: string): Answer<readonly PeerDomain[]> {
  const lines = linesOf(text);
  const failure = failureIn('lsrpdomain', lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const records = readRecords('lsrpdomain', lines, layout);
  const late = records.slice(1).find(({ value }) => value === 'header');
  if (late !== undefined) throw endsEarly('lsrpdomain', 'a second table begins here', [late.line]);
  const domains = records.flatMap(({ value }) => (value === 'header' ? [] : [value]));
  if (records.length > 0 && domains.length === 0)
    throw endsEarly('lsrpdomain', 'a title without a row', lines);
  return answer(domains);
}

function readRow(text: string): PeerDomain | null {
  const groups = row.exec(text)?.groups;
  if (groups === undefined) return null;
  const { name = '', opState = '', version = '', mixed, tsPort, gsPort } = groups;
  return {
    name,
    opState: opState.replace(/\s+/g, ' '),
    rsctVersion: version,
    mixedVersions: mixed?.toLowerCase() === 'yes',
    tsPort: Number(tsPort),
    gsPort: Number(gsPort),
  };
}

/** The peer domains defined on the node; any row at all, online or offline, forbids rebuilding RSCT. */
export const peerDomains: Fact<readonly PeerDomain[]> = {
  command: nodeRead('/usr/bin/lsrpdomain', [], 'RSCT 3.2, lsrpdomain', {
    alternatives: ['/usr/sbin/rsct/bin/lsrpdomain', '/opt/rsct/bin/lsrpdomain'],
    needsRoot: true,
  }),
  reader: lsrpdomainReader,
};
