import type { QueueName } from './job.js';

/**
 * What BullMQ is told of tracing. A trace goes with a job; but ticks of the clock are nobody's command, and one delivery
 * sends what many commands have put there: the clock and the outbox say by themselves in whose trace they work.
 */
export function tracedBy<T>(telemetry: T | undefined, queue: QueueName): { telemetry?: T } {
  const isOfOne = queue === 'read' || queue === 'change';
  return telemetry === undefined || !isOfOne ? {} : { telemetry };
}
