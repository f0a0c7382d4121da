import type { CertificateParser, NodeCertificates, StoreReading } from '../core/certificate.js';
import { errorInfo, type ErrorInfo } from '../core/errors.js';
import type { CertificateRule, NodeTarget } from '../core/target.js';
import type { Found } from '../runbooks/certificates/places.js';
import { findStores } from './find-stores.js';
import { NodeSession, type SessionTools } from './node-session.js';
import { readStoreFiles } from './read-store-files.js';
import { isServed, readServed } from './served-certificates.js';

export interface CertificateTools extends SessionTools {
  readonly parser: CertificateParser;
}

/**
 * Reads what rules declare of one node: its files over SSH in a few round trips, and what its TLS ports serve. Only
 * certificates travel, never a key. A node that cannot be read is a value with its error and no stores, and so is a store
 * that cannot be read; what is thrown is the abort of `signal`. Without a rule nobody logs in.
 */
export async function readCertificates(
  node: NodeTarget,
  rules: readonly CertificateRule[],
  tools: CertificateTools,
  signal?: AbortSignal,
): Promise<NodeCertificates> {
  const startedAt = tools.clock();
  const read = await readAll(node, rules, tools, signal);
  return {
    target: node.name,
    cluster: node.cluster,
    ...read,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: tools.clock() - startedAt,
  };
}

type Read = Pick<NodeCertificates, 'error' | 'clockSkewMs' | 'stores'>;

async function readAll(
  node: NodeTarget,
  rules: readonly CertificateRule[],
  tools: CertificateTools,
  signal: AbortSignal | undefined,
): Promise<Read> {
  if (rules.length === 0) return { error: null, clockSkewMs: null, stores: [] };
  const session = new NodeSession(node, tools, signal);
  const ports = rules.filter(isServed);
  try {
    const [files, served] = await Promise.all([
      readFiles(
        session,
        rules.filter((rule) => !isServed(rule)),
        tools.parser,
      ),
      Promise.all(ports.map((rule) => readServed(node, rule, tools.parser, signal))),
    ]);
    return { error: null, clockSkewMs: session.clockSkewMs, stores: [...files, ...served] };
  } catch (error) {
    signal?.throwIfAborted();
    return failed(errorInfo(error));
  }
}

async function readFiles(
  session: NodeSession,
  rules: readonly CertificateRule[],
  parser: CertificateParser,
): Promise<readonly StoreReading[]> {
  const found = await findStores(session, rules);
  // Where only ports are declared, the node is asked for its clock alone.
  if (found.length === 0) await session.ask([]);
  const read = await readStoreFiles(session, found.filter(isFile), parser);
  return found.flatMap((one) => (one.kind === 'file' ? (read.get(one.place) ?? []) : one.store));
}

function isFile(found: Found): found is Extract<Found, { kind: 'file' }> {
  return found.kind === 'file';
}

function failed(error: ErrorInfo): Read {
  return { error, clockSkewMs: null, stores: [] };
}
