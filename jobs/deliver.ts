import { pumpChannel, type PumpTools } from '../src/outbox/pump.js';
import type { Enqueue } from '../src/queue/queues.js';

export interface DeliverTools extends PumpTools {
  readonly queue: Enqueue;
}

/** So long may a message wait for the bot that is told of it; then the clock tells another. */
const deliverWithinMs = 60_000;

/** Has a bot send what waits for a channel, now or after a while. */
export async function sendFor(
  channel: string,
  { queue, clock }: { readonly queue: Enqueue; readonly clock: () => number },
  delayMs = 0,
): Promise<void> {
  const data = { v: 1, id: channel, notAfter: clock() + delayMs + deliverWithinMs } as const;
  await queue.add('outbox', 'deliver', data, delayMs === 0 ? {} : { delayMs });
}

/** Sends what waits for one channel; where Slack asks for patience, or this bot stops, a delayed job goes on. */
export async function deliver(channel: string, tools: DeliverTools): Promise<void> {
  const pumped = await pumpChannel(channel, tools);
  if (pumped.kind !== 'later') return;
  const now = tools.clock();
  const data = { v: 1, id: channel, notAfter: now + pumped.afterMs + 3_600_000 } as const;
  // A little later than the channel is free again: who comes before that leaves it to somebody who is gone.
  const dueMs = now + pumped.afterMs + 50;
  if (tools.isStopping?.() === true) {
    await tools.queue.add('outbox', 'deliver', data, { delayMs: dueMs - now });
    return;
  }
  // Each message that is put meanwhile comes here too: one job for all of them, at the end of the quarter of a second.
  const quarter = Math.ceil(dueMs / stepMs);
  const jobId = `deliver-${channel}-${quarter}`;
  await tools.queue.add('outbox', 'deliver', data, { delayMs: quarter * stepMs - now, jobId });
}

const stepMs = 250;
