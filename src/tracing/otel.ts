/**
 * The only importer of OpenTelemetry and bullmq-otel. Where spans go, how they are sampled and what the process is called
 * is for the standard variables (OTEL_…), which the SDK reads by itself.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  context,
  diag,
  isSpanContextValid,
  DiagLogLevel,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { NodeSDK, resources } from '@opentelemetry/sdk-node';
import { readTraceParent } from '../core/tracing.js';
import type { KeptTrace, Span, SpanAbout, SpanAttributes, Tracing } from '../core/tracing.js';
import { queueTelemetry } from './queue-telemetry.js';
import type { RunningTracing } from './start.js';

export interface TracingOptions {
  /** What this process does: `bot`, `worker` or `all`. */
  readonly role: string;
  readonly version: string;
  /** Where people look at a trace: an address with `{traceId}` in it; null where nobody said. */
  readonly link: string | null;
  /** Takes secrets out of text. */
  readonly clean: (text: string) => string;
  /** Told what goes wrong on the way to the collector; called often while it is away. */
  readonly onTrouble: (problem: string) => void;
}

/** So long may the last spans of a process take; a collector that is away must not hold up its end. Milliseconds. */
const stopWithinMs = 3_000;

/** Starts the SDK. Spans wait in memory and are sent behind the work; where the collector is away they are dropped. */
export function openTelemetry(options: TracingOptions): RunningTracing {
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(
      // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before these.
      resources.resourceFromAttributes({
        'service.name': 'aixops',
        'service.version': options.version,
        'service.instance.id': randomUUID(),
        'aixops.role': options.role,
        'host.name': hostname(),
      }),
    ),
    // The others tell the machine's id, the command line and the account.
    resourceDetectors: [resources.envDetector],
    // Metrics and logs have their own way out of this process.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  const tell = (problem: string): void => options.onTrouble(problem);
  const quiet = { info: () => undefined, debug: () => undefined, verbose: () => undefined };
  // After the SDK's own, which would write to the console.
  diag.setLogger(
    { error: tell, warn: tell, ...quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  sdk.start();
  const tracer = trace.getTracer('aixops', options.version);
  return {
    ...tracingBy(tracer, options),
    queues: queueTelemetry(options.version),
    stop: async () => {
      await withinMs(
        stopWithinMs,
        sdk.shutdown().catch(() => undefined),
      );
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

function tracingBy(tracer: Tracer, options: TracingOptions): Omit<Tracing, 'queues'> {
  const { clean, link } = options;
  const within = <T>(
    name: string,
    about: SpanAbout,
    parent: Context,
    work: (span: Span) => Promise<T>,
    linked: SpanContext | null = null,
  ): Promise<T> => {
    const how = {
      kind: kinds[about.kind ?? 'internal'],
      attributes: attributesOf(about.attributes, clean),
      links: linked === null ? [] : [{ context: linked }],
    };
    return tracer.startActiveSpan(name, how, parent, (span) => ended(span, () => work(spanOf(span, clean))));
  };
  return {
    span: (name, about, work) => within(name, about, context.active(), work),
    under: (kept, name, about, work) => {
      const asked = contextOf(kept);
      if (asked === null) return within(name, about, context.active(), work);
      return within(name, about, trace.setSpanContext(ROOT_CONTEXT, asked), work, placeNow());
    },
    current: () => {
      const here = placeNow();
      return here === null ? null : { traceId: here.traceId, spanId: here.spanId };
    },
    keep: () => {
      const here = placeNow();
      if (here === null) return undefined;
      const parent = `00-${here.traceId}-${here.spanId}-0${here.traceFlags & 1}`;
      return link === null ? { parent } : { parent, url: link.replaceAll('{traceId}', here.traceId) };
    },
    link: (kept) => {
      const asked = contextOf(kept);
      const here = trace.getActiveSpan();
      if (asked !== null && here?.spanContext().traceId !== asked.traceId) here?.addLink({ context: asked });
    },
  };
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
} as const;

/** null outside any span, and where an exporter that there is not was asked for. */
function placeNow(): SpanContext | null {
  const here = trace.getActiveSpan()?.spanContext();
  return here === undefined || !isSpanContextValid(here) ? null : here;
}

function contextOf(kept: KeptTrace | undefined): SpanContext | null {
  const read = readTraceParent(kept?.parent);
  if (read === null) return null;
  return { traceId: read.traceId, spanId: read.spanId, traceFlags: read.isSampled ? 1 : 0, isRemote: true };
}

async function ended<T>(span: OtelSpan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Messages may quote what a node printed.
    span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function spanOf(span: OtelSpan, clean: (text: string) => string): Span {
  return {
    set: (attributes) => void span.setAttributes(attributesOf(attributes, clean)),
    event: (name, attributes) => void span.addEvent(name, attributesOf(attributes, clean)),
  };
}

/** Longer words are none of ours. */
const longestValue = 300;

function attributesOf(given: SpanAttributes | undefined, clean: (text: string) => string): Attributes {
  const short = (text: string): string => clean(text).slice(0, longestValue);
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'string') attributes[name] = short(value);
    else attributes[name] = typeof value === 'object' ? value.map(short) : value;
  }
  return attributes;
}

async function withinMs(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
