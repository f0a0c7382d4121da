/** What the environment may say, in words: help and the manual are made from it. */
import { secretVariable, type SecretName } from './secret-rules.js';

/** One secret of the environment. */
export interface SecretVariable {
  readonly name: string;
  /** Which processes need it, and when. */
  readonly by: string;
  readonly means: string;
}

const secrets = {
  botToken: { by: 'the bot', means: 'The token of the app in the workspace, `xoxb-…`.' },
  appToken: {
    by: 'the bot with `slack.mode: socket`',
    means: 'The app-level token with `connections:write`, `xapp-…`.',
  },
  signingSecret: { by: 'the bot with `slack.mode: http`', means: 'What Slack signs its requests with.' },
  redis: {
    by: 'bot, worker, `audit`, `digest`',
    means: 'Where Redis is, with its password if it has one. Goes before `redis.url` of aixops.yaml.',
  },
  redisPassword: { by: 'bot and worker, where Redis asks for one', means: 'The password of the Redis user.' },
  redisSentinelPassword: {
    by: 'bot and worker, where the Sentinels ask for one',
    means: 'The password of the Sentinels.',
  },
  stepUp: {
    by: 'the bot, where the policy asks for codes',
    means: 'The seeds of the codes, one person a line: docs/approvals.md.',
  },
  auditSigningKey: {
    by: 'the worker, if checkpoints are to be signed',
    means: 'An Ed25519 key in PEM. `aixops audit keygen` makes one: docs/audit.md.',
  },
  storeKey: {
    by: 'bot and worker, if documents in Redis are to be sealed',
    means: '32 random bytes in base64, the same for all of them: docs/secrets.md.',
  },
  storeKeyOld: { by: 'bot and worker while the key is being changed', means: 'What STORE_KEY was before.' },
} as const satisfies Record<SecretName, Omit<SecretVariable, 'name'>>;

/** Every secret, by the name of its variable. */
export const secretVariables: readonly SecretVariable[] = (Object.keys(secrets) as SecretName[]).map(
  (name) => ({
    name: secretVariable(name),
    ...secrets[name],
  }),
);

/** Everything else that is read. */
export const otherVariables: readonly { readonly name: string; readonly means: string }[] = [
  { name: 'AIXOPS_CONFIG', means: 'The folder of the settings, where `--config` does not say it.' },
  { name: 'AIXOPS_HEALTH_HOST', means: 'Goes before `health.host` of aixops.yaml.' },
  { name: 'AIXOPS_HEALTH_PORT', means: 'Goes before `health.port` of aixops.yaml.' },
  { name: 'SSH_AUTH_SOCK', means: 'The SSH agent, for what has `agent: true` in the inventory.' },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    means:
      'Where traces go; with this or another of the standard OTEL_… variables tracing is on: docs/operations/traces.md.',
  },
  { name: 'NO_COLOR', means: 'No colours on a terminal.' },
];
