/** Three mornings: a busy one, a quiet one, and one on which nothing answers. Every name is invented. */
import type { NodeCertificates } from '../../src/core/certificate.js';
import { build, away, inDays, node, now, store, stored, unreadable } from './examples.js';

const dayMs = 86_400_000;
const clusters = [{ name: 'erp', certificates: ['/etc/cluster/.cert-*'] }];

/** The day before the busy one, of which it remembers. */
function yesterday(): readonly NodeCertificates[] {
  return [
    node('lpar1', [
      store('/ssl_nimsh/certs/server.pem', [stored({ name: 'lpar1.example.com', until: inDays(2) })]),
      store('/opt/old/old.pem', [stored({ name: 'old.example.com', until: inDays(700) })]),
    ]),
  ];
}

export function busy() {
  const { memory } = build(yesterday(), { nowMs: now - dayMs, clusters });
  const shared = stored({
    name: 'Example Issuing CA',
    issuer: 'Example Root CA',
    until: inDays(-400.2),
    kind: 'ca',
  });
  const erp = (name: string) =>
    node(
      name,
      [
        store(
          '/etc/cluster/.cert-erp',
          [stored({ name: 'erp cluster', from: inDays(-900), until: inDays(-12) })],
          { owner: '@erp-basis' },
        ),
      ],
      {
        cluster: 'erp',
      },
    );
  const many = Array.from({ length: 24 }, (_, n) =>
    node(`app${String(n + 1).padStart(2, '0')}`, [
      store(
        '/usr/lpp/IHS/key.kdb',
        [
          stored({
            label: 'ihs',
            name: `www${n + 1}.example.com`,
            until: inDays(3 + n * 1.1),
            issuer: 'Example Issuing CA',
          }),
        ],
        { owner: n % 3 === 0 ? null : n % 3 === 1 ? '@web' : '@unix-oncall' },
      ),
      ...(n < 12 ? [store('/var/ssl/certs/chain.pem', [shared])] : []),
      store('/etc/later.pem', [stored({ name: `later${n}`, until: inDays(40 + n * 13) })], {
        owner: ['@web', '@db2-dba', '@nim-team', null][n % 4] ?? null,
      }),
    ]),
  );
  const readings = [
    node('lpar1', [
      store('/ssl_nimsh/certs/server.pem', [stored({ name: 'lpar1.example.com', until: inDays(730) })]),
      store(
        '/etc/hostile.pem',
        [stored({ name: '<!channel> *x* `y` https://evil.example', until: inDays(0.4) })],
        { owner: null },
      ),
      store('/etc/security/ldap/gone.kdb', [], { status: 'missing', reason: 'no such file', format: 'kdb' }),
    ]),
    node(
      'lpar2',
      [store('/ssl_nimsh/certs/client.pem', [unreadable('2', 'could not be read: the block ends early')])],
      {
        clockSkewMs: -86_460_000,
      },
    ),
    erp('erp1'),
    erp('erp2'),
    ...many,
    away('lpar9'),
  ];
  return build(readings, { memory, clusters });
}

export function quiet() {
  const readings = Array.from({ length: 37 }, (_, n) =>
    node(`lpar${n + 1}`, [
      store(
        '/a.pem',
        Array.from({ length: 6 }, (_, at) =>
          stored({ name: `c${n}-${at}`, until: inDays(100 + n + at), label: String(at + 1) }),
        ),
      ),
    ]),
  );
  const { memory } = build(readings, { nowMs: now - dayMs });
  return build(readings, { memory });
}

export function broken() {
  const { memory } = build([node('lpar1', [store('/a.pem', [stored({ until: inDays(1.5) })])])], {
    nowMs: now - 2 * dayMs,
  });
  return build(
    Array.from({ length: 23 }, (_, n) => away(`lpar${n + 1}`)),
    { memory },
  );
}
