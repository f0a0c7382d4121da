import type { Finding } from '../../core/verdict.js';
import type { NodeCertificates } from '../../core/certificate.js';
import { declaresCertificates, type NodeTarget } from '../../core/target.js';
import { ageFindings } from '../certificates/age.js';
import { clockFindings } from '../certificates/clock.js';
import { storeFindings } from '../certificates/unread.js';
import { servedFindings } from '../certificates/served.js';
import { daysLeft } from '../certificates/bands.js';
import { certificateDiagnostic } from '../definition.js';
import { notReached } from './rmc/access.js';

/** When do the certificates that the inventory declares for a node expire, and could all of them be read? */
export const certificates = certificateDiagnostic({
  id: 'certificates',
  title: 'Certificates',
  judge: judgeCertificates,
  remark: remarkOn,
});

/** Days are counted from our clock at the beginning of the reading. */
function judgeCertificates(target: NodeTarget, read: NodeCertificates): readonly Finding[] {
  if (read.error !== null) {
    const { symptom, ...finding } = notReached(target, read.error, 'its certificates were not read');
    return symptom === undefined ? [finding] : [{ ...finding, id: 'fact.unreadable' }];
  }
  return [
    ...ageFindings(read),
    ...storeFindings(read),
    ...servedFindings(read),
    ...clockFindings(target, read),
  ];
}

/** A node of which nothing is declared is not one whose certificates are fine. */
function remarkOn(target: NodeTarget, read: NodeCertificates): string | null {
  if (!declaresCertificates(target))
    return `no certificates are declared for ${target.name} in the inventory, so none was looked at`;
  const all = read.stores.flatMap((store) => store.certificates.flatMap((one) => one.certificate ?? []));
  if (all.length === 0) return 'what is declared holds no certificates';
  const [next] = all.map(({ notAfter }) => notAfter).sort((a, b) => Date.parse(a) - Date.parse(b));
  const count = new Set(all.map(({ fingerprint256 }) => fingerprint256)).size;
  if (next === undefined) return null;
  const left = daysLeft({ notAfter: next }, Date.parse(read.startedAt));
  const many = count === 1 ? '1 certificate' : `${count} certificates`;
  return `${many} read, the next expires on ${next.slice(0, 10)}, in ${left} days`;
}
