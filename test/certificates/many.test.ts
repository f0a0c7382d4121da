import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCertificateParser } from '../../src/certificates/parser.js';
import { certificatesReader } from '../../src/certificates/reader.js';
import { certificate, dnsNames, generalizedTime, isCa, name, pem, signers, utcTime } from './der.js';

const many = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'aixops-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const by = signers();
const spki = { type: 'spki', format: 'der' } as const;
const publicKeys = [
  ...Object.values(by).map(({ publicKey }) => publicKey),
  generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export(spki),
  generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey.export(spki),
  generateKeyPairSync('ed448').publicKey.export(spki),
  generateKeyPairSync('x25519').publicKey.export(spki),
];

const two = (value: number): string => String(value).padStart(2, '0');

/** Dates from 1950 to 9999, in the two encodings that RFC 5280 asks for. */
function time(year: number, at: number): Buffer {
  const rest = [(at % 12) + 1, (at % 28) + 1, at % 24, at % 60, (at * 7) % 60].map(two).join('');
  return year < 2050 ? utcTime(`${two(year % 100)}${rest}Z`) : generalizedTime(`${year}${rest}Z`);
}

function generated(at: number): Buffer {
  const year = 1950 + (at % 140);
  const signer = at % 50 === 0 ? by.rsa : at % 50 === 1 ? by.rsaPss : at % 2 === 0 ? by.ec : by.ed25519;
  const own = name(['C', 'DE'], ['O', `Größe ${at}, Inc.`], ['CN', `node${at}.example`]);
  return certificate({
    signer,
    serial: Buffer.concat([Buffer.alloc(1 + (at % 15), 1 + (at % 126)), Buffer.from([at >> 8, at & 255])]),
    subject: own,
    issuer: at % 3 === 0 ? own : name(['CN', 'Example CA']),
    notBefore: time(year, at),
    notAfter: time(at % 97 === 0 ? 9999 : year + (at % 80), at + 5),
    publicKey: publicKeys[at % publicKeys.length]!, // the index is below the length
    ...(at % 4 === 0 ? { extensions: [isCa] } : at % 4 === 1 ? { extensions: [dnsNames('a.example')] } : {}),
  });
}

/** What `openssl storeutl -text` prints of each certificate, in order. */
function readByOpenssl(text: string): { notBefore: string; notAfter: string; serial: string }[] {
  const file = join(folder, 'many.pem');
  writeFileSync(file, text);
  const printed = execFileSync('openssl', ['storeutl', '-noout', '-text', '-certs', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const one =
    /Serial Number:(?: \d+ \(0x(?<short>[0-9a-f]+)\)|\s+(?<long>[0-9a-f:]+))\n[^]*?Not Before: (?<notBefore>.*)\n\s*Not After : (?<notAfter>.*)\n/g;
  return [...printed.matchAll(one)].map(({ groups = {} }) => ({
    notBefore: new Date(groups['notBefore'] ?? '').toISOString(),
    notAfter: new Date(groups['notAfter'] ?? '').toISOString(),
    serial: (groups['short'] ?? groups['long'] ?? '').replaceAll(':', '').toUpperCase().replace(/^0+/, ''),
  }));
}

describe('ten thousand certificates', () => {
  it('are all read, verified, and have the dates and serial numbers that openssl prints', async () => {
    const text = Array.from({ length: many }, (_, at) => pem(generated(at))).join('');
    const parser = createCertificateParser();
    const read = await parser.readPem(text);
    await parser.close();

    expect(read.filter(({ problem }) => problem !== null).slice(0, 3)).toEqual([]);
    expect(read.map(({ label }) => label)).toEqual(Array.from({ length: many }, (_, at) => String(at + 1)));
    expect(new Set(read.map((one) => one.certificate?.fingerprint256)).size).toBe(many);
    expect(new Set(read.map(({ kind }) => kind))).toEqual(new Set(['leaf', 'ca', 'self-signed']));

    const told = read.map(({ certificate: said }) => ({
      notBefore: said?.notBefore,
      notAfter: said?.notAfter,
      serial: said?.serial.replace(/^0+/, ''),
    }));
    const expected = readByOpenssl(text);
    expect(expected.length).toBe(many);
    expect(told).toEqual(expected);
    expect(told.some(({ notAfter }) => notAfter?.startsWith('9999-'))).toBe(true);

    const end = '-----END CERTIFICATE-----\n';
    const first = text.slice(0, text.lastIndexOf(end, 300_000) + end.length);
    const explained = certificatesReader.read(first);
    expect(explained.kind).toBe('facts');
    if (explained.kind === 'facts')
      expect(explained.facts).toEqual(read.slice(0, explained.facts.length).map((one) => one.certificate));
  }, 120_000);
});
