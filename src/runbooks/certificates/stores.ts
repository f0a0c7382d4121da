import type { KeyEntry } from '../../aix/gskcapicmd-list.js';
import type { Certificate, StoredCertificate, StoreReading } from '../../core/certificate.js';
import type { Evidence, Reading } from '../../core/fact.js';
import { endedStore, type Place } from './places.js';

/** Certificates shown as evidence of one store; the rest is counted. */
const mostShown = 20;

/** A store that is there and could not be read. */
export function notRead(place: Place, reason: string, evidence: Evidence): StoreReading {
  // What a tool printed on the way belongs to its reason; nothing else of it is kept.
  return endedStore(place, { status: 'unreadable', reason, evidence: { ...evidence, excerpt: reason } });
}

/** A store with what its certificates say. The blocks themselves are not kept: evidence is what they say. */
export function readStore(
  { path, owner }: Pick<Place, 'path' | 'owner'>,
  format: StoreReading['format'],
  certificates: readonly StoredCertificate[],
  evidence: Evidence,
): StoreReading {
  const lines = certificates.slice(0, mostShown).map(lineOf);
  const more = certificates.length - lines.length;
  const excerpt = [...lines, ...(more > 0 ? [`[${more} more certificates]`] : [])].join('\n');
  return {
    path,
    owner,
    format,
    status: 'read',
    reason: null,
    certificates,
    evidence: { ...evidence, excerpt },
  };
}

function lineOf({ label, certificate, problem }: StoredCertificate): string {
  if (certificate === null) return `${label}: ${problem ?? 'not read'}`;
  const { notBefore, notAfter, subject, issuer, serial } = certificate;
  return `${label}: notBefore=${notBefore} notAfter=${notAfter} subject=${subject} issuer=${issuer} serial=${serial}`;
}

/** Blocks that were put together without a line end between them, each on lines of its own. */
export function unglued(text: string): string {
  return text.replaceAll('----------BEGIN ', '-----\n-----BEGIN ');
}

/** PKCS#12's friendly names in place of numbers, where OpenSSL prints them above the certificates. */
export function namedByBags(
  text: string,
  certificates: readonly StoredCertificate[],
): readonly StoredCertificate[] {
  const bags = text.split(/-----END (?:TRUSTED )?CERTIFICATE-----/).slice(0, -1);
  if (bags.length !== certificates.length) return certificates;
  const taken = new Map<string, number>();
  return certificates.map((one, at) => {
    const name = /^\s*friendlyName: *(?<name>\S.*?)\s*$/m.exec(bags[at] ?? '')?.groups?.name;
    if (name === undefined) return one;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return { ...one, label: count === 1 ? name : `${name} (${count})` };
  });
}

/** OpenSSL 3 names the algorithm that it reads only with its legacy provider. Source: OpenSSL 3.0, migration guide. */
export function needsLegacy(reading: Reading<string>): boolean {
  if (reading.kind !== 'unread') return false;
  return /unsupported/i.test(reading.evidence.excerpt) && /RC2|PBE|Algorithm/i.test(reading.evidence.excerpt);
}

/** The entries that are certificates; what is only a secret key has no dates and is never asked for. */
export function certificatesIn(entries: readonly KeyEntry[]): readonly KeyEntry[] {
  return entries.filter(({ kind }) => kind !== 'secret-key');
}

/** One certificate of a GSKit key database; one that was not understood stays in the list, with the reason. */
export function fromKdb({ label, kind }: KeyEntry, reading: Reading<Certificate>): StoredCertificate {
  const isTrusted = kind === 'trusted';
  if (reading.kind !== 'value') {
    const problem = reading.kind === 'failure' ? reading.failure.message : reading.error.message;
    return { label, kind: isTrusted ? 'ca' : 'leaf', certificate: null, problem };
  }
  const certificate = reading.value;
  const isSelfSigned = certificate.subject === certificate.issuer;
  return {
    label,
    kind: isSelfSigned ? 'self-signed' : isTrusted ? 'ca' : 'leaf',
    certificate,
    problem: null,
  };
}
