import { setTimeout as sleep } from 'node:timers/promises';

/** What was sent when, when it should have been, and what came of it. Milliseconds of the monotonic clock. */
export interface Sent<T> {
  readonly dueAt: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly answer: T;
}

/**
 * Sends so many a second at fixed times, whether or not those before were answered: who counts from `dueAt` counts the
 * waiting in line too, which a sender that waits for its answers leaves out ("coordinated omission"). Resolves when all are
 * answered; rejects where one of them did.
 */
export async function openLoop<T>(
  pace: { readonly perSecond: number; readonly count: number },
  send: (n: number, dueAt: number) => Promise<T>,
): Promise<readonly Sent<T>[]> {
  const begunAt = performance.now() + 20;
  const sent: Promise<Sent<T>>[] = [];
  for (let n = 0; n < pace.count; n += 1) {
    const dueAt = begunAt + (n * 1000) / pace.perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const sentAt = performance.now();
    const one = send(n, dueAt).then((answer) => ({ dueAt, sentAt, answeredAt: performance.now(), answer }));
    // It is looked at later; until then nobody hears that it failed.
    one.catch(() => undefined);
    sent.push(one);
  }
  return Promise.all(sent);
}
