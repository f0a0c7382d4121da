import { z } from 'zod';
import type { Environment } from './secrets.js';

const words =
  'This is an address that begins with https:// or http:// and has {traceId} in it, such as https://jaeger.example.net/trace/{traceId}';

/** What Slack takes within `<address|words>`: no brackets, bars, quotes or spaces, besides the one place for the id. */
const linkShape = /^https?:\/\/[^\s<>|"'`{}]*\{traceId\}[^\s<>|"'`{}]*$/;

/** `tracing:` of `aixops.yaml`. Whether and where traces go is for OpenTelemetry's own variables. */
export const tracingSettings = z
  .strictObject({
    /** Where people look at a trace: makes a link of the trace id on cards. */
    link: z
      .string(words)
      .max(500, 'This has at most 500 characters')
      .regex(linkShape, words)
      .optional()
      .describe('Where people look at a trace: makes a link of the trace id on cards.'),
  })
  .prefault({});

export const tracingKeys: readonly string[] = ['tracing', 'link'];

/**
 * Whether OpenTelemetry's variables ask for traces: an endpoint or an exporter is named, and neither `none` nor
 * OTEL_SDK_DISABLED takes it back. Source: OpenTelemetry, "Environment Variable Specification" (empty means not set;
 * booleans are true as `true` in any case).
 */
export function isTracingAsked(env: Environment): boolean {
  const said = (name: string): string => (env[name] ?? '').trim();
  if (said('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const exporter = said('OTEL_TRACES_EXPORTER');
  if (exporter !== '') return exporter !== 'none';
  return said('OTEL_EXPORTER_OTLP_ENDPOINT') !== '' || said('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== '';
}

/** What OpenTelemetry's variables hold of secrets: the values of headers, such as a collector's token. */
export function collectorSecrets(env: Environment): readonly string[] {
  const headers = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'];
  return headers
    .flatMap((name) => (env[name] ?? '').split(','))
    .map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
    .flatMap((value) => [value, decoded(value), decoded(value).replace(/^(?:Bearer|Basic)\s+/i, '')])
    .filter((value) => value.length >= shortestSecret);
}

/** Shorter values of headers are names of tenants and the like, and would black out words of the log. */
const shortestSecret = 8;

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
