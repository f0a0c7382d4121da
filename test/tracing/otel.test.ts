import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeptTrace } from '../../src/core/tracing.js';
import { startTracing, type RunningTracing } from '../../src/tracing/start.js';
import { startCollector, type CollectedSpan, type Collector } from './collector.js';

let collector: Collector;
let tracing: RunningTracing;
const variables = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  // Sent at the end, all together.
  OTEL_BSP_SCHEDULE_DELAY: '60000',
};

beforeAll(() => {
  Object.assign(process.env, variables);
});
afterAll(() => {
  for (const name of [...Object.keys(variables), 'OTEL_EXPORTER_OTLP_ENDPOINT'])
    Reflect.deleteProperty(process.env, name);
});
beforeEach(async () => {
  collector = await startCollector();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  tracing = await startTracing(true, {
    role: 'worker',
    version: '1.2.3',
    link: 'https://t.example.net/{traceId}',
    clean: (text) => text.replaceAll('hunter2', '***'),
    onTrouble: (problem) => {
      throw new Error(problem);
    },
  });
});
afterEach(async () => {
  await tracing.stop();
  await collector.stop();
});

/** Ends tracing, which sends everything. */
async function sent(): Promise<readonly CollectedSpan[]> {
  await tracing.stop();
  return collector.spans();
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan | undefined =>
  spans.find((span) => span.name === name);

describe('a span', () => {
  it('tells of an error its class, and none of its words', async () => {
    const work = tracing.span('a', {}, () => Promise.reject(new RangeError('lssrc printed hunter2')));
    await expect(work).rejects.toThrow('lssrc printed');
    const spans = await sent();
    expect(spans).toMatchObject([{ name: 'a', status: 2, attributes: { 'error.type': 'RangeError' } }]);
    expect(collector.bodies().join()).not.toMatch(/printed|hunter2|otel\.test/);
  });

  it('has no secrets, nothing long and nothing that there is not among its attributes', async () => {
    const attributes = { a: 'is hunter2', b: null, c: undefined, d: ['x', 'hunter2'], e: 3, f: true };
    await tracing.span('a', { attributes }, (span) => {
      span.set({ long: 'x'.repeat(5_000) });
      span.event('e', { said: 'hunter2' });
      return Promise.resolve();
    });
    const [span] = await sent();
    const long = 'x'.repeat(300);
    expect(span?.attributes).toEqual({ a: 'is ***', d: ['x', '***'], e: 3, f: true, long });
    expect(span?.events).toEqual([{ name: 'e', attributes: { said: '***' } }]);
    expect(span?.resource).toMatchObject({ 'service.name': 'aixops', 'service.version': '1.2.3' });
  });
});

describe('a kept place', () => {
  it('is where work goes on later, with a link to what set it off', async () => {
    let kept: KeptTrace | undefined;
    await tracing.span('asked', {}, () => {
      kept = tracing.keep();
      return Promise.resolve();
    });
    await tracing.span('click', {}, () => {
      tracing.link(kept);
      return tracing.under(kept, 'job', {}, () => tracing.span('step', {}, () => Promise.resolve()));
    });
    const spans = await sent();
    const [asked, click, job] = ['asked', 'click', 'job'].map((name) => named(spans, name));
    expect(kept?.url).toBe(`https://t.example.net/${asked?.traceId ?? ''}`);
    expect(job).toMatchObject({ traceId: asked?.traceId, parentSpanId: asked?.spanId });
    expect(job?.links).toMatchObject([{ traceId: click?.traceId, spanId: click?.spanId }]);
    expect(click?.links).toMatchObject([{ traceId: asked?.traceId, spanId: asked?.spanId }]);
    expect(named(spans, 'step')).toMatchObject({ traceId: asked?.traceId, parentSpanId: job?.spanId });
  });

  it.each([undefined, { parent: 'nonsense' }, { parent: `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01` }])(
    'that is %j is none: the work is traced where it is',
    async (kept) => {
      await tracing.span('here', {}, () => {
        tracing.link(kept);
        return tracing.under(kept, 'job', {}, () => Promise.resolve());
      });
      const spans = await sent();
      expect(named(spans, 'job')?.parentSpanId).toBe(named(spans, 'here')?.spanId);
      expect(spans.flatMap(({ links }) => links)).toEqual([]);
    },
  );

  it('is told of only within a span, and of none once tracing has ended', async () => {
    expect([tracing.current(), tracing.keep()]).toEqual([null, undefined]);
    await tracing.span('a', {}, () => {
      expect(tracing.current()?.traceId).toMatch(/^[0-9a-f]{32}$/);
      return Promise.resolve();
    });
    await tracing.stop();
    await tracing.span('b', {}, () => {
      expect(tracing.current()).toBeNull();
      return Promise.resolve();
    });
    expect(collector.spans().map(({ name }) => name)).toEqual(['a']);
  });
});

/** As much of BullMQ's telemetry as BullMQ calls. */
interface Telemetry {
  readonly tracer: { startSpan(name: string, options?: object, context?: unknown): QueueSpan };
  readonly contextManager: {
    active(): unknown;
    getMetadata(context: unknown): string;
    fromMetadata(active: unknown, metadata: string): unknown;
  };
}

interface QueueSpan {
  setSpanOnContext(context: unknown): unknown;
  recordException(error: Error): void;
  end(): void;
}

describe('the queue', () => {
  it('hands the trace on with a job, and has spans for jobs alone', async () => {
    const { tracer, contextManager } = tracing.queues as Telemetry;
    const add = tracer.startSpan('add read.diagnose', {});
    const metadata = contextManager.getMetadata(add.setSpanOnContext(contextManager.active()));
    add.end();
    for (const name of ['getNextJob read', 'moveStalledJobsToWait read', 'complete read'])
      tracer.startSpan(name, {}).end();
    const process = tracer.startSpan(
      'process read',
      {},
      contextManager.fromMetadata(contextManager.active(), metadata),
    );
    process.recordException(new TypeError('what a node printed'));
    process.end();
    const spans = await sent();
    expect(spans.map(({ name }) => name)).toEqual(['add read.diagnose', 'process read']);
    expect(spans[1]).toMatchObject({ traceId: spans[0]?.traceId, parentSpanId: spans[0]?.spanId });
    expect(spans[1]?.attributes).toEqual({ 'error.type': 'TypeError' });
    expect(collector.bodies().join()).not.toContain('printed');
  });

  it.each(['', '{', 'null', '[]', '"x"', '{"traceparent":7}', '{"traceparent":"00-x-y-01"}'])(
    'takes a job whose trace is %j, in a trace of its own',
    async (metadata) => {
      const { tracer, contextManager } = tracing.queues as Telemetry;
      tracer
        .startSpan('process read', {}, contextManager.fromMetadata(contextManager.active(), metadata))
        .end();
      expect(await sent()).toMatchObject([{ name: 'process read', parentSpanId: '' }]);
    },
  );
});
