import { describe, expect, it } from 'vitest';
import type { NodeCertificates } from '../../src/core/certificate.js';
import type { EditionInput } from '../../src/digest/build.js';
import type { CertificateLine, Edition } from '../../src/digest/edition.js';
import type { Hush } from '../../src/digest/hush.js';
import { itemId } from '../../src/digest/item.js';
import { certificatesOf } from '../../src/digest/marked.js';
import type { Memory } from '../../src/digest/memory.js';
import { verdictOf } from '../../src/digest/verdict.js';
import { away, build, inDays, node, now, store, stored, unreadable } from './examples.js';

const dayMs = 86_400_000;
const names = (edition: Edition): string[] => certificatesOf(edition).map(({ name }) => name);
const only = (edition: Edition): CertificateLine => {
  const [line, ...more] = certificatesOf(edition);
  if (line === undefined || more.length > 0) throw new Error(`${more.length + 1} lines`);
  return line;
};

/** Plays days one after the other: what is read each day, and what the edition of that day was. */
function play(
  days: number,
  readingsOf: (day: number, nowMs: number) => readonly NodeCertificates[],
  more: (day: number) => Partial<EditionInput> = () => ({}),
) {
  let memory: Memory | null = null;
  return Array.from({ length: days }, (_, day) => {
    const nowMs = now + day * dayMs;
    const isWeekly = new Date(nowMs).getUTCDay() === 1;
    const built = build(readingsOf(day, nowMs), { nowMs, memory, isWeekly, ...more(day) });
    memory = built.memory;
    return built.edition;
  });
}

