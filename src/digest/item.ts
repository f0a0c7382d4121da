import { digestOf } from '../core/canonical.js';
import type { Certificate, NodeCertificates, StoredCertificate, StoreReading } from '../core/certificate.js';
import { finished, type Steps } from '../core/steps.js';

/**
 * One place where a certificate is. Its identity is the place (node, store, label or position), so that a renewal
 * changes an item and makes no other; the fingerprint is its version.
 */
export interface Item {
  readonly id: string;
  /** Inventory name of the node, and of its cluster. */
  readonly target: string;
  readonly cluster: string | null;
  readonly path: string;
  readonly label: string;
  /** Who renews it, as the inventory says. */
  readonly owner: string | null;
  readonly kind: StoredCertificate['kind'];
  /** The name that its store gives it and the common name of its subject. */
  readonly name: string;
  readonly subject: string;
  readonly issuer: string;
  /** The last four digits of its serial number. */
  readonly serialEnd: string;
  readonly fingerprint: string;
  /** ISO 8601 UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** What two readers disagree on; null for nothing. */
  readonly doubt: string | null;
  /** A communication certificate that the inventory declares for a PowerHA cluster. */
  readonly isClusterSecurity: boolean;
  /** The date of the edition that last read it, where it could not be read now. */
  readonly lastSeen: string | null;
}

/** What the inventory declares of a cluster, as far as the digest needs it. */
export interface DigestCluster {
  readonly name: string;
  readonly certificates: readonly string[];
}

/** The id of a place. */
export function itemId(target: string, path: string, label: string): string {
  return digestOf([target, path, label]).slice(0, 20);
}

/** Every certificate that was read, one item for each place. */
export function itemsOf(
  readings: readonly NodeCertificates[],
  clusters: readonly DigestCluster[],
): readonly Item[] {
  return finished(itemSteps(readings, clusters));
}

/** The same, a step for each node. */
export function* itemSteps(
  readings: readonly NodeCertificates[],
  clusters: readonly DigestCluster[],
): Steps<readonly Item[]> {
  const patterns = new Map(clusters.map((cluster) => [cluster.name, cluster.certificates]));
  const items: Item[] = [];
  for (const reading of readings) {
    const own = reading.cluster === null ? [] : (patterns.get(reading.cluster) ?? []);
    for (const store of reading.stores) items.push(...itemsIn(store, reading, own));
    yield;
  }
  return items;
}

function itemsIn(
  store: StoreReading,
  reading: NodeCertificates,
  clusterPatterns: readonly string[],
): readonly Item[] {
  const isClusterSecurity = clusterPatterns.some((pattern) => isNamedBy(pattern, store.path));
  return store.certificates.flatMap((stored) =>
    stored.certificate === null || !isDated(stored.certificate)
      ? []
      : [itemOf(reading, store, stored, stored.certificate, isClusterSecurity)],
  );
}

function itemOf(
  { target, cluster }: NodeCertificates,
  { path, owner }: StoreReading,
  stored: StoredCertificate,
  certificate: Certificate,
  isClusterSecurity: boolean,
): Item {
  const { subject, issuer, serial, notBefore, notAfter, fingerprint256 } = certificate;
  return {
    id: itemId(target, path, stored.label),
    target,
    cluster,
    path,
    label: stored.label,
    owner,
    kind: stored.kind,
    name: nameOf(stored.label, subject),
    subject,
    issuer: commonName(issuer),
    serialEnd: serial.slice(-4),
    fingerprint: fingerprint256,
    notBefore,
    notAfter,
    doubt: stored.problem,
    isClusterSecurity,
    lastSeen: null,
  };
}

/** What people call it: the name that its store gives it, with the common name where that says more. */
function nameOf(label: string, subject: string): string {
  const common = commonName(subject);
  return isPosition(label) || label === common ? common : `${label} (${common})`;
}

/** Whether both ends of a certificate's life are dates: without them nothing can be counted. */
export function isDated({ notBefore, notAfter }: Certificate): boolean {
  return !Number.isNaN(Date.parse(notBefore)) && !Number.isNaN(Date.parse(notAfter));
}

/** Whether a label is only a number: the place in a file whose certificates have no names. */
export function isPosition(label: string): boolean {
  return /^\d{1,6}$/.test(label);
}

/** The common name of a distinguished name in RFC 2253 form, the whole name where it has none. */
export function commonName(name: string): string {
  const value = /(?:^|[,+])\s*CN\s*=\s*(?<value>(?:\\.|[^,+\\])*)/i.exec(name)?.groups?.['value'];
  if (value === undefined || value.trim() === '') return name.trim() === '' ? '(no name)' : name;
  return value.trim().replace(/\\(?<char>[^0-9A-Fa-f])/g, '$<char>');
}

/** Whether a path fits a glob of the inventory, in which `*` and `?` stand for part of one name. */
export function isNamedBy(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${source}$`).test(path);
}
