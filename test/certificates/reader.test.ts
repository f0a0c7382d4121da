import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certificatesReader } from '../../src/certificates/reader.js';
import type { Certificate } from '../../src/core/certificate.js';
import { ParseError } from '../../src/core/errors.js';
import { certificate, generalizedTime, name, pem, signers, utcTime } from './der.js';

const { ec } = signers();
const one = pem(certificate({ signer: ec, serial: Buffer.from([1]) }));
const other = pem(certificate({ signer: ec, serial: Buffer.from([2]) }));
const folder = mkdtempSync(join(tmpdir(), 'aixops-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string): readonly Certificate[] {
  const answer = certificatesReader.read(text);
  if (answer.kind === 'failure') throw new Error('a failure of the command');
  return answer.facts;
}

const serials = (text: string): readonly string[] => read(text).map(({ serial }) => serial);

function errorOf(text: string): ParseError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error(`it was read: ${text}`);
}

describe('a PEM text', () => {
  it('says what openssl says of each certificate', () => {
    const subject = name(['C', 'DE'], ['O', 'Größe, Inc.'], ['CN', 'web "1" <!channel>']);
    const notAfter = generalizedTime('20550102030405Z');
    const text = pem(certificate({ signer: ec, subject, notAfter, notBefore: utcTime('491231235959Z') }));
    const openssl = execFileSync(
      'openssl',
      [
        'x509',
        '-noout',
        '-nameopt',
        'RFC2253,-esc_msb,utf8',
        '-subject',
        '-issuer',
        '-serial',
        '-startdate',
        '-enddate',
        '-fingerprint',
        '-sha256',
      ],
      { input: text, encoding: 'utf8' },
    );
    const said: Partial<Record<string, string>> = Object.fromEntries(
      openssl
        .trimEnd()
        .split('\n')
        .map((line) => [line.split('=', 1).join(), line.slice(line.indexOf('=') + 1)]),
    );
    expect(read(text)).toEqual([
      {
        subject: said['subject'],
        issuer: said['issuer'],
        serial: said['serial'],
        notBefore: new Date(said['notBefore'] ?? '').toISOString(),
        notAfter: '2055-01-02T03:04:05.000Z',
        fingerprint256: said['sha256 Fingerprint'],
      },
    ]);
  });

  it('is read with every certificate of a bundle, in order, and each as often as it is there', () => {
    expect(serials(one + other + one)).toEqual(['01', '02', '01']);
  });

  it.each([
    ['comments between blocks', `# Example CA\n=====\n${one}\nsubject=CN = web\n\n${other}# end\n`],
    ['carriage returns', (one + other).replaceAll('\n', '\r\n')],
    ['old line ends', (one + other).replaceAll('\n', '\r')],
    ['byte order marks, also where files were joined', `\ufeff${one}\ufeff${other}`],
    ['indentation of a copy', (one + other).replaceAll(/^/gm, '    ')],
    ['other names of the same block', one.replaceAll('CERTIFICATE', 'X509 CERTIFICATE') + other],
  ])('may have %s', (_what, text) => {
    expect(serials(text)).toEqual(['01', '02']);
  });

  it('reads what OpenSSL prints of a PKCS#12 store', () => {
    const bag =
      'Bag Attributes\n    localKeyID: 47 A8 D9 D4 \n    friendlyName: web\nsubject=CN = a\nissuer=CN = b\n';
    expect(serials(`${bag}${one}Bag Attributes: <No Attributes>\n${other}`)).toEqual(['01', '02']);
  });

  it('reads TRUSTED CERTIFICATE without its trust settings', () => {
    const trusted = execFileSync('openssl', ['x509', '-addtrust', 'serverAuth', '-trustout'], { input: one });
    expect(trusted.toString()).toContain('BEGIN TRUSTED CERTIFICATE');
    expect(read(trusted.toString() + other)).toEqual(read(one + other));
  });
});

describe('a text with keys', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const keyLines = [...pkcs8.split('\n'), ...pkcs1.split('\n')].filter(
    (line) => line.length > 20 && !line.includes('-'),
  );

  it('gives its certificates and nothing of the keys', () => {
    const facts = read(`${pkcs8}${one}${pkcs1}${other}`);
    expect(facts).toEqual(read(one + other));
  });

  it.each([
    ['a key alone', pkcs8],
    ['a key that is cut off', pkcs8.slice(0, 500)],
    ['a key without its beginning', pkcs8.split('\n').slice(3).join('\n') + one],
    ['a key without markers, and another with', keyLines.slice(0, 5).join('\n') + one + pkcs1],
    ['a certificate that is cut off before a key', one.slice(0, 200) + '\n' + pkcs8],
    ['a key that is called a certificate', pkcs8.replaceAll('PRIVATE KEY', 'CERTIFICATE') + pkcs1],
    ['a key whose end is that of a certificate', pkcs8.replace('END PRIVATE KEY', 'END CERTIFICATE') + other],
    ['text in the line of a key', pkcs8.replace(/\n/, ' ') + one],
  ])('is refused without a word of the key: %s', (_what, text) => {
    const { message, line, stack = '' } = errorOf(text);
    for (const secret of keyLines) {
      for (const told of [message, line, stack]) expect(told).not.toContain(secret.slice(4, 20));
    }
  });
});

describe('a text that is not whole', () => {
  const lines = one.trimEnd().split('\n');
  const first = lines[0] ?? '';

  it.each([
    ['nothing', '', '', 1],
    ['words', 'Could not open file\nUnable to load certificate\n', 'Unable to load certificate', 2],
    ['a certificate without its end', other + lines.slice(0, -1).join('\n'), first, other.split('\n').length],
    ['a certificate without its beginning', lines.slice(1).join('\n'), lines[1], 1],
    ['the end of a certificate', `# ca\n${lines.slice(-1).join('\n')}`, '-----END CERTIFICATE-----', 2],
    ['a certificate within another', lines.slice(0, 3).join('\n') + '\n' + other, first, 1],
    ['a line that is lost', [...lines.slice(0, 2), ...lines.slice(3)].join('\n'), first, 1],
    ['a line that is no base64', [...lines.slice(0, 2), 'ha!', ...lines.slice(2)].join('\n'), first, 1],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----', first, 1],
    ['a damaged marker', one.replace('-----BEGIN', '----BEGIN'), '----BEGIN CERTIFICATE-----', 1],
    [
      'a container of certificates',
      `${one}-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n`,
      '-----BEGIN PKCS7-----',
      one.split('\n').length,
    ],
  ])('is an error that names its line: %s', (_what, text, line, number) => {
    const error = errorOf(text);
    expect([error.line, error.lineNumber]).toEqual([line, number]);
  });

  it('is an error when bytes follow a certificate in its block', () => {
    const der = certificate({ signer: ec });
    expect(errorOf(pem(Buffer.concat([der, der]))).message).toContain(
      `${der.length} bytes follow the certificate`,
    );
  });

  it('is an error when openssl reads no date', () => {
    const text = pem(certificate({ signer: ec, notAfter: utcTime('270230000000Z') }));
    expect(errorOf(text).message).toContain('notAfter is not a date: OpenSSL prints "Bad time value"');
  });
});
