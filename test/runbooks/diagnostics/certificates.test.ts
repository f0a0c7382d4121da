import { describe, expect, it } from 'vitest';
import type {
  Certificate,
  NodeCertificates,
  StoredCertificate,
  StoreReading,
} from '../../../src/core/certificate.js';
import type { NodeTarget } from '../../../src/core/target.js';
import { worst } from '../../../src/core/verdict.js';
import { certificates } from '../../../src/runbooks/diagnostics/certificates.js';
import { lpar1 } from '../cases.js';

const day = 86_400_000;
const now = Date.parse('2027-03-10T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const node: NodeTarget = { ...lpar1, certificates: [{ path: '/etc/tls/*', owner: '@web-team' }] };

let made = 0;
/** A certificate that ends so many days from now. */
function certificate(days: number, changes: Partial<Certificate> = {}): Certificate {
  made += 1;
  return {
    subject: 'CN=web.example,O=Example',
    issuer: 'CN=Example CA,O=Example',
    serial: `00C0FFEE${String(made).padStart(4, '0')}`,
    notBefore: iso(now + Math.min(days, 0) * day - 365 * day),
    notAfter: iso(now + days * day),
    fingerprint256: `F${made}`,
    ...changes,
  };
}

const stored = (of: Certificate, changes: Partial<StoredCertificate> = {}): StoredCertificate => ({
  label: '1',
  kind: 'leaf',
  certificate: of,
  problem: null,
  ...changes,
});

const store = (all: readonly StoredCertificate[], changes: Partial<StoreReading> = {}): StoreReading => ({
  path: '/etc/tls/web.pem',
  format: 'pem',
  status: 'read',
  reason: null,
  certificates: all,
  owner: '@web-team',
  evidence: { target: 'lpar1', command: 'sed', excerpt: '1: …' },
  ...changes,
});

const read = (
  stores: readonly StoreReading[],
  changes: Partial<NodeCertificates> = {},
): NodeCertificates => ({
  target: 'lpar1',
  cluster: null,
  error: null,
  clockSkewMs: 0,
  stores,
  startedAt: iso(now),
  durationMs: 5,
  ...changes,
});

const judged = (...stores: StoreReading[]) => certificates.judge(node, read(stores));
const briefly = (...stores: StoreReading[]) =>
  judged(...stores).map(({ id, severity }) => `${id} ${severity}`);

describe('the age of certificates', () => {
  it.each([
    [-400, ['cert.expired crit']],
    [-0.5, ['cert.expired crit']],
    [0.5, ['cert.expiring crit']],
    [7, ['cert.expiring crit']],
    [8, ['cert.expiring warn']],
    [30, ['cert.expiring warn']],
    [31, []],
    [4000, []],
  ])('with %s days left', (days, findings) => {
    expect(briefly(store([stored(certificate(days))]))).toEqual(findings);
  });

  it('is said with all that an operator needs, and no more of the serial number than its end', () => {
    const [finding] = judged(store([stored(certificate(-12.5, { serial: '0123456789ABCDEF' }))]));
    expect(finding?.title).toBe(
      'The certificate web.example on lpar1 expired 12 days ago, on 2027-02-26 00:00:00 UTC in /etc/tls/web.pem.',
    );
    expect(finding?.observed).toBe(
      '/etc/tls/web.pem (1); subject web.example; issuer Example CA; serial …CDEF; owner @web-team',
    );
    expect(JSON.stringify(finding)).not.toContain('0123456789');
  });

  it('names the intermediate of a bundle when that is what expired', () => {
    const intermediate = certificate(-3, { subject: 'CN=Example Intermediate', issuer: 'CN=Example Root' });
    const findings = judged(
      store([stored(certificate(200)), stored(intermediate, { label: '2', kind: 'ca' })]),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]?.title).toMatch(
      /^The CA certificate Example Intermediate on lpar1 expired 3 days ago/,
    );
    expect(findings[0]?.observed).toContain('/etc/tls/web.pem (2)');
  });

  it('is one finding for one certificate, with all its places, and the earliest end comes first', () => {
    const shared = certificate(20);
    const findings = judged(
      store([stored(shared)]),
      store([stored(shared)], { path: '/etc/tls/copy.pem', owner: null }),
      store([stored(certificate(-2))], { path: '/etc/tls/old.pem' }),
    );
    expect(findings.map(({ id }) => id)).toEqual(['cert.expired', 'cert.expiring']);
    expect(findings[1]?.title).toContain('in /etc/tls/web.pem and 1 more');
    expect(findings[1]?.observed).toContain('/etc/tls/copy.pem (1)');
  });

  it('counts parts of a short life, and tells what is not valid yet', () => {
    const life = (left: number) => certificate(left, { notBefore: iso(now + (left - 90) * day) });
    expect(briefly(store([stored(life(31))]))).toEqual([]);
    expect(briefly(store([stored(life(29))]))).toEqual(['cert.expiring warn']);
    expect(briefly(store([stored(life(14))]))).toEqual(['cert.expiring crit']);
    const future = certificate(400, { notBefore: iso(now + day) });
    expect(briefly(store([stored(future)]))).toEqual(['cert.not-yet-valid warn']);
  });

  it('does not alarm over an old root in a list of whom to trust', () => {
    const roots = Array.from({ length: 40 }, (_, n) =>
      stored(certificate(n === 3 ? -100 : 900, { subject: `CN=Root ${n}` }), { kind: 'self-signed' }),
    );
    expect(briefly(store(roots))).toEqual(['cert.expired warn']);
  });

  it('shows hostile names as they are, but short and without control characters', () => {
    const [finding] = judged(
      store([stored(certificate(1, { subject: `CN=<!channel>\u0007\u202e${'x'.repeat(500)}` }))]),
    );
    expect(finding?.title).toContain('<!channel>');
    expect(finding?.title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(finding?.title.length).toBeLessThan(250);
  });
});

describe('what was not read', () => {
  it('is never healthy', () => {
    const ended = (status: StoreReading['status']) =>
      store([], { status, reason: 'It is a FIFO and was not read.' });
    expect(briefly(ended('missing'))).toEqual(['cert.disappeared warn']);
    expect(briefly(ended('refused'))).toEqual(['cert.unreadable unknown']);
    expect(briefly(ended('unreadable'))).toEqual(['cert.unreadable unknown']);
    expect(judged(ended('refused'))[0]?.observed).toBe('It is a FIFO and was not read. Owner: @web-team.');
  });

  it('is one finding for each store, beside what its other certificates say', () => {
    const broken = { label: '2', kind: 'leaf', certificate: null, problem: 'it is cut off' } as const;
    const doubted = stored(certificate(3), { label: '3', problem: 'could not be verified: …' });
    const found = store([stored(certificate(90)), broken, doubted]);
    expect(briefly(found)).toEqual(['cert.expiring crit', 'cert.unreadable unknown']);
    expect(judged(found)[1]?.observed).toContain('2: it is cut off; 3: could not be verified');
  });

  it('is the whole node where nobody could log in', () => {
    const error = { class: 'ConnectError', reason: 'timed-out', message: 'Connecting timed out.' } as const;
    const findings = certificates.judge(node, read([], { error, clockSkewMs: null }));
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([['node.unreachable', 'unknown']]);
  });
});

describe('the clock', () => {
  const skewed = (clockSkewMs: number | null) =>
    certificates.judge(node, read([store([stored(certificate(90))])], { clockSkewMs }));

  it('is a finding when it is more than a minute off, in either direction, and when it was not read', () => {
    expect(skewed(60_000)).toEqual([]);
    expect(skewed(61_000)[0]).toMatchObject({ id: 'node.clock-skew', severity: 'warn' });
    expect(skewed(-86_400_000)[0]?.title).toContain('24 h behind ours');
    expect(skewed(null)[0]).toMatchObject({ id: 'fact.unreadable', severity: 'unknown' });
  });
});

describe('what a port serves', () => {
  const port = (of: Certificate) => store([stored(of)], { path: 'tls://10.0.1.11:636', format: 'tls' });

  it('is compared with the file: a renewed one that nobody serves is a finding', () => {
    const [before, renewed] = [certificate(100), certificate(400)];
    expect(briefly(store([stored(renewed)]), port(before))).toEqual(['cert.not-served warn']);
    expect(briefly(store([stored(renewed), stored(before)]), port(before))).toEqual([]);
    expect(briefly(store([stored(before)]), port(renewed))).toEqual([]);
    expect(briefly(store([stored(certificate(400, { subject: 'CN=other' }))]), port(before))).toEqual([]);
  });
});

describe('the note', () => {
  it('does not call a node fine of which nothing is declared', () => {
    expect(certificates.remark(lpar1, read([]))).toBe(
      'no certificates are declared for lpar1 in the inventory, so none was looked at',
    );
  });

  it('tells how many were read and which ends next', () => {
    const all = [stored(certificate(400)), stored(certificate(90.5))];
    expect(certificates.remark(node, read([store(all)]))).toBe(
      '2 certificates read, the next expires on 2027-06-09, in 90 days',
    );
    expect(worst(certificates.judge(node, read([store(all)])).map(({ severity }) => severity))).toBe('ok');
  });
});
