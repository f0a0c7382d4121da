import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../../src/config.js';
import { whereIs } from '../../src/redis/place.js';
import { problemLine } from '../../src/settings/problem.js';
import { temporaryFolder } from '../temporary-folder.js';

type Env = Readonly<Record<string, string>>;

function load(yaml: string, env: Env = {}) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'aixops.yaml'), yaml);
  mkdirSync(join(folder, 'tls'));
  writeFileSync(join(folder, 'tls/ca.pem'), '-----BEGIN CERTIFICATE-----\n');
  writeFileSync(join(folder, 'tls/key.pem'), '-----BEGIN EC PRIVATE KEY-----\n');
  return { folder, loaded: loadConfig({ folder, env }) };
}

function redisOf(yaml: string, env: Env = {}): Config['redis'] & { readonly folder: string } {
  const { folder, loaded } = load(yaml, env);
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(problemLine).join('\n'));
  return { ...loaded.config.redis, folder };
}

function problemsOf(yaml: string, env: Env = {}): readonly string[] {
  const { folder, loaded } = load(yaml, env);
  if (loaded.kind === 'config') return [];
  return loaded.problems.map((problem) => problemLine(problem).replaceAll(`${folder}/`, ''));
}

const sentinels = 'redis:\n  sentinel: { name: aixops, nodes: ["s1:26379", "[fd00::1]:26380"] }\n';
const cluster = 'redis: { cluster: { nodes: ["c1:6379"] } }\n';

describe('the settings of Redis', () => {
  it('are one Redis on this machine where nothing is said, and no replica is waited for', () => {
    const { url, place } = redisOf('');
    expect(url.reveal()).toBe('redis://127.0.0.1:6379');
    expect(place).toMatchObject({ form: { kind: 'url' }, tls: null, replicas: 0 });
    expect(redisOf('redis: { replicas: 2 }').place.replicas).toBe(2);
  });

  it('name Sentinels or nodes of a Cluster, and one replica must then have what is promised', () => {
    const { place } = redisOf(sentinels);
    expect(place.form).toMatchObject({
      kind: 'sentinel',
      name: 'aixops',
      nodes: [
        { host: 's1', port: 26379 },
        { host: 'fd00::1', port: 26380 },
      ],
    });
    expect(place.replicas).toBe(1);
    expect(whereIs(place)).toBe('The Redis master aixops of the Sentinels at s1:26379, [fd00::1]:26380');
    expect(whereIs(redisOf(cluster).place)).toBe('The Redis Cluster at c1:6379');
    expect(whereIs(redisOf('redis: { url: "redis://u:pw@h:1" }').place)).toBe('Redis at redis://***@h:1');
  });

  it('take passwords as secrets, which nothing prints', () => {
    const env = { REDIS_PASSWORD: 'data-Secret-1', REDIS_SENTINEL_PASSWORD: 'sentinel-Secret-1' };
    const { loaded } = load(sentinels, env);
    if (loaded.kind === 'problems') throw new Error('problems');
    const { place } = loaded.config.redis;
    expect(place.password?.reveal()).toBe('data-Secret-1');
    expect(JSON.stringify(loaded.config.redis)).not.toContain('Secret');
    expect(loaded.config.known.hide('x data-Secret-1 sentinel-Secret-1')).not.toContain('Secret');
  });

  it('find files of TLS beside aixops.yaml, and take TLS for Sentinels too unless they have none', () => {
    const tls = '  tls: { ca: tls/ca.pem, serverName: redis.example.net }\n';
    const { place, folder } = redisOf(sentinels + tls);
    expect(place.tls).toEqual({
      ca: join(folder, 'tls/ca.pem'),
      cert: null,
      key: null,
      serverName: 'redis.example.net',
    });
    expect(place.form).toMatchObject({ isTls: true });
    const plain = sentinels.replace('{ name', '{ tls: false, name');
    expect(redisOf(plain + tls).place.form).toMatchObject({ isTls: false });
  });

  it.each([
    [
      'two ways at once',
      `${sentinels}  url: "redis://a:1"\n`,
      {},
      /^aixops\.yaml:2 redis\.sentinel: Redis is reached in one way: keep redis\.url or redis\.sentinel\.$/,
    ],
    [
      'a URL of the environment beside Sentinels',
      sentinels,
      { REDIS_URL: 'redis://a:1' },
      /^aixops\.yaml:2 redis\.sentinel: REDIS_URL is set too, and Redis is reached in one way: keep one\.$/,
    ],
    [
      'TLS beside a URL without',
      'redis: { url: "redis://a:1", tls: {} }',
      {},
      /^aixops\.yaml:1 redis\.tls: The URL has no TLS: let it begin with rediss:/,
    ],
    [
      'the same with the environment’s URL',
      'redis: { tls: {} }',
      { REDIS_URL: 'redis://a:1' },
      /^aixops\.yaml:1 redis\.tls: The URL has no TLS/,
    ],
    [
      'the same with the default URL',
      'redis: { tls: {} }',
      {},
      /^aixops\.yaml:1 redis\.tls: The URL has no TLS/,
    ],
    [
      'a certificate without its key',
      'redis: { url: "rediss://a:1", tls: { cert: tls/ca.pem } }',
      {},
      /redis\.tls: cert and key go together\.$/,
    ],
    [
      'a file that is not there',
      'redis: { url: "rediss://a:1", tls: { ca: tls/none.pem } }',
      {},
      /^aixops\.yaml:1 redis\.tls\.ca: The file tls\/none\.pem is not there\.$/,
    ],
    [
      'a key for a certificate',
      'redis: { url: "rediss://a:1", tls: { ca: tls/key.pem } }',
      {},
      /redis\.tls\.ca: The file tls\/key\.pem holds no certificate in PEM\.$/,
    ],
    [
      'TLS of Sentinels alone',
      sentinels.replace('{ name', '{ tls: true, name'),
      {},
      /redis\.sentinel\.tls: This needs redis\.tls/,
    ],
    [
      'two users',
      'redis: { url: "redis://u:p@a:1", username: v }',
      {},
      /redis\.username: The URL names a user already: keep one\.$/,
    ],
    [
      'two passwords',
      'redis: { url: "redis://u:p@a:1" }',
      { REDIS_PASSWORD: 'x' },
      /^environment REDIS_PASSWORD: The URL holds a password already: keep one\.$/,
    ],
    [
      'a password for Sentinels that are none',
      '',
      { REDIS_SENTINEL_PASSWORD: 'x' },
      /^environment REDIS_SENTINEL_PASSWORD: There is no redis\.sentinel/,
    ],
    [
      'a node without a port',
      'redis: { cluster: { nodes: [c1] } }',
      {},
      /redis\.cluster\.nodes\[0\]: This is a host and a port such as/,
    ],
    [
      'a port beyond all ports',
      'redis: { cluster: { nodes: ["c1:70000"] } }',
      {},
      /redis\.cluster\.nodes\[0\]: A port is 1 to 65535\.$/,
    ],
    [
      'no node',
      'redis: { cluster: { nodes: [] } }',
      {},
      /redis\.cluster\.nodes: This names at least one host and port\.$/,
    ],
    [
      'a misspelt key',
      'redis: { sentinels: {} }',
      {},
      /redis\.sentinels: There is no such key here\. Did you mean sentinel\?$/,
    ],
  ])('say so of %s, with line and key', (_what, yaml, env, words) => {
    const problems = problemsOf(yaml, env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(words);
  });
});
