import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Secret } from './core/secret.js';
import { readDocument, suggestKeys, type Checked, type Path } from './settings/document.js';
import { readText } from './settings/file.js';
import type { Problem } from './settings/problem.js';
import { configKeys, configSchema, redisUrl, type ConfigFile } from './settings/schema.js';
import { readSecret, type Environment, type SecretRule } from './settings/secrets.js';

/** Everything that can be set, with its defaults. Names carry their units. */
export interface Config extends Omit<ConfigFile, 'slack' | 'redis'> {
  /** Absolute path of the folder that holds `aixops.yaml`, `inventory.yaml` and `policy.yaml`. */
  readonly folder: string;
  readonly home: string;
  /** The SSH agent's socket, where there is one. */
  readonly agentSocket: string | null;
  readonly slack: ConfigFile['slack'] & {
    readonly botToken: Secret | null;
    readonly appToken: Secret | null;
    readonly signingSecret: Secret | null;
  };
  /** The URL may hold a password. */
  readonly redis: { readonly url: Secret };
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
  const secrets = readSecrets(env, file, source.needsSlack ?? false);
  const problems = [...(file.kind === 'problems' ? file.problems : []), ...secrets.problems];
  if (file.kind === 'problems' || problems.length > 0) return { kind: 'problems', problems };
  const { slack, redis, ...rest } = file.value;
  const { botToken, appToken, signingSecret, redis: redisSecret } = secrets.values;
  return {
    kind: 'config',
    config: {
      ...rest,
      folder,
      home: env['HOME'] ?? homedir(),
      agentSocket: env['SSH_AUTH_SOCK'] || null,
      slack: { ...slack, botToken, appToken, signingSecret },
      redis: { url: redisSecret ?? new Secret(redis.url) },
    },
  };
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

const rules = {
  botToken: {
    name: 'SLACK_BOT_TOKEN',
    shape: /^xoxb-\S+$/,
    advice:
      'SLACK_BOT_TOKEN must begin with xoxb-; install the app to the workspace and copy the Bot User OAuth Token from OAuth & Permissions.',
  },
  appToken: {
    name: 'SLACK_APP_TOKEN',
    shape: /^xapp-\S+$/,
    advice:
      'SLACK_APP_TOKEN must begin with xapp-; make one under Basic Information → App-Level Tokens with connections:write.',
  },
  signingSecret: {
    name: 'SLACK_SIGNING_SECRET',
    shape: /^[0-9a-f]{32}$/,
    advice:
      'SLACK_SIGNING_SECRET must be 32 hexadecimal digits; copy it from Basic Information → App Credentials → Signing Secret.',
  },
  redis: {
    name: 'REDIS_URL',
    shape: redisUrl,
    advice:
      'REDIS_URL must be a URL such as redis://127.0.0.1:6379 or rediss://:password@redis.example.net:6380.',
  },
} as const satisfies Record<string, SecretRule>;

interface Secrets {
  readonly values: Readonly<Record<keyof typeof rules, Secret | null>>;
  readonly problems: readonly Problem[];
}

function readSecrets(env: Environment, file: Checked<ConfigFile>, needsSlack: boolean): Secrets {
  const read = {
    botToken: readSecret(env, rules.botToken),
    appToken: readSecret(env, rules.appToken),
    signingSecret: readSecret(env, rules.signingSecret),
    redis: readSecret(env, rules.redis),
  };
  const problems = Object.values(read).flatMap((one) => one.problems);
  const mode = file.kind === 'value' ? file.value.slack.mode : null;
  const door = mode === null ? [] : [mode === 'socket' ? ('appToken' as const) : ('signingSecret' as const)];
  const needed = needsSlack ? (['botToken', ...door] as const) : [];
  const missing = needed
    .filter((key) => read[key].secret === null && read[key].problems.length === 0)
    .map((key) => missingSecret(rules[key]));
  return {
    values: {
      botToken: read.botToken.secret,
      appToken: read.appToken.secret,
      signingSecret: read.signingSecret.secret,
      redis: read.redis.secret,
    },
    problems: [...problems, ...missing],
  };
}

function missingSecret(rule: SecretRule): Problem {
  const problem = `Neither ${rule.name} nor ${rule.name}_FILE is set. ${rule.advice}`;
  return { file: 'environment', line: null, key: rule.name, problem };
}
