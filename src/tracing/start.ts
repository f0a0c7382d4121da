import { untraced, type Tracing } from '../core/tracing.js';
import type { TracingOptions } from './otel.js';

/** Tracing of one process, and its end. */
export interface RunningTracing extends Tracing {
  /** Hands over what is not sent yet, for some seconds at most; never rejects. */
  stop(): Promise<void>;
}

/**
 * Tracing as the standard variables of OpenTelemetry ask for it. OpenTelemetry is some hundred files: they are loaded
 * only where it is switched on.
 */
export async function startTracing(isOn: boolean, options: TracingOptions): Promise<RunningTracing> {
  if (!isOn) return { ...untraced, stop: () => Promise.resolve() };
  const { openTelemetry } = await import('./otel.js');
  return openTelemetry(options);
}
