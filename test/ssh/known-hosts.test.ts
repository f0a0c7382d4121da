import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParseError } from '../../src/core/errors.js';
import {
  fingerprint,
  judgeHostKey,
  KnownHosts,
  keyType,
  parseKnownHosts,
} from '../../src/ssh/known-hosts.js';
import { describeWithOpenssh, makeKey } from './openssh-server.js';

describeWithOpenssh('known_hosts as OpenSSH reads it', () => {
  let folder: string;
  let [a, b, rsa] = ['', '', ''];
  const blob = (key: string) => Buffer.from(key.split(' ')[1] ?? '', 'base64');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aixops-known-'));
    a = makeKey(folder, 'a', ['-t', 'ed25519']);
    b = makeKey(folder, 'b', ['-t', 'ed25519']);
    rsa = makeKey(folder, 'rsa', ['-t', 'rsa', '-b', '2048']);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The line numbers that `ssh-keygen -F` finds. */
  const found = (text: string, name: string): number[] => {
    const path = join(folder, 'known_hosts');
    writeFileSync(path, text);
    try {
      const out = execFileSync('/usr/bin/ssh-keygen', ['-F', name, '-f', path], {
        encoding: 'latin1',
        stdio: 'pipe',
      });
      return [...out.matchAll(/^# Host .* found: line (\d+)/gm)].map((match) => Number(match[1]));
    } catch {
      return [];
    }
  };
  const ours = (text: string, host: string, port: number): readonly number[] =>
    new KnownHosts(parseKnownHosts(text)).of(host, port).map((line) => line.lineNumber);

  it('finds the lines that ssh-keygen -F finds', () => {
    const fields = [
      'lpar1',
      'LPAR1,10.20.1.11',
      '[lpar1]:2222',
      '*.example.com,!old.example.com',
      'lpar?',
      '[10.20.1.11]:22',
      '*',
      '!lpar1,*',
    ];
    const text = fields.map((field) => `${field} ${a} a comment\n`).join('') + `# lpar1\n\n  lpar1\t${b}\n`;
    const hashed = join(folder, 'hashed');
    writeFileSync(hashed, `lpar1 ${a}\n[lpar1]:2222 ${b}\nold.example.com ${rsa}\n`);
    execFileSync('/usr/bin/ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'pipe' });
    const both = text + readFileSync(hashed, 'latin1');
    for (const host of [
      'lpar1',
      'lpar2',
      '10.20.1.11',
      'new.example.com',
      'old.example.com',
      'example.com',
      'lpar12',
    ]) {
      expect([host, ours(both, host, 22)]).toEqual([host, found(both, host)]);
      expect([host, ours(both, host, 2222)]).toEqual([host, found(both, `[${host}]:2222`)]);
    }
  });

  it('matches any pattern as ssh-keygen does', () => {
    const part = fc.constantFrom('a', 'b', '.', '*', '?', '**');
    const pattern = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 6 }));
    const patterns = fc.array(
      pattern.map(([not, parts]) => `${not ? '!' : ''}${parts.join('')}`),
      { minLength: 1, maxLength: 3 },
    );
    const name = fc
      .array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(patterns, name, (fields, host) => {
        const text = `${fields.join(',')} ${a}\n`;
        expect(ours(text, host, 22)).toEqual(found(text, host));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the fingerprint that ssh-keygen gives', () => {
    for (const name of ['a', 'rsa']) {
      const told = execFileSync('/usr/bin/ssh-keygen', ['-lf', join(folder, `${name}.pub`)], {
        encoding: 'latin1',
      });
      expect(told.split(' ')[1]).toBe(fingerprint(blob(name === 'a' ? a : rsa)));
    }
  });

  it('tells match, changed, unknown and revoked apart', () => {
    const text = `lpar1 ${a}\nlpar1 ${rsa}\n@revoked * ${b}\n@cert-authority *.example.com ${a}\n`;
    const kind = (host: string, key: string | null) =>
      judgeHostKey(text, host, 22, key === null ? null : blob(key)).kind;
    expect([
      kind('lpar1', a),
      kind('lpar1', rsa),
      kind('lpar1', b),
      kind('lpar2', a),
      kind('lpar2', b),
    ]).toEqual(['match', 'match', 'revoked', 'unknown', 'revoked']);
    expect(judgeHostKey(`lpar1 ${a}\n`, 'lpar1', 22, blob(rsa))).toEqual({
      kind: 'changed',
      types: ['ssh-ed25519'],
      fingerprints: [fingerprint(blob(a))],
      authorityLines: [],
    });
    expect(judgeHostKey(text, 'x.example.com', 22, blob(a))).toEqual({
      kind: 'unknown',
      types: [],
      fingerprints: [],
      authorityLines: [4],
    });
    expect(judgeHostKey(text, 'lpar1', 22, null).types).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });

  it('lets no revoked key count as pinned, wherever its line stands', () => {
    const answer = judgeHostKey(`lpar1 ${a}\n@revoked lpar1 ${a}\n`, 'lpar1', 22, blob(a));
    expect(answer).toMatchObject({ kind: 'revoked', types: [] });
  });

  it('pins nothing by a line that it does not understand, and stops at a marker that it does not understand', () => {
    const odd = [
      `lpar1`,
      `lpar1 ssh-ed25519`,
      `lpar1 ssh-rsa ${a.split(' ')[1] ?? ''}`,
      'lpar1 1024 35 1234567890',
      '\u0000\u00ff',
    ];
    expect(parseKnownHosts(odd.join('\n'))).toEqual([]);
    expect(() => parseKnownHosts(`lpar1 ${a}\n@revokd * ${a}\n`)).toThrow(ParseError);
    expect(() => parseKnownHosts(`@revoked *\n`)).toThrow(/line 1/);
  });
});

describe('a key blob', () => {
  it('names its type, or none when it is no key blob', () => {
    expect(keyType(Buffer.from('AAAAC3NzaC1lZDI1NTE5', 'base64'))).toBe('ssh-ed25519');
    for (const bytes of ['', 'abc', '\0\0\0\u00ffabc', '\0\0\0\u0002 \n'])
      expect(keyType(Buffer.from(bytes, 'latin1'))).toBe(null);
  });
});
