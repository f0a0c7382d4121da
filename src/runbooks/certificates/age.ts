import type {
  Certificate,
  NodeCertificates,
  StoredCertificate,
  StoreReading,
} from '../../core/certificate.js';
import type { Finding, Level } from '../../core/verdict.js';
import { bandOf, daysLeft, type Band } from './bands.js';
import { commonName, lastFour, utc } from './names.js';

/** Bands that are worth a finding; within 7 days nobody is left to wait. */
const severities: Readonly<Partial<Record<Band, Level>>> = {
  expired: 'crit',
  '1d': 'crit',
  '7d': 'crit',
  '14d': 'warn',
  '30d': 'warn',
  // Every client with a right clock refuses it now; it may have been put there ahead of its time.
  'not-yet-valid': 'warn',
};

/** Of so many certificates and none of an end's own, a store is a list of whom to trust, in which old ones do no harm. */
const trustListFrom = 20;

interface Aged {
  readonly certificate: Certificate;
  readonly kind: StoredCertificate['kind'];
  readonly band: Band;
  readonly severity: Level;
  readonly places: readonly Placed[];
}

interface Placed {
  readonly store: StoreReading;
  readonly label: string;
}

/** One finding for each certificate that has expired, soon will, or is not valid yet, with all its places; the earliest end first. */
export function ageFindings(read: NodeCertificates): readonly Finding[] {
  const nowMs = Date.parse(read.startedAt);
  return aged(read, nowMs)
    .sort((a, b) => Date.parse(a.certificate.notAfter) - Date.parse(b.certificate.notAfter))
    .map((one) => findingOf(one, read.target, nowMs));
}

function aged(read: NodeCertificates, nowMs: number): Aged[] {
  const byFingerprint = new Map<string, Aged>();
  for (const store of read.stores) {
    const isTrustList =
      store.certificates.length >= trustListFrom && store.certificates.every(({ kind }) => kind !== 'leaf');
    for (const { certificate, kind, label } of store.certificates) {
      if (certificate === null) continue;
      const band = bandOf(certificate, nowMs);
      const severity = severities[band];
      if (severity === undefined) continue;
      const known = byFingerprint.get(certificate.fingerprint256);
      const places = [...(known?.places ?? []), { store, label }];
      const own: Level = isTrustList ? 'warn' : severity;
      const worse = known?.severity === 'crit' ? 'crit' : own;
      byFingerprint.set(certificate.fingerprint256, { certificate, kind, band, severity: worse, places });
    }
  }
  return [...byFingerprint.values()];
}

function findingOf(
  { certificate, kind, band, severity, places }: Aged,
  target: string,
  nowMs: number,
): Finding {
  const name = commonName(certificate.subject);
  const first = places[0];
  const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
  const where = first === undefined ? '' : ` in ${first.store.path}${more}`;
  const left = daysLeft(certificate, nowMs);
  const ends = utc(certificate.notAfter);
  const shared = {
    severity,
    observed: particulars(certificate, kind, places),
    evidence: places.slice(0, 5).map(({ store }) => store.evidence),
    fixes: [],
  };
  if (band === 'expired') {
    const title = `${subjectOf(kind)} ${name} on ${target} expired ${ago(certificate, nowMs)}, on ${ends}${where}.`;
    return { id: 'cert.expired', title, expected: 'a certificate that is valid now', ...shared };
  }
  if (band === 'not-yet-valid') {
    const title = `${subjectOf(kind)} ${name} on ${target} is not valid before ${utc(certificate.notBefore)}${where}.`;
    return { id: 'cert.not-yet-valid', title, expected: 'a certificate that is valid now', ...shared };
  }
  const title = `${subjectOf(kind)} ${name} on ${target} expires ${inDays(left)}, on ${ends}${where}.`;
  return { id: 'cert.expiring', title, expected: expectedOf(certificate), ...shared };
}

function expectedOf({ notBefore, notAfter }: Certificate): string {
  const life = (Date.parse(notAfter) - Date.parse(notBefore)) / 86_400_000;
  return life > 100
    ? 'more than 30 days left'
    : 'a third of its life left: what lives 100 days or less is renewed before that';
}

function subjectOf(kind: StoredCertificate['kind']): string {
  return kind === 'ca' ? 'The CA certificate' : 'The certificate';
}

function particulars(
  certificate: Certificate,
  kind: StoredCertificate['kind'],
  places: readonly Placed[],
): string {
  const all = places.map(({ store, label }) => `${store.path} (${label})`);
  const shown = all.length > 5 ? [...all.slice(0, 5), `${all.length - 5} more places`] : all;
  const owners = new Set(places.flatMap(({ store }) => store.owner ?? []));
  return [
    shown.join(', '),
    `subject ${commonName(certificate.subject)}`,
    kind === 'self-signed' ? 'self-signed' : `issuer ${commonName(certificate.issuer)}`,
    `serial ${lastFour(certificate)}`,
    owners.size === 0 ? 'no owner' : `owner ${[...owners].join(', ')}`,
  ].join('; ');
}

function ago({ notAfter }: Certificate, nowMs: number): string {
  const days = Math.floor((nowMs - Date.parse(notAfter)) / 86_400_000);
  return days === 0 ? 'less than a day ago' : days === 1 ? '1 day ago' : `${days} days ago`;
}

function inDays(left: number): string {
  return left === 0 ? 'in less than a day' : left === 1 ? 'in 1 day' : `in ${left} days`;
}
