/**
 * `lsnodeid`: the RSCT node ID, in hexadecimal without `0x`, as printed.
 *
 *     5a1e0c7d3b92f846
 *
 * A node without one prints message 2641-036. Printing nothing is no answer. `recfgct -i` accepts 9 to 16 digits,
 * so fewer than 16 are possible; fold case and pad with zeros before comparing.
 * Source: RSCT 3.2, lsnodeid and recfgct man pages; the message as in a public capture.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface NodeId {
  readonly nodeId: string;
}

const pattern = /^[0-9a-fA-F]{9,16}$/;

/** Is this line an RSCT node ID, as `lsnodeid` and the ct_node_id files have it? */
export function isNodeId(text: string): boolean {
  return pattern.test(text);
}

/** Reads the one line of `lsnodeid`. */
export const lsnodeidReader: Reader<NodeId> = { id: 'lsnodeid', programs: ['lsnodeid'], read: readLsnodeid };

function readLsnodeid(text: string): Answer<NodeId> {
  const lines = linesOf(text);
  const failure = failureIn('lsnodeid', lines, isNodeId);
  if (failure !== null) return failed(failure);
  return answer({ nodeId: onlyLine('lsnodeid', lines, isNodeId).text });
}

/** The node's RSCT node ID. */
export const nodeId: Fact<NodeId> = {
  command: nodeRead('/usr/sbin/rsct/bin/lsnodeid', [], 'RSCT 3.2, lsnodeid', {
    alternatives: ['/opt/rsct/bin/lsnodeid'],
  }),
  reader: lsnodeidReader,
};
