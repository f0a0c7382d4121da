/**
 * `clmgr query cluster`: the cluster's attributes.
 *
 *     CLUSTER_NAME="erp"
 *     STATE="STABLE"
 *     LEVEL="HIGH"
 *     MECHANISM="OpenSSL"
 *     CERTIFICATE="/etc/cluster/.cert-erp1"
 *
 * `NAME="value"`, one in each line; a value may be empty. Printing nothing is no answer; `ERROR: …` is a failure.
 * Source: PowerHA SystemMirror 7.2, clmgr: reads only; the form as in public captures of single lines. NOT PROVEN: the
 * names of the attributes of security (LEVEL, ALGORITHM, MECHANISM, CERTIFICATE, PRIVATE_KEY) are field knowledge, and so
 * is that this call shows them: what is not printed is not known.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export type ClusterAttributes = Readonly<Record<string, string>>;

const row = /^(?<name>[A-Z][A-Z0-9_]*)="(?<value>[^"]*)"$/;
const refusal = /^ERROR:/;

/** Reads the attributes, each once. */
export const clmgrReader: Reader<ClusterAttributes> = { id: 'clmgr', programs: ['clmgr'], read };

function read(text: string): Answer<ClusterAttributes> {
  const lines = linesOf(text);
  const failure = failureIn('clmgr', lines, (one) => row.test(one), refusal);
  if (failure !== null) return failed(failure);
  if (lines.length === 0) throw endsEarly('clmgr', 'no attribute was printed', lines);
  const attributes = new Map<string, string>();
  for (const line of lines) {
    const { name, value } = row.exec(line.text)?.groups ?? {};
    if (name === undefined || value === undefined) throw notUnderstood('clmgr', 'not NAME="value"', line);
    if (attributes.has(name)) throw notUnderstood('clmgr', 'this was printed already', line);
    attributes.set(name, value);
  }
  return answer(Object.fromEntries(attributes));
}

/** What the cluster's configuration says of itself. It can take a while. */
export const clusterAttributes: Fact<ClusterAttributes> = {
  command: nodeRead(
    '/usr/es/sbin/cluster/utilities/clmgr',
    ['query', 'cluster'],
    'PowerHA SystemMirror 7.2, clmgr',
    { needsRoot: true, timeoutMs: 30_000 },
  ),
  reader: clmgrReader,
};
