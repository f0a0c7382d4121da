import { pumpChannel, type PumpTools } from '../src/outbox/pump.js';
import type { Enqueue } from '../src/queue/queues.js';

export interface DeliverTools extends PumpTools {
  readonly queue: Enqueue;
}

/** Sends what waits for one channel; where Slack asks for patience, or this bot stops, a delayed job goes on. */
export async function deliver(channel: string, tools: DeliverTools): Promise<void> {
  const pumped = await pumpChannel(channel, tools);
  if (pumped.kind !== 'later') return;
  const data = { v: 1, id: channel, notAfter: tools.clock() + pumped.afterMs + 3_600_000 } as const;
  // A little later than the channel is free again: who comes before that leaves it to somebody who is gone.
  await tools.queue.add('outbox', 'deliver', data, { delayMs: pumped.afterMs + 50 });
}
