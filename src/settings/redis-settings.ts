import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from '../core/secret.js';
import type { HostAndPort, RedisPlace, RedisTls } from '../redis/place.js';
import { readText } from './file.js';
import type { Path } from './document.js';
import type { Problem } from './problem.js';

/** A URL that ioredis takes. Its password makes it a secret. */
export const redisUrl = /^rediss?:\/\/\S+$|^unix:\/\/\/\S+$|^\/\S+$/;

const defaultUrl = 'redis://127.0.0.1:6379';

const nodeWords = 'This is a host and a port such as "redis-1.example.net:26379", in quotes';
const node = z
  .string(nodeWords)
  .regex(/^(?:\[[0-9A-Fa-f:.]+\]|[^\s:[\]/@]+):\d{1,5}$/, { error: nodeWords, abort: true })
  .refine((text) => portOf(text) >= 1 && portOf(text) <= 65_535, 'A port is 1 to 65535');
const nodes = z
  .array(node, 'This is a list of hosts and ports')
  .min(1, 'This names at least one host and port');
const file = z.string('This is the path of a file').min(1, 'This is the path of a file');
const username = z.string('This is the name of a Redis user').min(1, 'This is the name of a Redis user');

const sentinel = z.strictObject({
  name: z
    .string('This is what the Sentinels call the master')
    .min(1, 'This is what the Sentinels call the master')
    .describe('What they call the master.'),
  nodes: nodes.describe('The Sentinels.'),
  username: username.optional().describe('The user of the Sentinels, where they ask for one.'),
  tls: z
    .boolean('This is true or false')
    .optional()
    .describe('Whether the Sentinels are reached by TLS; left out, as the data nodes are.'),
});
const cluster = z.strictObject({
  nodes: nodes.describe('Some of its nodes; the others are learned from them.'),
});
const tls = z.strictObject({
  ca: file
    .optional()
    .describe("PEM with who signs the server's certificate; left out, what this system trusts."),
  cert: file.optional().describe('PEM of our own certificate, where the server asks for one.'),
  key: file.optional().describe('PEM of its key.'),
  serverName: z
    .string('This is the name in the certificate')
    .min(1)
    .optional()
    .describe("The name in the server's certificate, where it is not the host's."),
});
const replicas = 'This is a whole number of replicas';

/** `redis:` of `aixops.yaml`: one Redis by URL, or the master that Sentinels name, or a Cluster. */
export const redisSettings = z
  .strictObject({
    url: z
      .string()
      .regex(redisUrl, `This must be a URL such as ${defaultUrl}`)
      .optional()
      .describe(
        `One Redis; left out, ${defaultUrl}. REDIS_URL goes before it, and is the place for a password.`,
      ),
    sentinel: sentinel.optional(),
    cluster: cluster.optional(),
    tls: tls.optional(),
    /** The Redis user (ACL) of the data nodes; the password is REDIS_PASSWORD. */
    username: username
      .optional()
      .describe('The Redis user (ACL) of the data nodes; the password is REDIS_PASSWORD.'),
    /** So many replicas must have a write before it counts; 1 with Sentinels or a Cluster, else 0. */
    replicas: z
      .number(replicas)
      .int(replicas)
      .min(0, replicas)
      .max(5, 'This is at most 5')
      .optional()
      .describe(
        'So many replicas must have a write before it counts; left out: 1 with Sentinels or a Cluster, else 0.',
      ),
  })
  .superRefine((redis, context) => {
    for (const [key, message] of contradictions(redis))
      context.addIssue({ code: 'custom', path: key.split('.'), message });
  })
  .prefault({});

export const redisKeys: readonly string[] = [
  'url',
  'sentinel',
  'cluster',
  'username',
  'replicas',
  'name',
  'nodes',
  ...Object.keys(tls.shape),
];

type RedisFile = z.infer<typeof redisSettings>;

function contradictions(redis: RedisFile): readonly (readonly [string, string])[] {
  const forms = (['url', 'sentinel', 'cluster'] as const).filter((one) => redis[one] !== undefined);
  const [first, second] = forms;
  const found: (readonly [string, string])[] = [];
  if (first !== undefined && second !== undefined)
    found.push([second, `Redis is reached in one way: keep redis.${first} or redis.${second}`]);
  if ((redis.tls?.cert === undefined) !== (redis.tls?.key === undefined))
    found.push(['tls', 'cert and key go together']);
  if (redis.sentinel?.tls === true && redis.tls === undefined)
    found.push(['sentinel.tls', 'This needs redis.tls, which may be empty: tls: {}']);
  if (redis.url !== undefined) found.push(...againstUrl(redis, redis.url));
  return found;
}

/** What stands beside a URL and does not fit it. */
function againstUrl(redis: RedisFile, url: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  if (redis.tls !== undefined && !url.startsWith('rediss://'))
    found.push(['tls', 'The URL has no TLS: let it begin with rediss://, or leave tls out']);
  if (redis.username !== undefined && loginIn(url).username !== '')
    found.push(['username', 'The URL names a user already: keep one']);
  return found;
}

