import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createCertificateParser } from '../../src/certificates/parser.js';
import { createX509Thread, x509ThreadDefaults } from '../../src/certificates/x509-thread.js';
import type { StoredCertificate } from '../../src/core/certificate.js';
import { escapeText } from '../../src/slack/views/text.js';
import {
  bits,
  certificate,
  dnsNames,
  extension,
  generalizedTime,
  integer,
  isCa,
  name,
  octets,
  oid,
  pem,
  sequence,
  signers,
  tags,
  utcTime,
  type Recipe,
} from './der.js';

const by = signers();
const make = (recipe: Recipe = {}): string => pem(certificate({ signer: by.ec, ...recipe }));
const good = make({ subject: name(['CN', 'the next one']) });
const folder = mkdtempSync(join(tmpdir(), 'aixops-certificates-'));
const parser = createCertificateParser();
afterAll(async () => {
  await parser.close();
  rmSync(folder, { recursive: true });
});

async function only(text: string): Promise<StoredCertificate> {
  const [first, ...rest] = await parser.readPem(text);
  if (first === undefined || rest.length > 0) throw new Error('not one certificate');
  return first;
}

/** A certificate in whose curve OpenSSL looks for a square root for ever, as published in CVE-2022-0778. */
function endless(): string {
  const point = '020013'; // x is 19, in short form
  const curve = sequence(
    integer('01'),
    sequence(oid('2a8648ce3d0101'), integer('09a1')), // 2465, which is no prime
    sequence(octets('0001'), octets('0017')),
    octets(point),
    integer('099f'),
    integer('01'),
  );
  const key = sequence(sequence(oid('2a8648ce3d0201'), curve), bits(Buffer.from(point, 'hex')));
  return make({ publicKey: key });
}

describe('a certificate', () => {
  it.each([
    ['Ed25519', { signer: by.ed25519 }],
    ['RSA', { signer: by.rsa }],
    ['RSA-PSS', { signer: by.rsaPss }],
    ['the year 2055', { notAfter: generalizedTime('20550102030405Z') }],
    ['the last second of all', { notAfter: generalizedTime('99991231235959Z') }],
    ['a date long ago', { notBefore: generalizedTime('00010101000000Z') }],
    ['a fraction of a second', { notAfter: generalizedTime('20300102030405.5Z') }],
    ['a negative serial number', { serial: Buffer.from('ff', 'hex') }],
    ['serial number zero', { serial: Buffer.from([0]) }],
    ['a serial number of 100 bytes', { serial: Buffer.alloc(100, 0x7f) }],
    ['a NUL in its name', { subject: name(['CN', 'bank.example\0.evil.example']) }],
    ['a BMPString', { subject: name(['CN', Buffer.from('004e006f00640065', 'hex'), tags.bmp]) }],
    ['a UniversalString', { subject: name(['CN', Buffer.from('0000004e', 'hex'), tags.universal]) }],
    ['no subject', { subject: name() }],
    ['neither subject nor issuer', { subject: name(), issuer: name() }],
    ['many names', { subject: name(...Array.from({ length: 900 }, (_, at) => ['OU', `${at}`] as const)) }],
    ['a long name', { subject: name(['CN', 'x'.repeat(40_000)]) }],
    ['hostile names', { subject: name(['O', '<!channel>\n\u001b[31m'], ['CN', '`*_~ \\,+"']) }],
  ] satisfies [string, Recipe][])('is read and verified as openssl reads it: %s', async (_what, recipe) => {
    const text = make(recipe);
    const { certificate: said, problem } = await only(text);
    expect(problem).toBeNull();
    const printed = execFileSync(
      'openssl',
      [
        'x509',
        '-noout',
        '-nameopt',
        'RFC2253,-esc_msb,utf8',
        '-subject',
        '-issuer',
        '-startdate',
        '-enddate',
      ],
      { input: text, encoding: 'utf8' },
    );
    const serial = execFileSync('openssl', ['x509', '-noout', '-serial'], { input: text, encoding: 'utf8' });
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(printed)?.[1] ?? 'absent';
    expect(said).toMatchObject({
      subject: value('subject'),
      issuer: value('issuer'),
      serial: serial.replace('serial=', '').replace(/\\\n|\n/g, ''),
      notAfter: toSecond(value('notAfter')),
    });
    if (!value('notBefore').endsWith(' 1 GMT')) expect(said?.notBefore).toBe(toSecond(value('notBefore')));
    else expect(said?.notBefore).toBe('0001-01-01T00:00:00.000Z');
  });

  it('keeps out of names what acts or hides, and leaves the rest for the views to escape', async () => {
    const hidden = '\u001b[31m\u202e\u0085\u200b\u{e0041}\r\n\0';
    const { certificate: said } = await only(make({ subject: name(['CN', `<!channel> @here ${hidden}`]) }));
    expect(said?.subject).toBe(
      'CN=\\<!channel\\> @here \\1B[31m\\E2\\80\\AE\\C2\\85\\E2\\80\\8B\\F3\\A0\\81\\81\\0D\\0A\\00',
    );
    expect(escapeText(said?.subject ?? '')).not.toMatch(/[<>]|@here/);
  });

  it.each([
    ['leaf', {}],
    ['leaf', { extensions: [dnsNames('a.example')] }],
    ['ca', { extensions: [isCa] }],
    ['ca', { extensions: [isCa], issuer: name(['CN', 'own']), subject: name(['CN', 'own']) }],
    ['self-signed', { issuer: name(['CN', 'own']), subject: name(['CN', 'own']) }],
    [
      'self-signed',
      { extensions: [isCa, dnsNames('own')], issuer: name(['CN', 'own']), subject: name(['CN', 'own']) },
    ],
  ] satisfies [string, Recipe][])('is a %s one', async (kind, recipe) => {
    expect((await only(make(recipe))).kind).toBe(kind);
  });

  it('is the outer one, whatever PEM text stands in its name', async () => {
    const inner = make({ serial: Buffer.from([9]), notAfter: utcTime('490101000000Z') });
    const { certificate: said, problem } = await only(make({ subject: name(['CN', `\n${inner}`]) }));
    expect(problem).toBeNull();
    expect([said?.serial, said?.notAfter]).toEqual(['05', '2027-01-01T00:00:00.000Z']);
  });
});

