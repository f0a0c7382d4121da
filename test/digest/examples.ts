/** Readings of certificates for tests. Every name, date and digit is invented. */
import { createHash } from 'node:crypto';
import type {
  Certificate,
  NodeCertificates,
  StoredCertificate,
  StoreReading,
} from '../../src/core/certificate.js';
import { buildEdition, type EditionInput } from '../../src/digest/build.js';

const dayMs = 86_400_000;

/** A Saturday, 08:30 in Berlin. */
export const now = Date.parse('2026-11-21T07:30:00Z');

export function inDays(days: number, from = now): string {
  return new Date(from + days * dayMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

export interface CertificateParts {
  readonly name?: string;
  readonly issuer?: string;
  readonly from?: string;
  readonly until: string;
  readonly label?: string;
  readonly kind?: StoredCertificate['kind'];
  /** Another certificate with everything else the same. */
  readonly edition?: string;
}

export function stored(parts: CertificateParts): StoredCertificate {
  const {
    name = 'app.example.com',
    issuer = 'Example Issuing CA',
    until,
    label = '1',
    kind = 'leaf',
  } = parts;
  // A life of more than a hundred days, begun before the tests do.
  const from = parts.from ?? inDays(-400, Math.min(now, Date.parse(until)));
  const digest = createHash('sha256')
    .update(JSON.stringify([name, issuer, from, until, parts.edition]))
    .digest('hex');
  const certificate: Certificate = {
    subject: `CN=${name},O=Example`,
    issuer: `CN=${issuer},O=Example`,
    serial: digest.slice(0, 16).toUpperCase(),
    notBefore: from,
    notAfter: until,
    fingerprint256: (digest.toUpperCase().match(/../g) ?? []).join(':'),
  };
  return { label, kind, certificate, problem: null };
}

export function unreadable(label: string, problem: string): StoredCertificate {
  return { label, kind: 'leaf', certificate: null, problem };
}

export function store(
  path: string,
  certificates: readonly StoredCertificate[],
  more: Partial<StoreReading> = {},
): StoreReading {
  return {
    path,
    format: path.startsWith('tls://') ? 'tls' : 'pem',
    status: 'read',
    reason: null,
    certificates,
    owner: '@unix-oncall',
    evidence: { target: '', command: '', excerpt: '' },
    ...more,
  };
}

export function node(
  target: string,
  stores: readonly StoreReading[],
  more: Partial<NodeCertificates> = {},
): NodeCertificates {
  return {
    target,
    cluster: null,
    error: null,
    clockSkewMs: 0,
    stores,
    startedAt: inDays(0),
    durationMs: 200,
    ...more,
  };
}

export function away(target: string): NodeCertificates {
  const message = `Connecting to ${target} (127.0.0.1:22) timed out after 10 s. Nothing was run.`;
  return node(target, [], {
    error: { class: 'ConnectError', message, reason: 'timed-out' },
    clockSkewMs: null,
  });
}

/** A channel's edition of the day of `now`; what is left out is as on the first day of a healthy estate. */
export function build(readings: readonly NodeCertificates[], more: Partial<EditionInput> = {}) {
  const nowMs = more.nowMs ?? now;
  return buildEdition({
    id: `C0OPS-${new Date(nowMs).toISOString().slice(0, 10)}`,
    channel: 'C0OPS',
    date: new Date(nowMs).toISOString().slice(0, 10),
    zone: 'Europe/Berlin',
    isLate: false,
    isWeekly: false,
    asked: null,
    nowMs,
    readings,
    clusters: [],
    memory: null,
    hushes: new Map(),
    owners: new Map(),
    ...more,
  });
}
