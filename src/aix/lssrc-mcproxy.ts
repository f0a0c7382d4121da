/**
 * `lssrc -ls mcproxy`: the HMCs that talk to the node in band, through the hypervisor, without an address of the node's.
 *
 *     Subsystem         Group            PID          Status
 *      mcproxy          rsct_rm          6488474      active
 *         Hostname: hmc1.example.com
 *
 * Newer RSCT (AIX 7.3) has this second way: an HMC in band is in neither `rmcdomainstatus` nor IBM.MCP. A table without
 * `Hostname:` lines means that there is none. A subsystem that is not on file (older RSCT) or not running is a message.
 * NOT PROVEN: no public capture was found. The `Hostname:` lines are those that IBM's Linux tests
 * (avocado-misc-tests) read, the table is that of every `lssrc -ls`. Other `Name: value` lines are kept as details;
 * anything else is an error. Source: AIX 7.2 commands, lssrc.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readSubsystems, type Subsystem } from './lssrc.js';

export interface McProxy {
  readonly subsystem: Subsystem;
  /** Host names or addresses of the HMCs in band, as printed. */
  readonly hosts: readonly string[];
  readonly details: readonly Pair[];
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

const command = 'lssrc-mcproxy';
const header = /^Subsystem\s+Group\s+PID\s+Status$/;
const row = /^mcproxy\s/;
const pair = /^(?<name>[A-Z][\w ()/-]{0,40}?):\s+(?<value>\S.*)$/;

/** Reads the long status of `mcproxy`. */
export const lssrcMcproxyReader: Reader<McProxy> = { id: command, programs: ['lssrc'], read };

function read(text: string): Answer<McProxy> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => header.test(line) || row.test(line) || pair.test(line));
  if (failure !== null) return failed(failure);
  const end = lines.findIndex((line) => pair.test(line.text));
  const table = end === -1 ? lines : lines.slice(0, end);
  const [subsystem, second] = readSubsystems(command, table);
  if (subsystem?.name !== 'mcproxy' || second !== undefined)
    throw notUnderstood(command, 'not the status of mcproxy', table[0] ?? lines[0]!); // readSubsystems refuses no lines
  const pairs = (end === -1 ? [] : lines.slice(end)).map(readPair);
  return answer({
    subsystem,
    hosts: pairs.flatMap(({ name, value }) => (name === 'Hostname' ? [value] : [])),
    details: pairs.filter(({ name }) => name !== 'Hostname'),
  });
}

function readPair(line: Line): Pair {
  const { name, value } = pair.exec(line.text)?.groups ?? {};
  if (name === undefined || value === undefined || (name === 'Hostname' && !isHost(value)))
    throw notUnderstood(command, 'not a line of this status', line);
  return { name, value };
}

/** The HMCs in band. Any user may ask for a subsystem's status. */
export const inBandHmcs: Fact<McProxy> = {
  command: nodeRead('/usr/bin/lssrc', ['-ls', 'mcproxy'], 'AIX 7.2 commands, lssrc'),
  reader: lssrcMcproxyReader,
};