describe('a certificate that cannot be verified', () => {
  it.each([
    [
      'a date with an offset',
      { notAfter: generalizedTime('20300102030405+0100') },
      'x509.js reads no date as its notAfter, OpenSSL 2030-01-02T02:04:05.000Z',
    ],
    ['a NUL in a name of a server', { extensions: [dnsNames('a\0b')] }, 'x509.js cannot read it'],
    [
      'more than x509.js takes',
      { subject: name(['CN', 'x'.repeat(60_000)]) },
      'it is too large to be cross-checked',
    ],
  ] satisfies [string, Recipe, string][])('keeps what OpenSSL reads: %s', async (_what, recipe, why) => {
    const { certificate: said, problem } = await only(make(recipe));
    expect(problem).toContain(`could not be verified: ${why}`);
    expect(said?.serial).toBe('05');
  });

  it('keeps what OpenSSL reads when bytes follow it in its block', async () => {
    const der = certificate({ signer: by.ec });
    const { certificate: said, problem } = await only(pem(Buffer.concat([der, Buffer.alloc(7)])));
    expect(problem).toBe('could not be verified: 7 bytes follow the certificate in its block');
    expect(said?.serial).toBe('05');
  });
});

describe('a time without seconds', () => {
  it('is a date or a problem, by what this OpenSSL takes, and never lost', async () => {
    const { certificate: said, problem } = await only(make({ notAfter: utcTime('3001020304Z') }));
    if (said === null) expect(problem).toBe('the block holds no X.509 certificate that OpenSSL can read');
    else expect([said.notAfter, problem]).toEqual(['2030-01-02T03:04:00.000Z', null]);
  });
});

