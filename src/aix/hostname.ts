/**
 * `hostname`: the name that the node has for itself, short or with its domain.
 *
 *     erp1.example.com
 *
 * Printing nothing is no answer. Source: AIX 7.2 commands, hostname.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface HostName {
  readonly name: string;
}

/** Reads the one line of `hostname`. */
export const hostnameReader: Reader<HostName> = { id: 'hostname', programs: ['hostname'], read };

function read(text: string): Answer<HostName> {
  const lines = linesOf(text);
  const failure = failureIn('hostname', lines, isHost);
  if (failure !== null) return failed(failure);
  return answer({ name: onlyLine('hostname', lines, isHost).text });
}

/** The node's own name. */
export const hostname: Fact<HostName> = {
  command: nodeRead('/usr/bin/hostname', [], 'AIX 7.2 commands, hostname'),
  reader: hostnameReader,
};
