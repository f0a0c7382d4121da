import type { Memory } from '../../src/digest/memory.js';

/** What a digest with one certificate leaves for the next; `at` is ISO 8601 UTC. */
export function nodeCertificates(date: string, at: string): Memory {
  const item = {
    id: '0123456789abcdef0123',
    target: 'erp1',
    cluster: 'erp',
    path: '/etc/cluster/.cert-erp1',
    label: '1',
    owner: null,
    kind: 'leaf',
    name: 'erp1',
    subject: 'CN=erp1,O=Example',
    issuer: 'Site CA',
    serialEnd: '00A1',
    fingerprint: 'AA',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2036-01-01T00:00:00Z',
    doubt: null,
    isClusterSecurity: true,
    lastSeen: null,
  } as const;
  return { date, at, items: [{ item, band: 'later' }], clusters: [] };
}
