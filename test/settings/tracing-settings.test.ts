import { describe, expect, it } from 'vitest';
import { collectorSecrets, isTracingAsked, tracingSettings } from '../../src/settings/tracing-settings.js';

const at = 'http://127.0.0.1:4318';

describe('tracing', () => {
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${at}/v1/traces` }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }],
    [{ OTEL_TRACES_EXPORTER: 'console' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_SDK_DISABLED: 'false' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_SDK_DISABLED: '' }],
    // Booleans are true as "true" only.
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_SDK_DISABLED: '1' }],
  ])('is asked for by %j', (env) => {
    expect(isTracingAsked(env)).toBe(true);
  });

  it.each([
    [{}],
    [{ OTEL_SERVICE_NAME: 'aixops', OTEL_RESOURCE_ATTRIBUTES: 'a=b', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: at }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_TRACES_EXPORTER: 'none' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_SDK_DISABLED: 'TRUE' }],
  ])('is not asked for by %j', (env) => {
    expect(isTracingAsked(env)).toBe(false);
  });
});

describe('the link of a trace', () => {
  it.each(['https://j.example.net/trace/{traceId}', 'http://127.0.0.1:3000/explore?id={traceId}&x=[1]'])(
    'may be %s',
    (link) => {
      expect(tracingSettings.parse({ link })).toEqual({ link });
    },
  );

  it.each([
    'https://j.example.net/trace/',
    'javascript:alert({traceId})',
    'https://j.example.net/{traceId}|evil>',
    'https://j.example.net/<!channel>{traceId}',
    'https://j.example.net/{traceId} {traceId}',
    'https://j.example.net/{traceId}/{span}',
    `https://j.example.net/${'x'.repeat(600)}{traceId}`,
  ])('is not %s', (link) => {
    expect(tracingSettings.safeParse({ link }).success).toBe(false);
  });
});

describe('what the headers for a collector hold', () => {
  it('counts as secret, as it is written and as it is sent', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abcdefgh12345,x-scope=team',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=key=with=signs%',
    };
    const secrets = collectorSecrets(env);
    for (const one of ['Bearer abcdefgh12345', 'abcdefgh12345', 'key=with=signs%'])
      expect(secrets).toContain(one);
    expect(secrets).not.toContain('team');
    expect(collectorSecrets({})).toEqual([]);
  });
});
