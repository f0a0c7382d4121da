import type { NodeCertificates } from '../core/certificate.js';
import { declaresCertificates, type NodeTarget } from '../core/target.js';
import { readCertificates, type CertificateTools } from './read-certificates.js';
import { pause } from '../loop/slices.js';

export interface ManyCertificatesTools extends CertificateTools {
  readonly nodesAtOnce: number;
  /** What is done to each node's reading before it is kept. */
  readonly clean?: (reading: NodeCertificates) => NodeCertificates;
}

/**
 * Reads what is declared of many nodes, some at once, in the order given. Nodes of which nothing is declared are left out:
 * nobody looked there, so nothing may be said of them. Throws only what `signal` aborts with.
 */
export async function readManyCertificates(
  nodes: readonly NodeTarget[],
  tools: ManyCertificatesTools,
  signal?: AbortSignal,
  onRead: (done: number, of: number) => void = () => undefined,
): Promise<readonly NodeCertificates[]> {
  const declared = nodes.filter(declaresCertificates);
  const clean = tools.clean ?? ((reading: NodeCertificates) => reading);
  const readings = new Map<NodeTarget, NodeCertificates>();
  const waiting = [...declared];
  const worker = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      signal?.throwIfAborted();
      const reading = await readCertificates(node, node.certificates ?? [], tools, signal);
      // Many that come at once keep nobody waiting.
      await pause();
      readings.set(node, clean(reading));
      onRead(readings.size, declared.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(tools.nodesAtOnce, declared.length) }, worker));
  return declared.flatMap((node) => readings.get(node) ?? []);
}
