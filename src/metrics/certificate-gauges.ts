import type { Instruments } from './instruments.js';
import type { CertificateStanding, State } from './state.js';

const labelNames = ['node', 'filepath', 'label', 'subject_CN', 'issuer_CN', 'owner'] as const;

/**
 * Certificates under the names and labels of x509-certificate-exporter where it has them, so that its dashboards and
 * rules fit: `x509_cert_*` with `filepath`, `subject_CN` and `issuer_CN`.
 */
export function certificateGauges(
  make: Instruments,
  { all, leftOut, readMs }: State['certificates'],
  nowMs: number,
): void {
  const notBefore = make.gauge(
    'x509_cert_not_before',
    'Unix time from which a certificate is valid.',
    labelNames,
  );
  const notAfter = make.gauge('x509_cert_not_after', 'Unix time at which a certificate ends.', labelNames);
  const expired = make.gauge('x509_cert_expired', 'Whether a certificate has ended (1).', labelNames);
  for (const one of all) {
    const labels = labelsOf(one);
    notBefore.set(labels, one.notBeforeMs / 1_000);
    notAfter.set(labels, one.notAfterMs / 1_000);
    expired.set(labels, one.notAfterMs < nowMs ? 1 : 0);
  }
  make
    .gauge(
      'aixops_certificates_left_out',
      'Certificates that are not among the x509_cert metrics, because there are too many: those that end last.',
    )
    .set(leftOut);
  if (readMs !== null)
    make
      .gauge(
        'aixops_certificates_read_timestamp_seconds',
        'When the certificates were last read for a digest.',
      )
      .set(readMs / 1_000);
}

function labelsOf(one: CertificateStanding): Record<(typeof labelNames)[number], string> {
  return {
    node: one.node,
    filepath: short(one.filepath, 200),
    label: short(one.label, 100),
    subject_CN: short(one.subjectCn, 64),
    issuer_CN: short(one.issuerCn, 64),
    owner: short(one.owner ?? '', 64),
  };
}

/** What whoever made a certificate wrote into it, on one line and of a decent length. */
function short(text: string, most: number): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