describe('a block that is no certificate', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const lines = make().trimEnd().split('\n');

  it.each([
    ['cut off', lines.slice(0, -3).join('\n'), 'the block is cut off: line 6 begins another'],
    ['cut off before another', lines.slice(0, 3).join('\n'), 'the block is cut off'],
    ['without its beginning', lines.slice(2).join('\n'), 'its BEGIN line is missing'],
    ['ended as something else', make().replace('END CERT', 'END OTHER CERT'), 'ends a block of another kind'],
    ['empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----', 'the block is empty'],
    ['no base64', [...lines.slice(0, 2), '<!channel>', ...lines.slice(2)].join('\n'), 'line 3 is not base64'],
    [
      'half of its base64',
      [...lines.slice(0, 2), 'abc', ...lines.slice(-1)].join('\n'),
      'its base64 is not whole',
    ],
    ['half of its bytes', pem(certificate({ signer: by.ec }).subarray(0, 200)), 'holds no X.509 certificate'],
    ['a private key', pem(key.export({ type: 'pkcs8', format: 'der' })), 'holds no X.509 certificate'],
    ['random bytes', pem(Buffer.from('random bytes that are nothing')), 'holds no X.509 certificate'],
    [
      'a broken BMPString',
      make({ subject: name(['CN', Buffer.from('00', 'hex'), tags.bmp]) }),
      'holds no X.509 certificate',
    ],
    [
      'the thirtieth of February',
      make({ notAfter: utcTime('270230000000Z') }),
      'notAfter is not a date: OpenSSL prints "Bad time value"',
    ],
    [
      'a date in words',
      make({ notBefore: utcTime('<!channel>') }),
      // By OpenSSL 3.0 and by OpenSSL 3.5, which takes no certificate with such a date.
      /notBefore is not a date: OpenSSL prints "Bad time value"|holds no X\.509 certificate/,
    ],
    [
      'the thirteenth month',
      make({ notAfter: utcTime('3013020304Z') }),
      /notAfter is not a date: OpenSSL prints "Bad time value"|holds no X\.509 certificate/,
    ],
  ])('is a value with its problem, and the next one is read: %s', async (_what, text, problem) => {
    const read = await parser.readPem(`${text}\n${good}`);
    expect(read.length).toBe(2);
    expect(read[0]).toMatchObject({ label: '1', certificate: null });
    expect(read[0]?.problem).toMatch(problem);
    expect(read[1]).toMatchObject({ label: '2', problem: null, certificate: { subject: 'CN=the next one' } });
  });

  it('holds nothing of a private key, wherever one stands', async () => {
    const text = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const secrets = text.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
    const read = await parser.readPem(
      [
        text + good + text.slice(0, 900),
        lines.slice(0, 4).join('\n'),
        text.replace('END PRIVATE KEY', 'END CERTIFICATE'),
        text.replaceAll('PRIVATE KEY', 'CERTIFICATE'),
        text.slice(100) + good,
      ].join('\n'),
    );
    expect(read.filter((one) => one.certificate !== null).length).toBe(2);
    for (const secret of secrets) expect(JSON.stringify(read)).not.toContain(secret.slice(4, 20));
  });

  it('is nothing at all in a text without certificates', async () => {
    expect(await parser.readPem('')).toEqual([]);
    expect(await parser.readPem('words\n-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n')).toEqual(
      [],
    );
    expect(await parser.readPem(undefined as unknown as string)).toEqual([]);
  });
});

