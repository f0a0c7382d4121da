/**
 * `/etc/ct_node_id` and `/var/ct/cfg/ct_node_id`: where RSCT keeps the node ID.
 *
 *     5a1e0c7d3b92f846
 *
 * Only the first line is the ID. What RSCT writes below it is documented nowhere; cloud-init's own module reads the
 * first line only, and so does this reader, unless more digits follow on a line of their own. An empty file is no answer.
 * Source: cloud-init cc_reset_rmc.py; IBM Power Virtual Server, "Troubleshooting RMC on AIX".
 */
import type { Answer, Fact, Failure, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { isNodeId, type NodeId } from './lsnodeid.js';
import { answer, failed, failureIn } from './layouts/messages.js';

/** `cat: 0652-050 Cannot open FILE.` with its number, or without one on other levels. */
const refusal = /^cat: .*(?:cannot open|no such file|permission)/i;

/** Reads the file that `cat` printed. */
export const ctNodeIdReader: Reader<NodeId> = { id: 'ct-node-id', programs: ['cat'], read: readCtNodeId };

function readCtNodeId(text: string): Answer<NodeId> {
  const lines = linesOf(text);
  const failure = catFailure(lines);
  if (failure !== null) return failed(failure);
  const [first, ...rest] = lines;
  if (first === undefined) throw endsEarly('ct-node-id', 'the file is empty', lines);
  if (!isNodeId(first.text)) throw notUnderstood('ct-node-id', 'the first line is not a node ID', first);
  const other = rest.find((line) => /^[0-9a-f]+$/i.test(line.text) || refusal.test(line.text));
  if (other !== undefined) throw notUnderstood('ct-node-id', 'more than one ID was printed', other);
  return answer({ nodeId: first.text });
}

function catFailure(lines: readonly Line[]): Failure | null {
  return failureIn('ct-node-id', lines, isNodeId, refusal);
}

/** The node ID in one of the two files; they agree with `lsnodeid` on a sound node. */
export function ctNodeId(path: '/etc/ct_node_id' | '/var/ct/cfg/ct_node_id'): Fact<NodeId> {
  return { command: nodeRead('/usr/bin/cat', [path], 'cloud-init cc_reset_rmc.py'), reader: ctNodeIdReader };
}
