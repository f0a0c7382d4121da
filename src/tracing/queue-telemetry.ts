import { ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { BullMQOtel } from 'bullmq-otel';

/** What BullMQ opens spans for besides: its looking for work, each second and in each process, which is nobody's command. */
const ofCommands = /^(?:add|process) /;

type QueueSpan = ReturnType<BullMQOtel['tracer']['startSpan']>;

/** A span that is none: what happens within it belongs to the one around it. */
const noSpan: QueueSpan = {
  setSpanOnContext: (ctx) => ctx,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};

/** BullMQ's `telemetry` over bullmq-otel: a span for each job that is added and for each that is done, and no others. */
export function queueTelemetry(version: string): unknown {
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'aixops', version });
  return {
    tracer: {
      startSpan: (name: string, options?: unknown, parent?: Context): QueueSpan =>
        ofCommands.test(name) ? withoutWords(tracer.startSpan(name, options, parent)) : noSpan,
    },
    contextManager: {
      with: contextManager.with.bind(contextManager),
      active: () => contextManager.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (ctx: Context) => contextManager.getMetadata(ctx),
      fromMetadata: (active: Context, metadata: string) => {
        try {
          return contextManager.fromMetadata(active, metadata);
        } catch {
          // Not written by us: the job is done all the same, in a trace of its own.
          return active;
        }
      },
    },
  };
}

/** Errors go in by their class only: their messages may quote what a node printed. */
function withoutWords(span: QueueSpan): QueueSpan {
  return {
    setSpanOnContext: (ctx) => span.setSpanOnContext(ctx),
    setAttribute: (key, value) => span.setAttribute(key, value),
    setAttributes: (attributes) => span.setAttributes(attributes),
    addEvent: (name, attributes) => span.addEvent(name, attributes),
    recordException: (exception) => {
      const type = typeof exception === 'string' ? 'Error' : (exception.name ?? 'Error');
      span.setAttribute('error.type', type);
    },
    end: () => span.end(),
  };
}
