import { Secret } from '../core/secret.js';
import { signingKeyShape } from '../audit/signing-key.js';
import type { Problem } from './problem.js';
import { redisUrl } from './redis-settings.js';
import { readSecret, type Environment, type ReadSecret, type SecretRule } from './secrets.js';

/** `slack`: only what talks to Slack needs it. `state`: whatever keeps state does. */
interface Rule extends SecretRule {
  readonly for: 'slack' | 'state';
}

const storeKeyAdvice = 'must be 32 random bytes in base64; make one with: openssl rand -base64 32';
const storeKeyShape = /^[A-Za-z0-9+/]{43}=$/;

/** Every secret that aixops takes, by its name in the configuration. */
const rules = {
  botToken: {
    name: 'SLACK_BOT_TOKEN',
    for: 'slack',
    shape: /^xoxb-\S+$/,
    advice:
      'SLACK_BOT_TOKEN must begin with xoxb-; install the app to the workspace and copy the Bot User OAuth Token from OAuth & Permissions.',
  },
  appToken: {
    name: 'SLACK_APP_TOKEN',
    for: 'slack',
    shape: /^xapp-\S+$/,
    advice:
      'SLACK_APP_TOKEN must begin with xapp-; make one under Basic Information → App-Level Tokens with connections:write.',
  },
  signingSecret: {
    name: 'SLACK_SIGNING_SECRET',
    for: 'slack',
    shape: /^[0-9a-f]{32}$/,
    advice:
      'SLACK_SIGNING_SECRET must be 32 hexadecimal digits; copy it from Basic Information → App Credentials → Signing Secret.',
  },
  redis: {
    name: 'REDIS_URL',
    for: 'state',
    shape: redisUrl,
    advice:
      'REDIS_URL must be a URL such as redis://127.0.0.1:6379 or rediss://:password@redis.example.net:6380.',
  },
  redisPassword: {
    name: 'REDIS_PASSWORD',
    for: 'state',
    shape: /\S/,
    advice: 'REDIS_PASSWORD must hold the password of the Redis user.',
  },
  redisSentinelPassword: {
    name: 'REDIS_SENTINEL_PASSWORD',
    for: 'state',
    shape: /\S/,
    advice: 'REDIS_SENTINEL_PASSWORD must hold the password that the Sentinels ask for.',
  },
  /** Seeds of step-up codes, by person. What is in it is checked where it is read. */
  stepUp: {
    name: 'STEP_UP_SECRETS',
    for: 'slack',
    shape: /\S/,
    advice: 'STEP_UP_SECRETS must hold the seeds of step-up codes.',
  },
  /** What checkpoints of the audit trail are signed with. */
  auditSigningKey: {
    name: 'AUDIT_SIGNING_KEY',
    for: 'state',
    shape: signingKeyShape,
    advice:
      'AUDIT_SIGNING_KEY must be an Ed25519 private key in PEM, or the one line of it between BEGIN and END; make one with: aixops audit keygen',
  },
  storeKey: {
    name: 'STORE_KEY',
    for: 'state',
    shape: storeKeyShape,
    advice: `STORE_KEY ${storeKeyAdvice}`,
  },
  storeKeyOld: {
    name: 'STORE_KEY_OLD',
    for: 'state',
    shape: storeKeyShape,
    advice: `STORE_KEY_OLD is the key that STORE_KEY was before and ${storeKeyAdvice}`,
  },
} as const satisfies Record<string, Rule>;

export type SecretName = keyof typeof rules;

/** The variable that holds a secret, by its name in the configuration. */
export function secretVariable(name: SecretName): string {
  return rules[name].name;
}

export interface Secrets {
  readonly values: Readonly<Record<SecretName, Secret | null>>;
  readonly problems: readonly Problem[];
  /** The files that secrets were read from, with the variable that named each. */
  readonly files: readonly { readonly variable: string; readonly path: string }[];
}

export interface Wanted {
  /** These must be there. */
  readonly needed: readonly SecretName[];
  /** Commands that print a secret of Slack are run only for who talks to Slack: nobody else is to hold it. */
  readonly slack: boolean;
}

/** Reads every secret and tells every problem at once. */
export function readSecrets(env: Environment, wanted: Wanted): Secrets {
  const names = Object.keys(rules) as SecretName[];
  const read = Object.fromEntries(names.map((name) => [name, readOne(name, env, wanted)])) as Record<
    SecretName,
    ReadSecret
  >;
  const missing = wanted.needed
    .filter((name) => read[name].secret === null && read[name].problems.length === 0)
    .map((name) => missingSecret(rules[name]));
  const values = Object.fromEntries(names.map((name) => [name, read[name].secret]));
  return {
    values: values as Secrets['values'],
    problems: [...names.flatMap((name) => read[name].problems), ...missing, ...oldAlone(read)],
    files: names.flatMap((name) => {
      const { file } = read[name];
      return file === null ? [] : [{ variable: `${rules[name].name}_FILE`, path: file }];
    }),
  };
}

/**
 * The environment with what its commands printed in their place: who reads the settings once more runs none of them. A
 * secret that was not wanted is left out.
 */
export function withoutCommands(env: Environment, values: Secrets['values']): Environment {
  const names = Object.keys(rules) as SecretName[];
  const printed = names.filter((name) => (env[`${rules[name].name}_COMMAND`] ?? '') !== '');
  return {
    ...env,
    ...Object.fromEntries(printed.map((name) => [rules[name].name, values[name]?.reveal()])),
    ...Object.fromEntries(printed.map((name) => [`${rules[name].name}_COMMAND`, undefined])),
  };
}

function readOne(name: SecretName, env: Environment, wanted: Wanted): ReadSecret {
  const rule: Rule = rules[name];
  if (rule.for !== 'slack' || wanted.slack) return readSecret(env, rule);
  return readSecret({ ...env, [`${rule.name}_COMMAND`]: undefined }, rule);
}

function missingSecret(rule: SecretRule): Problem {
  const problem = `Neither ${rule.name} nor ${rule.name}_FILE is set. ${rule.advice}`;
  return { file: 'environment', line: null, key: rule.name, problem };
}

/** With the old key alone nothing new would be sealed, and nobody would see it. */
function oldAlone({ storeKey, storeKeyOld }: Record<SecretName, ReadSecret>): readonly Problem[] {
  if (storeKeyOld.secret === null || storeKey.secret !== null || storeKey.problems.length > 0) return [];
  const problem = 'STORE_KEY_OLD is set, but STORE_KEY is not: the new key goes there.';
  return [{ file: 'environment', line: null, key: 'STORE_KEY_OLD', problem }];
}

/** What of the secrets must never appear in any text: tokens and keys whole, of a URL the password. */
export function hiddenParts(values: Secrets['values'], redis: Secret): readonly string[] {
  const seeds = values.stepUp?.reveal().match(/[A-Z2-7]{16,}/gi) ?? [];
  const whole = (Object.keys(rules) as SecretName[]).filter((name) => name !== 'redis' && name !== 'stepUp');
  const others = whole.flatMap((name) => values[name]?.reveal() ?? []);
  return [...others, ...others.flatMap(lines), ...seeds, ...passwordIn(redis.reveal())];
}

/** A key of several lines is hidden line by line too: a log may have any of them. */
function lines(value: string): readonly string[] {
  return value.includes('\n') ? value.split('\n').filter((line) => /^[\w+/=]{24,}$/.test(line)) : [];
}

function passwordIn(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
