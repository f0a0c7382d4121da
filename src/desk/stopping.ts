/** How the reading for a request is ended before its end: by whoever presses Stop, or by the same being asked anew. */
import { showRequest } from '../../jobs/show.js';
import { stopTopic } from '../../jobs/stopping.js';
import type { Audit } from '../audit/audit.js';
import { digestOf } from '../core/canonical.js';
import { onlyReads, type Request, type Stopped } from '../core/request.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Bus } from '../redis/bus.js';
import type { RequestStore } from '../requests/store.js';
import { utc } from '../slack/views/time.js';
import { refused, type Answered } from './decisions.js';

export interface StoppingTools {
  readonly requests: RequestStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly bus: Pick<Bus, 'publish'>;
}

/** Whether targets are still to be read for a request, as far as its document says. */
export function isUnderWay({ wish, phase }: Request): boolean {
  return onlyReads(wish) && (phase === 'queued' || phase === 'reading');
}

/** Written down, then asked of its workers; one that nobody has begun with is over at once. Whoever was first counts. */
export async function stopReading(
  request: Request,
  stopped: Stopped,
  { requests, outbox, audit, bus }: StoppingTools,
): Promise<Answered> {
  const { id, asked } = request;
  if (!isUnderWay(request)) return refused(tooLate);
  const { by: actor, newer } = stopped;
  const detail = { asked, ...(newer !== null && { newer }) };
  await audit.append({ code: 'request.stopped', actor, object: id, detail });
  const before = await requests.stop(id, stopped);
  if (before === 'ended') return refused(tooLate);
  // Also for whoever comes second: the first may have ended before it came to this.
  if (await requests.withdraw(id))
    await showRequest({ ...request, phase: 'stopped', stopped: before ?? stopped }, { requests, outbox });
  // It looks by itself every second: this is sooner.
  else await bus.publish(stopTopic, id);
  if (before !== null) return refused(alreadyStopped(before));
  const kept =
    request.wish.job === 'diagnose'
      ? 'what was read until now stays on the card'
      : 'no digest is made of what was read until now';
  return { kind: 'done', sentence: `Stopping: ${kept}. Nothing was changed.` };
}

/** Makes a request the one that counts of all that ask the same; one of the same person in the same channel is stopped. */
export async function supersede(
  { id, origin, wish, total }: Request,
  at: string,
  tools: StoppingTools,
): Promise<void> {
  if (!onlyReads(wish) || total < 2) return;
  const { channel, user } = origin;
  const earlier = await tools.requests.takePlace(digestOf([channel, user, wish]).slice(0, 32), id);
  if (earlier === null || earlier === id) return;
  const request = await tools.requests.get(earlier);
  if (request !== null && isUnderWay(request)) await stopReading(request, { by: user, at, newer: id }, tools);
}

const tooLate = 'This is not being read any more: there is nothing to stop. The card says what came of it.';

function alreadyStopped({ by, at, newer }: Stopped): string {
  if (newer !== null) return `This was stopped already at ${utc(at)}: request ${newer} took its place.`;
  return `This was stopped already, by <@${by}> at ${utc(at)}.`;
}
