import type { Change } from '../src/approval/states.js';
import { errorInfo, isStoreAway } from '../src/core/errors.js';
import { worstOf, type Request } from '../src/core/request.js';
import { NewerError } from '../src/core/stored.js';
import { noteInLog } from '../src/log-fields.js';
import { fixes } from '../src/runbooks/index.js';
import { changeCard } from '../src/slack/views/change-card.js';
import { requestCard } from '../src/slack/views/request-card.js';
import type { Outbox } from '../src/outbox/outbox.js';
import type { RequestStore } from '../src/requests/store.js';

/** Titles of the fixes, for words beside their buttons. */
export const fixNames = { fixes: Object.fromEntries(fixes.map((fix) => [fix.id, fix.title])) };

/** The outbox key of a request's card. */
export function cardKeyOf(request: Pick<Request, 'id'>): string {
  return `request:${request.id}`;
}

/**
 * Draws a request's card anew, posts what else there is to say of it, and keeps it as it now is. That comes last: whoever
 * dies before is followed by another who does it again, and a request that counts as answered has its answer on its way.
 */
export async function showRequest(
  request: Request,
  tools: { requests: RequestStore; outbox: Outbox },
  postMore: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (request.verdicts.length > 0) noteInLog({ verdict: worstOf(request) });
  await tools.outbox.put(...cardOf(request));
  await postMore();
  await tools.requests.put(request);
}

/** Draws the first card of a request, unless a worker was quicker and has drawn a later one. */
export async function showFirst(request: Request, { outbox }: { outbox: Outbox }): Promise<void> {
  await outbox.putOnce(...cardOf(request));
}

function cardOf(request: Request): Parameters<Outbox['put']> {
  const { channel, threadTs, user } = request.origin;
  const thread = threadTs === null ? null : { ts: threadTs };
  const { askedAt } = request;
  const letter = { key: cardKeyOf(request), channel, thread, priority: 'card' as const, user, askedAt };
  return [letter, { kind: 'message', message: requestCard(request, fixNames) }];
}

/**
 * Says on the card why a request failed. Nothing is said where another worker does it: the job was given back or its lock
 * was lost, or it belongs to a newer worker; nor where Redis was away, for then it is done later.
 */
export async function showFailure(
  request: Request,
  error: unknown,
  tools: { requests: RequestStore; outbox: Outbox },
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted === true || error instanceof NewerError || isStoreAway(error)) return;
  await showRequest({ ...request, phase: 'failed', error: errorInfo(error) }, tools);
}

/** Draws a change's card as its state now is. */
export async function showChange(
  change: Change,
  tools: { outbox: Outbox; approversHint: string },
): Promise<void> {
  const { cardKey, channel, threadTs, requester, rollout } = change;
  const alone = threadTs === null ? null : { ts: threadTs };
  // One of many waits for nobody: it stands in the thread of them all, behind what people must decide.
  const place =
    rollout === undefined
      ? ({ thread: alone, priority: 'approval' } as const)
      : ({ thread: { key: rollout.cardKey }, priority: 'card' } as const);
  const letter = { key: cardKey, channel, user: requester, ...place };
  const mayRollBack = change.plan.rollback.kind === 'steps' && change.rollbackOf === null;
  const message = changeCard(change, { approversHint: tools.approversHint, mayRollBack });
  await tools.outbox.put(letter, { kind: 'message', message });
}
