import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { makeTls, startTlsRedis, type TlsFiles, type TlsRedis } from '../lab/redis-tls.js';
import { until } from '../lab/redis-group.js';
import { placeOf } from './group-behaviour.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-tls-'));
let files: TlsFiles;
let other: TlsFiles;
let plain: TlsRedis;
let mutual: TlsRedis;

beforeAll(async () => {
  [files, other] = await Promise.all([makeTls(join(folder, 'tls')), makeTls(join(folder, 'other'))]);
  [plain, mutual] = await Promise.all([
    startTlsRedis(join(folder, 'plain'), files, false),
    startTlsRedis(join(folder, 'mutual'), files, true),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([plain.server.stop(), mutual.server.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** How we get on with these settings: `let in`, or the words. */
async function tried(settings: string, withinMs = 5_000): Promise<string> {
  const place = placeOf(settings);
  const redis = connectRedis(place, () => undefined);
  try {
    await readyRedis(redis, place, withinMs);
    return 'let in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.disconnect();
  }
}

const url = (port: number, host = '127.0.0.1') => `url: "rediss://${host}:${port}"`;

describe('TLS to Redis', () => {
  it('is used with the CA of the settings', async () => {
    expect(await tried(`redis: { ${url(plain.tlsPort)}, tls: { ca: ${files.ca} } }`)).toBe('let in');
  });

  it('is refused with the CAs of the system, and with another CA', async () => {
    const words =
      /^Redis at rediss:\/\/127\.0\.0\.1:\d+ shows a certificate that none of the known CAs signed\. Set redis\.tls\.ca in aixops\.yaml/;
    expect(await tried(`redis: { ${url(plain.tlsPort)} }`)).toMatch(words);
    expect(await tried(`redis: { ${url(plain.tlsPort)}, tls: { ca: ${other.ca} } }`)).toMatch(words);
  });

  it('compares the name in the certificate with the one in the settings', async () => {
    const tls = `ca: ${files.ca}, serverName: redis.example.net`;
    expect(await tried(`redis: { ${url(plain.tlsPort)}, tls: { ${tls} } }`)).toBe('let in');
    const wrong = `ca: ${files.ca}, serverName: redis.example.org`;
    expect(await tried(`redis: { ${url(plain.tlsPort)}, tls: { ${wrong} } }`)).toMatch(
      / shows a certificate for another name\. .*redis\.tls\.serverName/,
    );
  });

  it('shows a certificate of ours where the server wants one, and says so where there is none', async () => {
    const own = `ca: ${files.ca}, cert: ${files.clientCert}, key: ${files.clientKey}`;
    expect(await tried(`redis: { ${url(mutual.tlsPort)}, tls: { ${own} } }`)).toBe('let in');
    const words = / wants a certificate of ours that it knows\. Set redis\.tls\.cert and redis\.tls\.key/;
    expect(await tried(`redis: { ${url(mutual.tlsPort)}, tls: { ca: ${files.ca} } }`)).toMatch(words);
    const strange = `ca: ${files.ca}, cert: ${other.clientCert}, key: ${other.clientKey}`;
    expect(await tried(`redis: { ${url(mutual.tlsPort)}, tls: { ${strange} } }`)).toMatch(words);
  });

  it('is told apart from a port without it', async () => {
    expect(await tried(`redis: { ${url(plain.server.port)}, tls: { ca: ${files.ca} } }`, 3_500)).toMatch(
      / does not speak TLS on that port\. Take its TLS port, or leave TLS out/,
    );
  });

  it('reads a renewed certificate at the next connection, without a restart', async () => {
    const [cert, key] = [join(folder, 'renewed.pem'), join(folder, 'renewed.key')];
    copyFileSync(files.clientCert, cert);
    copyFileSync(files.clientKey, key);
    const tls = `ca: ${files.ca}, cert: ${cert}, key: ${key}`;
    const place = placeOf(`redis: { ${url(mutual.tlsPort)}, tls: { ${tls} } }`);
    const errors: string[] = [];
    const redis = connectRedis(place, (error) => errors.push(error.message));
    await readyRedis(redis, place, 5_000);
    const again = async (): Promise<void> => {
      await mutual.server.restart();
      await until('it is connected again, or refused', async () => {
        const answer = await redis.exists(`${keyPrefix}x`).catch(() => null);
        return answer === 0 || errors.length > 0;
      });
    };
    // What is not signed by the server's CA is refused: so the file is really read.
    writeFileSync(cert, readFileSync(other.clientCert));
    writeFileSync(key, readFileSync(other.clientKey));
    await again();
    await until('the strange one is refused', () =>
      Promise.resolve(errors.some((text) => /alert|certificate/i.test(text))),
    );
    writeFileSync(cert, readFileSync(files.clientCert));
    writeFileSync(key, readFileSync(files.clientKey));
    await readyRedis(redis, place, 10_000).catch(() => readyRedis(redis, place, 10_000));
    expect(await redis.exists(`${keyPrefix}x`)).toBe(0);
    redis.disconnect();
  }, 60_000);
});
