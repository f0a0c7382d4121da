import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { graceMs, isKnownVariable } from './known-variables.js';

const file = new URL('../../docs/install/compose/compose.yaml', import.meta.url);
const content: unknown = parse(readFileSync(file, 'utf8'), { merge: true });

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: { type: 'string' }, uniqueItems: true };
const only = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const named = (one: object): object => ({ type: 'object', additionalProperties: one });
const time = { type: 'string', pattern: '^(?:\\d+(?:ms|s|m|h))+$' };
const size = { type: 'string', pattern: '^\\d+[bkmg]$' };

/** The part of the Compose Specification that the file uses, as strict as that is. */
const service = only(
  {
    image: text,
    command: { type: 'array', items: { type: 'string' } },
    cap_drop: texts,
    cpus: { type: 'number' },
    depends_on: named(
      only(
        { condition: { enum: ['service_started', 'service_healthy', 'service_completed_successfully'] } },
        ['condition'],
      ),
    ),
    environment: named({ type: 'string' }),
    healthcheck: only({
      test: { type: 'array', items: text },
      interval: time,
      timeout: time,
      retries: { type: 'number' },
    }),
    logging: only({ driver: text, options: named({ type: 'string' }) }),
    mem_limit: size,
    networks: texts,
    pids_limit: { type: 'number' },
    read_only: { type: 'boolean' },
    restart: { enum: ['no', 'always', 'on-failure', 'unless-stopped'] },
    secrets: texts,
    security_opt: texts,
    stop_grace_period: time,
    tmpfs: texts,
    user: { type: 'string', pattern: '^[1-9]\\d*:[1-9]\\d*$' },
    volumes: { type: 'array', items: { type: 'string', pattern: '^[^:]+:/[^:]+(?::ro)?$' } },
  },
  [
    'image',
    'cap_drop',
    'read_only',
    'security_opt',
    'mem_limit',
    'pids_limit',
    'networks',
    'stop_grace_period',
  ],
);
const schema = {
  ...only({
    name: text,
    services: named(service),
    networks: named(only({ internal: { type: 'boolean' } })),
    volumes: named(only({})),
    secrets: named(only({ file: text }, ['file'])),
  }),
  patternProperties: { '^x-': {} },
};

const { services, networks, volumes, secrets } = z
  .looseObject({
    services: z.record(
      z.string(),
      z.looseObject({
        image: z.string(),
        command: z.array(z.string()),
        environment: z.record(z.string(), z.string()).default({}),
        secrets: z.array(z.string()).default([]),
        networks: z.array(z.string()),
        volumes: z.array(z.string()),
        tmpfs: z.array(z.string()).default([]),
        stop_grace_period: z.string(),
      }),
    ),
    networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
    volumes: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.unknown()),
  })
  .parse(content);

describe('the compose file', () => {
  it('has nothing that the specification does not have', () => {
    const check = new Ajv({ allErrors: true }).compile(schema);
    check(content);
    expect(check.errors ?? []).toEqual([]);
  });

  it('gives no container more than it needs', () => {
    for (const one of Object.values(services))
      expect(one).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    for (const name of ['bot', 'worker']) expect(services[name]?.tmpfs).toEqual(['/tmp:size=64m,mode=1777']);
    expect(services['redis']).toMatchObject({
      networks: ['state'],
      image: expect.stringMatching(/:\d+\.\d+\.\d+/) as string,
    });
    expect(networks['state']?.internal).toBe(true);
    expect(services['bot']?.secrets).toEqual(['slack_bot_token', 'slack_app_token']);
    expect(services['worker']?.secrets).toEqual(['id_ed25519']);
  });

  it('names networks, volumes, secrets and variables that there are', () => {
    const used = Object.values(services);
    expect([...new Set(used.flatMap((one) => one.networks))].sort()).toEqual(Object.keys(networks).sort());
    expect([...new Set(used.flatMap((one) => one.secrets))].sort()).toEqual(Object.keys(secrets).sort());
    const mounted = used.flatMap((one) => one.volumes).map((one) => one.split(':')[0] ?? '');
    expect(mounted.filter((one) => !one.startsWith('./'))).toEqual(Object.keys(volumes));
    for (const one of used)
      for (const [name, value] of Object.entries(one.environment)) {
        expect({ name, known: isKnownVariable(name) }).toEqual({ name, known: true });
        if (name.endsWith('_FILE')) expect(one.secrets).toContain(value.replace('/run/secrets/', ''));
      }
  });

  it('asks of Redis what aixops asks of it, and gives each the time to stop', () => {
    const words = services['redis']?.command.join(' ');
    expect(words).toContain('--appendonly yes');
    expect(words).toContain('--maxmemory-policy noeviction');
    const minutes = Number(services['worker']?.stop_grace_period.replace(/m$/, ''));
    expect(minutes * 60_000).toBeGreaterThan(graceMs);
    for (const role of ['bot', 'worker']) expect(services[role]?.command).toEqual(['start', '--role', role]);
  });
});
