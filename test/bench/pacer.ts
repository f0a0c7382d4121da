import { setTimeout as sleep } from 'node:timers/promises';

/** What was sent when, and when it should have been. Milliseconds of the monotonic clock. */
export interface Sent<T> {
  readonly dueAt: number;
  readonly sentAt: number;
  readonly answer: Promise<T>;
}

/**
 * Sends so many a second at fixed times, whether or not those before were answered: who counts from `dueAt` counts the
 * waiting in line too, which a sender that waits for its answers leaves out ("coordinated omission").
 */
export async function openLoop<T>(
  pace: { readonly perSecond: number; readonly count: number },
  send: (n: number, dueAt: number) => Promise<T>,
): Promise<readonly Sent<T>[]> {
  const begunAt = performance.now() + 20;
  const sent: Sent<T>[] = [];
  for (let n = 0; n < pace.count; n += 1) {
    const dueAt = begunAt + (n * 1000) / pace.perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const sentAt = performance.now();
    const answer = send(n, dueAt);
    // It is looked at later; until then nobody hears that it failed.
    answer.catch(() => undefined);
    sent.push({ dueAt, sentAt, answer });
  }
  return sent;
}