/** What the environment holds for Redis. */
export interface RedisSecrets {
  readonly redis: Secret | null;
  readonly redisPassword: Secret | null;
  readonly redisSentinelPassword: Secret | null;
}

export interface RedisConfig {
  /** Of one Redis; the default where there are Sentinels or a Cluster. It may hold a password. */
  readonly url: Secret;
  readonly place: RedisPlace;
}

/** Puts the file's section and the environment together; paths are relative to `folder`. */
export function redisConfig(section: RedisFile, secrets: RedisSecrets, folder: string): RedisConfig {
  const url = secrets.redis ?? new Secret(section.url ?? defaultUrl);
  const form = formOf(section, secrets, url);
  const place: RedisPlace = {
    form,
    username: section.username ?? null,
    password: secrets.redisPassword,
    tls: section.tls === undefined ? null : tlsOf(section.tls, folder),
    replicas: section.replicas ?? (form.kind === 'url' ? 0 : 1),
  };
  return { url, place };
}

function formOf(section: RedisFile, secrets: RedisSecrets, url: Secret): RedisPlace['form'] {
  const { sentinel: sentinels, cluster: clustered } = section;
  if (clustered !== undefined) return { kind: 'cluster', nodes: clustered.nodes.map(hostAndPort) };
  if (sentinels === undefined) return { kind: 'url', url };
  return {
    kind: 'sentinel',
    name: sentinels.name,
    nodes: sentinels.nodes.map(hostAndPort),
    username: sentinels.username ?? null,
    password: secrets.redisSentinelPassword,
    isTls: section.tls !== undefined && sentinels.tls !== false,
  };
}

function tlsOf(given: NonNullable<RedisFile['tls']>, folder: string): RedisTls {
  const path = (name: string | undefined): string | null =>
    name === undefined ? null : resolve(folder, name);
  return {
    ca: path(given.ca),
    cert: path(given.cert),
    key: path(given.key),
    serverName: given.serverName ?? null,
  };
}

/** What the file and the environment say against each other, and files that cannot be read. */
export function redisContradictions(
  section: RedisFile,
  secrets: RedisSecrets,
  where: { readonly file: string; readonly folder: string; readonly lineOf: (path: Path) => number | null },
): readonly Problem[] {
  const inFile = (path: readonly string[], problem: string): Problem => ({
    file: where.file,
    line: where.lineOf(['redis', ...path]),
    key: ['redis', ...path].join('.'),
    problem,
  });
  const form = section.sentinel !== undefined ? 'sentinel' : section.cluster !== undefined ? 'cluster' : null;
  const found: Problem[] = [];
  if (form !== null && secrets.redis !== null)
    found.push(inFile([form], `REDIS_URL is set too, and Redis is reached in one way: keep one.`));
  // Beside the file's own URL that was looked at already.
  if (form === null && (secrets.redis !== null || section.url === undefined))
    for (const [key, message] of againstUrl(section, secrets.redis?.reveal() ?? defaultUrl))
      found.push(inFile([key], `${message}.`));
  found.push(...passwordProblems(form, section, secrets));
  for (const name of ['ca', 'cert', 'key'] as const) {
    const given = section.tls?.[name];
    const sentence = given === undefined ? null : pemProblem(resolve(where.folder, given), name);
    if (sentence !== null) found.push(inFile(['tls', name], sentence));
  }
  return found;
}

function passwordProblems(
  form: string | null,
  section: RedisFile,
  secrets: RedisSecrets,
): readonly Problem[] {
  const inEnvironment = (key: string, problem: string): Problem => ({
    file: 'environment',
    line: null,
    key,
    problem,
  });
  const found: Problem[] = [];
  const url = secrets.redis?.reveal() ?? section.url ?? '';
  if (form === null && secrets.redisPassword !== null && loginIn(url).password !== '')
    found.push(inEnvironment('REDIS_PASSWORD', 'The URL holds a password already: keep one.'));
  if (form !== 'sentinel' && secrets.redisSentinelPassword !== null)
    found.push(
      inEnvironment(
        'REDIS_SENTINEL_PASSWORD',
        'There is no redis.sentinel in aixops.yaml: take it away, or add that.',
      ),
    );
  return found;
}

function pemProblem(path: string, name: 'ca' | 'cert' | 'key'): string | null {
  const content = readText(path);
  if (content.kind === 'missing') return `The file ${path} is not there.`;
  if (content.kind === 'unreadable') return content.problem.problem;
  const wanted = name === 'key' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN CERTIFICATE-----/;
  if (wanted.test(content.text)) return null;
  return `The file ${path} holds no ${name === 'key' ? 'private key' : 'certificate'} in PEM.`;
}

function hostAndPort(text: string): HostAndPort {
  const host = text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return { host, port: portOf(text) };
}

function portOf(text: string): number {
  return Number(text.slice(text.lastIndexOf(':') + 1));
}

function loginIn(url: string): { readonly username: string; readonly password: string } {
  if (!URL.canParse(url)) return { username: '', password: '' };
  const { username: user, password } = new URL(url);
  return { username: user, password };
}
