import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { KnownSecrets } from './core/known-secrets.js';
import type { Secret } from './core/secret.js';
import { readDocument, suggestKeys, type Checked, type Path } from './settings/document.js';
import { readText } from './settings/file.js';
import { healthFromEnvironment, type HealthSettings } from './settings/health-settings.js';
import type { Problem } from './settings/problem.js';
import { redisConfig, redisContradictions, type RedisConfig } from './settings/redis-settings.js';
import { configKeys, configSchema, type ConfigFile } from './settings/schema.js';
import {
  hiddenParts,
  readSecrets,
  withoutCommands,
  type SecretName,
  type Secrets,
} from './settings/secret-rules.js';
import type { Environment } from './settings/secrets.js';
import { collectorSecrets, isTracingAsked } from './settings/tracing-settings.js';

/** Everything that can be set, with its defaults. Names carry their units. */
export interface Config extends Omit<ConfigFile, 'slack' | 'redis' | 'tracing'> {
  /** Absolute path of the folder that holds `aixops.yaml`, `inventory.yaml` and `policy.yaml`. */
  readonly folder: string;
  readonly home: string;
  /** The SSH agent's socket, where there is one. */
  readonly agentSocket: string | null;
  /** `isOn`: OpenTelemetry's own variables name an endpoint or an exporter; it reads them by itself. */
  readonly tracing: ConfigFile['tracing'] & { readonly isOn: boolean };
  /** NO_COLOR is set to anything: no colours on a terminal. Source: no-color.org. */
  readonly noColor: boolean;
  readonly slack: ConfigFile['slack'] & {
    readonly botToken: Secret | null;
    readonly appToken: Secret | null;
    readonly signingSecret: Secret | null;
  };
  /** Where Redis is, and how we are let in. */
  readonly redis: RedisConfig;
  /** Seeds of step-up codes, as they were given. */
  readonly stepUpSecrets: Secret | null;
  /** What checkpoints of the audit trail are signed with, as it was given. */
  readonly auditSigningKey: Secret | null;
  /** What stored documents are sealed with (32 bytes in base64), and with what they were before; null: not sealed. */
  readonly store: { readonly key: Secret | null; readonly oldKey: Secret | null };
  /** Takes all of the secrets above out of text. */
  readonly known: KnownSecrets;
  /** The files that secrets were read from, with the variable that named each. */
  readonly secretFiles: Secrets['files'];
  /** The environment as it was read, for who reads the settings once more; a function, so that nobody prints it. */
  readonly environment: () => Environment;
}

export interface ConfigSource {
  /** The `--config` argument; without it AIXOPS_CONFIG, and else the current folder. */
  readonly folder?: string | undefined;
  readonly env?: Environment;
  /** True for whatever talks to Slack: its secrets must then be there. */
  readonly needsSlack?: boolean;
}

export type LoadedConfig =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Reads `aixops.yaml` and the environment; tells every problem at once. A missing file means defaults. */
export function loadConfig(source: ConfigSource = {}): LoadedConfig {
  const env = source.env ?? process.env;
  const folder = configFolder(source.folder, env);
  const file = readConfigFile(join(folder, 'aixops.yaml'));
  const slack = source.needsSlack ?? false;
  const secrets = readSecrets(env, { slack, needed: slack ? neededFor(file) : [] });
  const health = healthFromEnvironment(env);
  const ofFile = file.kind === 'problems' ? file.problems : [];
  const problems = [
    ...ofFile,
    ...secrets.problems,
    ...health.problems,
    ...redisAgainst(file, secrets, folder),
  ];
  if (file.kind === 'problems' || problems.length > 0) return { kind: 'problems', problems };
  const home = env['HOME'] ?? homedir();
  const places = { folder, home, agentSocket: env['SSH_AUTH_SOCK'] || null };
  const value = { ...file.value, health: { ...file.value.health, ...health.settings } };
  const tracing = { ...file.value.tracing, isOn: isTracingAsked(env) };
  const environment = (): Environment => withoutCommands(env, secrets.values);
  const ofEnvironment = { ...places, tracing, noColor: (env['NO_COLOR'] ?? '') !== '', environment };
  const known = collectorSecrets(env);
  return { kind: 'config', config: { ...withSecrets(value, secrets, known, folder), ...ofEnvironment } };
}

function withSecrets(
  file: ConfigFile,
  { values, files }: Secrets,
  besides: readonly string[],
  folder: string,
): Omit<Config, 'folder' | 'home' | 'agentSocket' | 'noColor' | 'tracing' | 'environment'> {
  const { botToken, appToken, signingSecret, stepUp, auditSigningKey, storeKey, storeKeyOld } = values;
  const redis = redisConfig(file.redis, values, folder);
  return {
    ...file,
    slack: { ...file.slack, botToken, appToken, signingSecret },
    redis,
    stepUpSecrets: stepUp,
    auditSigningKey,
    store: { key: storeKey, oldKey: storeKeyOld },
    known: new KnownSecrets([...hiddenParts(values, redis.url), ...besides]),
    secretFiles: files,
  };
}

/** What file and environment say against each other about Redis. */
function redisAgainst(file: Checked<ConfigFile>, { values }: Secrets, folder: string): readonly Problem[] {
  if (file.kind === 'problems') return [];
  const where = { file: join(folder, 'aixops.yaml'), folder, lineOf: file.lineOf };
  return redisContradictions(file.value.redis, values, where);
}

/** What a bot cannot be without: its token, and the secret of the way in that is configured. */
function neededFor(file: Checked<ConfigFile>): readonly SecretName[] {
  if (file.kind === 'problems') return ['botToken'];
  return ['botToken', file.value.slack.mode === 'socket' ? 'appToken' : 'signingSecret'];
}

/** Where a process with these settings answers for its health, whatever else is wrong with them; port null: nowhere. */
export function healthAddress(argument?: string): HealthSettings {
  const file = readConfigFile(join(configFolder(argument), 'aixops.yaml'));
  const ofFile = file.kind === 'value' ? file.value.health : { host: '127.0.0.1', port: null };
  return { ...ofFile, ...healthFromEnvironment(process.env).settings };
}

/** The folder of the settings, absolute. */
export function configFolder(argument?: string, env: Environment = process.env): string {
  return resolve(argument ?? (env['AIXOPS_CONFIG'] || '.'));
}

/** The line of a key of `aixops.yaml`, or of the nearest thing around it; null where the file is not there. */
export function lineInConfig(folder: string, path: Path): number | null {
  const file = readConfigFile(join(folder, 'aixops.yaml'));
  return file.kind === 'value' ? file.lineOf(path) : null;
}

function readConfigFile(file: string): Checked<ConfigFile> {
  const content = readText(file);
  if (content.kind === 'unreadable') return { kind: 'problems', problems: [content.problem] };
  const checked = readDocument(file, content.kind === 'missing' ? '' : content.text, configSchema);
  if (checked.kind === 'value') return checked;
  return { kind: 'problems', problems: suggestKeys(checked.problems, configKeys) };
}