describe('x509.js in its thread', () => {
  it('hangs over a crafted curve, which costs this certificate its verification and nothing else', async () => {
    // Long enough for a thread to start on a busy machine: only what hangs may run into it.
    const short = createCertificateParser({ timeoutMs: 4_000 });
    const read = await short.readPem(good + endless() + good);
    await short.close();
    expect(read.map(({ problem }) => problem)).toEqual([
      null,
      'could not be verified: x509.js gave no answer within 4 s',
      null,
    ]);
    expect(read[1]?.certificate?.serial).toBe('05');
  });

  it('ends its process over what is no text, which ends the thread alone', async () => {
    const library = x509ThreadDefaults().library;
    const alone = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(library)}).parseCert(5)`], {
      encoding: 'utf8',
    });
    expect([alone.status, alone.stdout]).toEqual([1, 'DUPA!\n']);

    const printed = vi.spyOn(process.stdout, 'write');
    const thread = createX509Thread(x509ThreadDefaults());
    expect(await thread.read(5 as unknown as string)).toEqual({
      kind: 'failed',
      reason: 'x509.js stopped over it',
    });
    expect(await thread.read(good)).toMatchObject({ kind: 'read', serial: '05' });
    await thread.close();
    expect(JSON.stringify(printed.mock.calls)).not.toContain('DUPA');
    printed.mockRestore();
  });

  /** x509.js with our own code behind it, for certificates that say so in their name. */
  const library = (body: string): string => {
    const file = join(folder, `library-${body.length}.cjs`);
    const truth = JSON.stringify(x509ThreadDefaults().library);
    const parse = `const said = real.parseCert(pem); const name = said.subject.commonName; ${body}; return said;`;
    writeFileSync(file, `const real = require(${truth}); exports.parseCert = (pem) => { ${parse} };`);
    return file;
  };

  it('may do as it likes with one certificate: the process lives and the others are verified', async () => {
    const ways: readonly (readonly [string, string])[] = [
      ['process.exit(0)', 'stopped over it'],
      ['const all = []; for (;;) all.push(new Array(1_000_000).fill(said))', 'stopped over it'],
      // It dies after it has answered: the next certificate is not the one to pay for it.
      ["setTimeout(() => { throw new Error('late') }, 1); return {}", 'reads no date as its notBefore'],
      ['throw undefined', 'cannot read it'],
      ['return null', 'cannot read it'],
      [
        "return { ...said, notBefore: 'Jan  1 00:00:01 2026 GMT' }",
        'reads 2026-01-01T00:00:01.000Z as its notBefore, OpenSSL 2026-01-01T00:00:00.000Z',
      ],
      ["return { ...said, notAfter: 'Feb 30 00:00:01 2026 GMT' }", 'reads no date as its notAfter'],
      ["return { ...said, serial: '06' }", 'and OpenSSL read different serial numbers'],
    ];
    const file = library(ways.map(([does], at) => `if (name === 'sick ${at}') { ${does} }`).join(';'));
    // Filling the memory takes its time on a busy machine; none of these hangs.
    const own = createCertificateParser({ library: file, timeoutMs: 30_000 });
    const sick = ways.map((_, at) => make({ subject: name(['CN', `sick ${at}`]) }));
    const read = await own.readPem(sick.map((one) => good + one).join('') + good);
    await own.close();
    const told = read.filter(({ certificate: said }) => said?.subject !== 'CN=the next one');
    expect(told.map(({ problem }) => problem)).toEqual(
      ways.map(([, why]) => expect.stringContaining(`could not be verified: x509.js ${why}`) as string),
    );
    expect(told.map((one) => one.certificate?.subject)).toEqual(ways.map((_, at) => `CN=sick ${at}`));
    const others = read.filter(({ certificate: said }) => said?.subject === 'CN=the next one');
    expect(others.map(({ problem }) => problem)).toEqual(Array.from({ length: ways.length + 1 }, () => null));
  }, 60_000);

  it('keeps no program from ending that forgot to close it', async () => {
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((kind) => /Port|Worker/.test(kind)).length;
    const before = ports();
    const own = createCertificateParser();
    await own.readPem(good);
    expect(ports()).toBe(before);
    await own.close();
  });

  it('is told of when it is not there', async () => {
    const absent = createCertificateParser({ library: join(folder, 'absent.cjs') });
    const [first] = await absent.readPem(good);
    await absent.close();
    expect(first).toMatchObject({
      problem: 'could not be verified: x509.js could not be started: it stopped over it',
      certificate: { subject: 'CN=the next one' },
    });
  });

  it('reads for many at once, and verifies nothing once it is closed', async () => {
    const own = createCertificateParser();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => own.readPem(make({ serial: Buffer.from([at + 1]) }))),
    );
    expect(all.map(([one]) => Number.parseInt(one?.certificate?.serial ?? '', 16))).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    expect(all.every(([one]) => one?.problem === null)).toBe(true);
    await own.close();
    await own.close();
    expect((await own.readPem(good))[0]?.problem).toBe('could not be verified: the parser was closed');
  });
});

describe('mutated certificates', () => {
  const base = certificate({
    signer: by.ec,
    extensions: [isCa, extension('2a0304', Buffer.from('0500', 'hex'))],
  });
  const change = fc.record({ at: fc.nat({ max: base.length - 1 }), to: fc.nat({ max: 255 }) });

  it('never throw and never take their neighbours along', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const der = Buffer.from(base);
        for (const { at, to } of changes) der[at] = to;
        const read = await parser.readPem(good + pem(der) + good);
        expect(read.length).toBe(3);
        expect([read[0]?.problem, read[2]?.problem]).toEqual([null, null]);
        expect(read[1]?.certificate === null && read[1].problem === null).toBe(false);
      }),
      { numRuns: 400 },
    );
  }, 240_000);

  it('are all found, whichever single character of the text is another', async () => {
    const text = good + pem(base) + good;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: text.length - 1 }),
        fc.string({ unit: 'binary', maxLength: 3 }),
        async (at, other) => {
          const read = await parser.readPem(text.slice(0, at) + other + text.slice(at + 1));
          expect(read.length).toBeGreaterThanOrEqual(3);
          expect(read.filter(({ problem }) => problem === null).length).toBeGreaterThanOrEqual(1);
        },
      ),
      // Every place that has ever mattered: the line ends next to a marker.
      { numRuns: 400, examples: [good.length - 1, good.length - 2, good.length].map((at) => [at, '\0']) },
    );
  }, 240_000);

  it.each(['', '\0', '-', ' # ', '\ufeff'])(
    'are all read where %j ends no line between two',
    async (between) => {
      const glued = (good + pem(base) + good).replaceAll('-----\n-----', `-----${between}-----`);
      const read = await parser.readPem(glued);
      expect(read.map(({ problem }) => problem)).toEqual([null, null, null]);
    },
  );

  it('are answered whatever the text is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 500 }), async (any) => {
        await parser.readPem(any);
        await parser.readPem(`-----BEGIN CERTIFICATE-----\n${any}`);
      }),
      { numRuns: 200 },
    );
  }, 240_000);
});

function toSecond(printed: string): string {
  return new Date(printed.replace(/\.\d+/, '')).toISOString();
}