describe('which certificates an edition lists, and when', () => {
  it('puts one that expired 400 days ago first and one that ends in 2055 last', () => {
    const until = [inDays(-400), '2055-06-01T12:00:00Z', inDays(3), inDays(-1), inDays(60)];
    const readings = [
      node('lpar1', [
        store(
          '/a.pem',
          until.map((one, at) => stored({ name: `c${at}`, until: one, label: String(at + 1) })),
        ),
      ]),
    ];
    const asked = { by: 'UALICE', withinDays: 36_500, threadTs: null };
    expect(names(build(readings, { asked }).edition)).toEqual(['c0', 'c3', 'c2', 'c4', 'c1']);
  });

  it('lists 8 to 30 days on entering a band and weekly, 31 to 90 weekly, and less than that every day', () => {
    const until = inDays(96);
    const editions = play(100, () => [node('lpar1', [store('/a.pem', [stored({ until })])])]);
    const listed = editions.flatMap((edition, day) => (edition.lines.length > 0 ? [day] : []));
    const mondays = listed.filter((day) => new Date(now + day * dayMs).getUTCDay() === 1);
    const others = listed.filter((day) => !mondays.includes(day));
    // Day 66 is 30 days before the end, 82 is 14 before, from 89 on it is 7 days and less, and then it has expired.
    expect(others.filter((day) => day < 89)).toEqual([66, 82]);
    expect(mondays[0]).toBe(9);
    expect(listed.filter((day) => day >= 89)).toEqual([89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it('is quiet about a certificate of a day until its renewal is late, and then says so', () => {
    const begins = now - 3_600_000;
    const life = 24 * 3_600_000;
    const parts = { from: new Date(begins).toISOString(), until: new Date(begins + life).toISOString() };
    const readings = [node('lpar1', [store('/short.pem', [stored(parts)])])];
    expect(build(readings).edition.lines).toEqual([]);
    expect(build(readings, { nowMs: begins + life * 0.7 }).edition.counts['30d']).toBe(1);
    expect(build(readings, { nowMs: begins + life * 0.9 }).edition.counts['1d']).toBe(1);
  });

  it('says one certificate on twelve hosts in one line with all its places', () => {
    const certificate = stored({ until: inDays(-2) });
    const readings = Array.from({ length: 12 }, (_, n) =>
      node(`lpar${n + 1}`, [store('/etc/a.pem', [certificate])]),
    );
    const { edition } = build(readings);
    expect(only(edition).places.map(({ target }) => target)).toHaveLength(12);
    expect(edition.counts.expired).toBe(1);
    expect(edition.checked).toEqual({ certificates: 12, hosts: 12 });
  });

  it('names the intermediate that has expired in a bundle, and not the bundle', () => {
    const bundle = [
      stored({ name: 'www.example.com', until: inDays(200), label: '1' }),
      stored({
        name: 'Example Issuing CA',
        issuer: 'Example Root',
        until: inDays(-3),
        label: '2',
        kind: 'ca',
      }),
      stored({
        name: 'Example Root',
        issuer: 'Example Root',
        until: inDays(3_000),
        label: '3',
        kind: 'self-signed',
      }),
    ];
    const line = only(build([node('web1', [store('/etc/bundle.pem', bundle)])]).edition);
    expect([line.name, line.type, line.places[0]?.label]).toEqual(['Example Issuing CA', 'ca', '2']);
  });

  it('has the name that a store gives, the last four of the serial, and owner or nobody', () => {
    const own = store('/key.kdb', [stored({ label: 'LDAP client', until: inDays(2) })], { owner: null });
    const line = only(build([node('lpar1', [own])]).edition);
    expect(line.name).toBe('LDAP client (app.example.com)');
    expect(line.serialEnd).toMatch(/^[0-9A-F]{4}$/);
    expect(line.owner).toBeNull();
    const owners = new Map([[itemId('lpar1', '/key.kdb', 'LDAP client'), '@ldap-team']]);
    expect(only(build([node('lpar1', [own])], { owners }).edition).owner).toBe('@ldap-team');
  });
});

describe('what changed since the last edition', () => {
  it('calls nothing new in the first one', () => {
    const { edition } = build([node('lpar1', [store('/a.pem', [stored({ until: inDays(300) })])])]);
    expect([edition.since, edition.turns]).toEqual([null, []]);
  });

  it('clears a renewed file the next day with one line that says renewed, once', () => {
    const editions = play(3, (day) => [
      node('lpar1', [store('/a.pem', [stored({ until: day === 0 ? inDays(2) : inDays(700) })])]),
    ]);
    expect(editions.map(({ lines }) => lines.length)).toEqual([1, 0, 0]);
    expect(editions.map(({ turns }) => turns.map(({ kind }) => kind))).toEqual([[], ['renewed'], []]);
    expect(editions[1]?.delta).toEqual({ new: 0, renewed: 1, gone: 0 });
    expect(editions[1]?.turns[0]?.notAfterBefore).toBe(inDays(2));
  });

  it('says replaced where the other certificate ends no later', () => {
    const editions = play(2, (day) => [
      node('lpar1', [store('/a.pem', [stored({ until: day === 0 ? inDays(500) : inDays(300) })])]),
    ]);
    expect(editions[1]?.turns.map(({ kind }) => kind)).toEqual(['replaced']);
  });

  it('takes no certificate for new or renewed because another one was put before it in a bundle', () => {
    const [first, second] = [
      { name: 'a', until: inDays(300) },
      { name: 'b', until: inDays(400) },
    ];
    const added = { name: 'new', until: inDays(500) };
    const editions = play(2, (day) => {
      const parts = day === 0 ? [first, second] : [added, first, second];
      return [
        node('lpar1', [
          store(
            '/a.pem',
            parts.map((one, at) => stored({ ...one, label: String(at + 1) })),
          ),
        ]),
      ];
    });
    expect(editions[1]?.turns.map(({ kind, name }) => [kind, name])).toEqual([['new', 'new']]);
  });

  it('says new and gone once, and nothing of a host that was not reached', () => {
    const editions = play(4, (day) => [
      node(
        'lpar1',
        day === 1
          ? [store('/a.pem', []), store('/b.pem', [stored({ name: 'b', until: inDays(300) })])]
          : [store('/a.pem', [stored({ name: 'a', until: inDays(300) })])],
      ),
      day === 2
        ? away('lpar2')
        : node('lpar2', [store('/c.pem', [stored({ name: 'c', until: inDays(300) })])]),
    ]);
    expect(editions[1]?.turns.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(['gone a', 'new b']);
    expect(editions[2]?.turns.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(['gone b', 'new a']);
    expect(editions[3]?.turns).toEqual([]);
  });
});

describe('what could not be read', () => {
  it('is named, and what is remembered of it stays in the list with its day', () => {
    const editions = play(3, (day) => [
      day === 0 ? node('lpar1', [store('/a.pem', [stored({ until: inDays(1.5) })])]) : away('lpar1'),
      node('lpar2', [store('/b.pem', [stored({ until: inDays(300) })])]),
    ]);
    const last = editions[2];
    expect(last?.notChecked.map(({ target }) => target)).toEqual(['lpar1']);
    expect(last === undefined ? null : only(last)).toMatchObject({
      band: 'expired',
      places: [{ lastSeen: '2026-11-21' }],
    });
    expect(last?.checked).toEqual({ certificates: 1, hosts: 1 });
  });

  it('keeps what was in a store that cannot be read today, and says so', () => {
    const broken = store('/a.pem', [], { status: 'unreadable', reason: 'permission denied' });
    const editions = play(2, (day) => [
      node('lpar1', [day === 0 ? store('/a.pem', [stored({ until: inDays(3) })]) : broken]),
    ]);
    expect(editions[1]?.turns).toEqual([]);
    expect(editions[1]?.lines.map((line) => (line.kind === 'trouble' ? line.trouble : line.kind))).toEqual([
      'certificate',
      'unreadable',
    ]);
  });

  it('tells missing, unreadable, doubtful and broken ones apart', () => {
    const doubt = { ...stored({ until: inDays(300) }), problem: 'could not be verified: notAfter differs' };
    const stores = [
      store('/gone.pem', [], { status: 'missing', reason: null }),
      store('/dev/null', [], { status: 'refused', reason: 'it is a device' }),
      store('/doubt.pem', [doubt]),
      store('/cut.pem', [unreadable('2', 'the block has no end')]),
      store(
        '/date.pem',
        [stored({ until: inDays(9) })].map((one) => ({
          ...one,
          certificate: one.certificate === null ? null : { ...one.certificate, notAfter: 'Bad time value' },
        })),
      ),
    ];
    const { edition } = build([node('lpar1', stores)]);
    expect(edition.lines.map((line) => (line.kind === 'trouble' ? [line.trouble, line.path] : []))).toEqual([
      ['missing', '/gone.pem'],
      ['unreadable', '/dev/null'],
      ['doubt', '/doubt.pem'],
      ['unreadable', '/cut.pem'],
      ['unreadable', '/date.pem'],
    ]);
    expect(verdictOf(edition)).toBe('unknown');
  });

  it('flags a clock that is a day off, and not one that is a second off', () => {
    const skewed = (ms: number) => build([node('lpar1', [], { clockSkewMs: ms })]).edition.lines;
    expect(skewed(1_000)).toEqual([]);
    expect(skewed(-86_400_000)).toMatchObject([
      { trouble: 'clock-skew', says: expect.stringContaining('24 h behind ours') as unknown },
    ]);
  });

  it('sees a renewed file whose daemon still serves the old certificate', () => {
    const old = stored({ name: 'ldap.example.com', until: inDays(20) });
    const fresh = stored({ name: 'ldap.example.com', until: inDays(380) });
    const port = 'tls://127.0.0.1:636';
    const differs = build([node('lpar1', [store('/ldap.pem', [fresh]), store(port, [old])])]).edition;
    expect(differs.lines.filter((line) => line.kind === 'trouble')).toMatchObject([
      { trouble: 'served-differs', path: port },
    ]);
    const same = build([node('lpar1', [store('/ldap.pem', [fresh]), store(port, [fresh])])]).edition;
    expect(same.lines).toEqual([]);
  });

  it('lists what is not valid yet whenever it ends', () => {
    const { edition } = build([
      node('lpar1', [store('/a.pem', [stored({ from: inDays(2), until: inDays(800) })])]),
    ]);
    expect(only(edition).band).toBe('not-yet-valid');
  });
});

describe('acknowledged and snoozed', () => {
  const item = itemId('lpar1', '/a.pem', '1');
  const certificate = stored({ until: inDays(20) });
  const said = (more: Partial<Hush>): ReadonlyMap<string, Hush> =>
    new Map([
      [
        item,
        {
          kind: 'acknowledged',
          by: 'UALICE',
          at: inDays(0),
          until: inDays(5),
          reason: 'ordered',
          band: '30d',
          version: certificate.certificate?.fingerprint256 ?? '',
          ...more,
        },
      ],
    ]);
  const readings = () => [node('lpar1', [store('/a.pem', [certificate])])];

  it('is counted and not listed, and comes back on its date with who had said it', () => {
    const editions = play(8, readings, (day) => (day === 0 ? {} : { hushes: said({ band: '7d' }) }));
    const listed = editions.map(({ lines }) => lines.length);
    // Its date is over on the sixth day; it is told on that day, and from then on by its band.
    expect(listed).toEqual([1, 0, 0, 0, 0, 0, 1, 0]);
    expect(editions[1]?.hushed).toEqual({ acknowledged: 1, snoozed: 0 });
    expect(editions[1]?.counts['30d']).toBe(0);
    const back = editions[6];
    expect(back === undefined ? null : only(back).ended).toMatchObject({
      why: 'date',
      hush: { by: 'UALICE' },
    });
    expect(editions.map(({ counts }) => counts['30d'] + counts['14d']).slice(5)).toEqual([0, 1, 1]);
  });

  it('ends at the next worse band', () => {
    const editions = play(8, readings, () => ({ hushes: said({ until: inDays(100) }) }));
    expect(editions.map(({ hushed }) => hushed.acknowledged)).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    const back = editions[6];
    expect(back === undefined ? null : only(back)).toMatchObject({
      band: '14d',
      ended: { why: 'worse-band' },
    });
  });

  it('ends when the certificate is another one', () => {
    const other = stored({ until: inDays(20), edition: 'second' });
    const hushes = said({ until: inDays(100) });
    const { edition } = build([node('lpar1', [store('/a.pem', [other])])], { hushes });
    expect([edition.lines.length, edition.hushed.acknowledged]).toEqual([1, 0]);
  });

  it('holds "until the band changes" without a date', () => {
    const editions = play(9, readings, () => ({ hushes: said({ kind: 'snoozed', until: null }) }));
    expect(editions.map(({ hushed }) => hushed.snoozed)).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0]);
  });

  it('is about places: the same certificate on another host is listed, and says where it is known', () => {
    const more = [...readings(), node('lpar9', [store('/a.pem', [certificate])])];
    const line = only(build(more, { hushes: said({}) }).edition);
    expect([line.places.map(({ target }) => target), line.quietPlaces]).toEqual([['lpar9'], 1]);
  });

  it('stays with a certificate that moved in its bundle, and is moved in the store', () => {
    const added = stored({ name: 'added', until: inDays(500) });
    const first = build(readings());
    const moved = build([node('lpar1', [store('/a.pem', [added, { ...certificate, label: '2' }])])], {
      memory: first.memory,
      hushes: said({}),
      nowMs: now + dayMs,
    });
    expect(moved.edition.hushed.acknowledged).toBe(1);
    expect(moved.moves).toEqual([[item, itemId('lpar1', '/a.pem', '2')]]);
  });
});

describe('the yearly rotation of a cluster', () => {
  const cluster = { name: 'erp', certificates: ['/etc/cluster/.cert-*'] };
  const certificates = (from: string) => [stored({ name: 'erp', from, until: inDays(2_000) })];
  const readings = (from: string) => [
    node('erp1', [store('/etc/cluster/.cert-1', certificates(from))], { cluster: 'erp' }),
  ];
  const kinds = (edition: Edition) => edition.lines.map(({ kind }) => kind);

  it('comes a year after the certificates were made, on that day and weekly, until they are made anew', () => {
    const editions = play(
      20,
      (day) => readings(day < 15 ? inDays(-363) : inDays(15)),
      () => ({ clusters: [cluster] }),
    );
    const days = editions.flatMap((edition, day) => (kinds(edition).includes('rotation') ? [day] : []));
    // 2026-11-23 is a Monday and the day after next.
    expect(days).toEqual([2, 9]);
  });

  it('counts from when a cluster without certificates was first seen, and is quiet while acknowledged', () => {
    const hush = (): Hush => ({
      kind: 'acknowledged',
      by: 'UALICE',
      at: inDays(366),
      until: inDays(730),
      reason: 'none used',
      band: 'later',
      version: 'none',
    });
    let memory: Memory | null = null;
    const at = (day: number, hushes: ReadonlyMap<string, Hush> = new Map()) => {
      const built = build([node('erp1', [], { cluster: 'erp' })], {
        nowMs: now + day * dayMs,
        memory,
        clusters: [cluster],
        hushes,
      });
      memory = built.memory;
      return built.edition;
    };
    expect(kinds(at(0))).toEqual([]);
    const [line] = at(366).lines;
    expect(line).toMatchObject({ kind: 'rotation', rotatedAt: null, firstSeen: '2026-11-21T07:30:00.000Z' });
    const item = line?.kind === 'rotation' ? line.item : '';
    expect(kinds(at(373, new Map([[item, hush()]])))).toEqual([]);
  });

  it('knows a cluster’s own certificates by the globs of the inventory', () => {
    const stores = [
      store('/etc/cluster/.cert-1', [stored({ name: 'own', until: inDays(-1) })]),
      store('/etc/other.pem', [stored({ name: 'other', until: inDays(-1) })]),
    ];
    const { edition } = build([node('erp1', stores, { cluster: 'erp' })], { clusters: [cluster] });
    expect(certificatesOf(edition).map(({ name, isClusterSecurity }) => [name, isClusterSecurity])).toEqual(
      expect.arrayContaining([
        ['own', true],
        ['other', false],
      ]),
    );
  });
});

describe('an edition as a whole', () => {
  it('is the same for the same input, and its ids too', () => {
    const readings = [node('lpar1', [store('/a.pem', [stored({ until: inDays(-1) })])])];
    expect(build(readings)).toEqual(build(readings));
  });

  it('is judged as a monitoring system judges', () => {
    const until = (days: number) =>
      build([node('lpar1', [store('/a.pem', [stored({ until: inDays(days) })])])]).edition;
    expect([400, 25, 5, -1].map((days) => verdictOf(until(days)))).toEqual(['ok', 'warn', 'crit', 'crit']);
    expect(verdictOf(build([away('lpar1')]).edition)).toBe('unknown');
  });
});
