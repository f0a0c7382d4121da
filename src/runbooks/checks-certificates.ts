import type { DatedCertificate } from '../core/plan.js';
import type { StoredCertificate } from '../core/certificate.js';
import type { Agreement } from './checks.js';
import type { ClusterCollected } from './definition.js';

/**
 * Whether every one of these certificates is there and valid for longer than it was. They are found again by their
 * place, not by who they say they are: a new one may have another subject.
 */
export function certificatesLater(
  than: readonly DatedCertificate[],
  collected: Pick<ClusterCollected, 'certificates'>,
): Agreement {
  for (const before of than) {
    const now = certificateAt(before, collected);
    const where = `${before.path} on ${before.node}${before.label === '' ? '' : ` (${before.label})`}`;
    if (typeof now === 'string') return { agreed: false, note: `${where} ${now}.` };
    const until = now.certificate?.notAfter;
    if (until === undefined)
      return { agreed: false, note: `${where} holds nothing readable (${now.problem ?? 'no certificate'}).` };
    if (!(Date.parse(until) > Date.parse(before.notAfter)))
      return { agreed: false, note: `${where} is valid until ${until}, which is not later than before.` };
  }
  return { agreed: true, note: `${than.length} certificates are valid for longer than before.` };
}

function certificateAt(
  { node, path, label }: DatedCertificate,
  { certificates }: Pick<ClusterCollected, 'certificates'>,
): StoredCertificate | string {
  const read = certificates.find(({ target }) => target === node);
  if (read === undefined) return 'was not read';
  if (read.error !== null) return `was not read: ${read.error.message}`;
  const store = read.stores.find((one) => one.path === path);
  if (store === undefined) return 'was not read';
  if (store.status !== 'read') return `is ${store.status}: ${store.reason ?? 'no reason is known'}`;
  return store.certificates.find((one) => one.label === label) ?? 'does not hold this certificate any more';
}
