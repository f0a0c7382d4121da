import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newKeyPair, signingKeyOf } from '../../src/audit/signing-key.js';
import { loadConfig, type Config } from '../../src/config.js';
import { problemLine } from '../../src/settings/problem.js';
import { temporaryFolder } from '../temporary-folder.js';

function load(yaml: string, env: Readonly<Record<string, string>> = {}): Config | readonly string[] {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'aixops.yaml'), yaml);
  const loaded = loadConfig({ folder, env });
  return loaded.kind === 'config' ? loaded.config : loaded.problems.map(problemLine);
}

function problems(yaml: string, env: Readonly<Record<string, string>> = {}): string {
  const loaded = load(yaml, env);
  return 'auditSigningKey' in loaded ? '' : loaded.join('\n');
}

it('keeps the trail for 400 days unless told otherwise, and sends it nowhere', () => {
  expect(load('')).toMatchObject({ audit: { keepDays: 400 }, auditSigningKey: null });
  expect(load('audit: { keepDays: forever }')).toMatchObject({ audit: { keepDays: 'forever' } });
  expect(load('audit: { syslog: { host: h, port: 6514 } }')).toMatchObject({
    audit: { syslog: { protocol: 'tls', host: 'h', port: 6514 } },
  });
});

it('says what cannot be kept, or sent', () => {
  expect(problems('audit: { keepDays: 0 }')).toContain('This is a whole number of days, or forever');
  expect(problems('audit: { syslog: { host: h } }')).toContain('This is a port number');
  expect(problems('audit: { syslog: { host: h, port: 1, protocol: unix } }')).toContain(
    'This is udp, tcp or tls',
  );
});

it('takes a signing key as PEM, with written line ends, and as its one line; no other key', () => {
  const { privateKey, publicKey } = newKeyPair();
  const line = privateKey.split('\n')[1] ?? '';
  for (const given of [privateKey.trim(), privateKey.trim().replaceAll('\n', '\\n'), line]) {
    const config = load('', { AUDIT_SIGNING_KEY: given });
    if (!('auditSigningKey' in config)) throw new Error(config.join('\n'));
    expect(signingKeyOf(config.auditSigningKey?.reveal() ?? '').asymmetricKeyType).toBe('ed25519');
  }
  const refused = problems('', { AUDIT_SIGNING_KEY: publicKey.trim() });
  expect(refused).toContain('make one with: aixops audit keygen');
  expect(refused).not.toContain(publicKey.split('\n')[1]);
});
