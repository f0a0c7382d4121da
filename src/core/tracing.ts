/**
 * Tracing as all but one folder see it: spans are opened around work, and nobody knows of OpenTelemetry. What gets into
 * a span leaves the house: ids, names of our own and numbers, never what a node printed and never what a person typed.
 */

/** A place in a trace, as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`. */
type TraceParent = string;

/** What a span says of its work. `null` and `undefined` are left out. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

/** A span while its work is under way. */
export interface Span {
  set(attributes: SpanAttributes): void;
  /** Something at one moment within the span. */
  event(name: string, attributes?: SpanAttributes): void;
}

export interface SpanAbout {
  readonly attributes?: SpanAttributes;
  /** `server`: somebody outside asked for it; `client`: it asks somebody outside; neither for work of our own. */
  readonly kind?: 'server' | 'client';
}

/** Where in which trace something happens. */
interface TracePoint {
  readonly traceId: string;
  readonly spanId: string;
}

/** A place in a trace as requests and changes keep it, with the address under which people find it, where there is one. */
export interface KeptTrace {
  readonly parent: TraceParent;
  readonly url?: string;
}

export interface Tracing {
  /** Does `work` within a span below the one under way. A rejection marks the span with the error's class, not its words. */
  span<T>(name: string, about: SpanAbout, work: (span: Span) => Promise<T>): Promise<T>;
  /**
   * The same right below a place in a trace as it was kept: work that a clock, another person or the look before set off
   * joins the trace in which it was asked for. Where nothing was kept it is as `span`.
   */
  under<T>(
    kept: KeptTrace | undefined,
    name: string,
    about: SpanAbout,
    work: (span: Span) => Promise<T>,
  ): Promise<T>;
  /** null where nothing is traced just now. */
  readonly current: () => TracePoint | null;
  /** Where we are, to be kept with what was asked for; undefined where nothing is traced. */
  readonly keep: () => KeptTrace | undefined;
  /** Says of the span under way that another trace, as it was kept, has to do with it. */
  link(kept: KeptTrace | undefined): void;
  /** BullMQ's `telemetry`, by which a job carries its trace; undefined where tracing is off. Its type is the queue's affair. */
  readonly queues: unknown;
}

const noSpan: Span = { set: () => undefined, event: () => undefined };

/** Tracing that is switched off: the work, and nothing else. */
export const untraced: Tracing = {
  span: (_name, _about, work) => work(noSpan),
  under: (_kept, _name, _about, work) => work(noSpan),
  current: () => null,
  keep: () => undefined,
  link: () => undefined,
  queues: undefined,
};

const written = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/;

/**
 * Reads a kept place in a trace; null for whatever is none. What stands in a stored document may have been written by
 * anybody who reaches Redis. Source: W3C Trace Context, 3.2.2 (ids of zeroes only are invalid).
 */
export function readTraceParent(
  value: unknown,
): { readonly traceId: string; readonly spanId: string; readonly isSampled: boolean } | null {
  if (typeof value !== 'string') return null;
  const { traceId = '', spanId = '', flags = '' } = written.exec(value)?.groups ?? {};
  if (traceId === '' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
