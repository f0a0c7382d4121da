/** Signed requests at fixed times, from a thread that has nothing else to do. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openLoop, type Sent } from './pacer.js';
import { openPoster, type Answer, type SignedTo } from './signed-posts.js';

interface Order extends SignedTo {
  readonly perSecond: number;
  readonly bodies: readonly string[];
}

/** Resolves when the last one is answered, or given up. */
export function postedByThread(order: Order): Promise<readonly Sent<Answer>[]> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(fileURLToPath(import.meta.url), { workerData: order });
    thread.once('message', (told: Told) => {
      // Each thread counts from its own beginning.
      const shift = told.origin - performance.timeOrigin;
      const moved = ({ dueAt, sentAt, answeredAt, answer }: Sent<Answer>) => ({
        ...{ dueAt: dueAt + shift, sentAt: sentAt + shift, answeredAt: answeredAt + shift },
        answer,
      });
      resolve(told.sent.map(moved));
    });
    thread.once('error', reject);
  });
}

interface Told {
  readonly origin: number;
  readonly sent: readonly Sent<Answer>[];
}

if (!isMainThread) {
  const { perSecond, bodies, ...to } = workerData as Order;
  const poster = openPoster(to);
  const sent = await openLoop({ perSecond, count: bodies.length }, (n) => poster.post(bodies[n] ?? ''));
  poster.close();
  parentPort?.postMessage({ origin: performance.timeOrigin, sent } satisfies Told);
}
