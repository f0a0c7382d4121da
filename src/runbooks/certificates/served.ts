import type { Certificate, NodeCertificates, StoreReading } from '../../core/certificate.js';
import type { Finding } from '../../core/verdict.js';
import { commonName, lastFour, utc } from './names.js';

/**
 * A port that still serves the certificate before the one in its file: the file was renewed and the daemon not restarted,
 * so its clients go on seeing the old one. The two belong together where they have the same subject and issuer.
 */
export function servedFindings({ target, stores }: NodeCertificates): readonly Finding[] {
  const files = stores.filter(({ format }) => format !== 'tls');
  return stores
    .filter(({ format }) => format === 'tls')
    .flatMap((port) => {
      // The first of a chain is the port's own.
      const served = port.certificates[0]?.certificate ?? null;
      const newer = served === null ? null : newerIn(files, served);
      return served === null || newer === null ? [] : [notServed(target, port, served, newer)];
    });
}

interface Newer {
  readonly certificate: Certificate;
  readonly store: StoreReading;
}

function newerIn(files: readonly StoreReading[], served: Certificate): Newer | null {
  const alike = files.flatMap((store) =>
    store.certificates.flatMap(({ certificate }) =>
      certificate?.subject === served.subject && certificate.issuer === served.issuer
        ? [{ certificate, store }]
        : [],
    ),
  );
  if (alike.some(({ certificate }) => certificate.fingerprint256 === served.fingerprint256)) return null;
  const later = alike.filter(
    ({ certificate }) => Date.parse(certificate.notAfter) > Date.parse(served.notAfter),
  );
  return (
    later.sort((a, b) => Date.parse(b.certificate.notAfter) - Date.parse(a.certificate.notAfter))[0] ?? null
  );
}

function notServed(target: string, port: StoreReading, served: Certificate, newer: Newer): Finding {
  const { certificate, store } = newer;
  return {
    id: 'cert.not-served',
    severity: 'warn',
    title: `${port.path} on ${target} still serves the old certificate ${commonName(served.subject)}; ${store.path} has a newer one.`,
    expected: `the certificate of ${store.path}: serial ${lastFour(certificate)}, until ${utc(certificate.notAfter)}`,
    observed: `serial ${lastFour(served)}, until ${utc(served.notAfter)}. Its daemon was not restarted since the file was renewed.`,
    evidence: [port.evidence, store.evidence],
    fixes: [],
  };
}
