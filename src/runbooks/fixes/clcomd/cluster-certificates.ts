import type { StoreReading } from '../../../core/certificate.js';
import type { DatedCertificate } from '../../../core/plan.js';
import { cannotSay, type Refusal } from './gate.js';
import { clusterDirectory } from './facts.js';
import { refused, type Ground } from './ground.js';

/** The certificates of a cluster's communication that a renewal must renew. */
export interface Dated {
  readonly kind: 'dated';
  readonly all: readonly DatedCertificate[];
  /** Those that have ended, or end within 30 days. */
  readonly due: readonly DatedCertificate[];
}

const source = 'the inventory (certificates of the cluster); X.509, RFC 5280';
const dueMs = 30 * 24 * 3_600_000;
const skewMs = 60_000;

/** Reads until when the cluster's certificates are valid; a refusal where one cannot be read, saved or judged. */
export function datedCertificates({ collected }: Ground): Dated | Refusal {
  const { cluster, certificates } = collected;
  const all: DatedCertificate[] = [];
  for (const { name } of cluster.nodes) {
    const read = certificates.find(({ target }) => target === name);
    const what = `until when certificates on ${name} are valid`;
    if (read === undefined) return no(cannotSay(what, 'they were not read'));
    if (read.error !== null) return no(cannotSay(what, read.error.message.replace(/\.$/, '')));
    if (read.clockSkewMs !== null && Math.abs(read.clockSkewMs) > skewMs)
      return refused(
        'node.clock-skew',
        `The clock of ${name} is ${Math.round(read.clockSkewMs / 1000)} s from ours: mend NTP first, for dates cannot be judged there.`,
        source,
      );
    const own = read.stores.flatMap((store) => datesIn(name, store));
    const bad = read.stores.map((store) => reasonIn(name, store)).find((reason) => reason !== null);
    if (bad !== undefined) return no(bad);
    if (own.length === 0)
      return no(
        `The inventory names certificates of ${cluster.name} (${cluster.certificates.join(', ') || 'none'}), and ${name} has none of them.`,
      );
    all.push(...own);
  }
  const now = Date.parse(collected.startedAt);
  const due = all.filter(({ notAfter }) => Date.parse(notAfter) < now + dueMs);
  return { kind: 'dated', all, due };
}

function datesIn(node: string, { path, certificates }: StoreReading): readonly DatedCertificate[] {
  return certificates.flatMap(({ label, kind, certificate }) =>
    // Who signs them lives longer and is not renewed with them.
    certificate === null || kind === 'ca' ? [] : [{ node, path, label, notAfter: certificate.notAfter }],
  );
}

function reasonIn(node: string, { path, status, reason, certificates }: StoreReading): string | null {
  if (status === 'missing') return null;
  if (status !== 'read') return `${path} on ${node} is ${status}: ${reason ?? 'no reason is known'}.`;
  const broken = certificates.find(({ problem, certificate }) => certificate === null || problem !== null);
  if (broken !== undefined)
    return `${path} on ${node} holds a certificate that was not read (${broken.problem ?? 'no reason is known'}).`;
  if (path.startsWith(`${clusterDirectory}/`)) return null;
  return `${path} on ${node} is not below ${clusterDirectory}: it would not be in the copy from which a rollback puts files back.`;
}

function no(reason: string): Refusal {
  return refused('certificates', reason, source);
}
