import type { Change } from '../src/approval/states.js';
import type { Request } from '../src/core/request.js';
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

/** Keeps a request as it now is and draws its card anew. */
export async function showRequest(
  request: Request,
  tools: { requests: RequestStore; outbox: Outbox },
): Promise<void> {
  await tools.requests.put(request);
  const { channel, threadTs, user } = request.origin;
  const thread = threadTs === null ? null : { ts: threadTs };
  const letter = { key: cardKeyOf(request), channel, thread, priority: 'card' as const, user };
  await tools.outbox.put(letter, { kind: 'message', message: requestCard(request, fixNames) });
}

/** Draws a change's card as its state now is. */
export async function showChange(
  change: Change,
  tools: { outbox: Outbox; approversHint: string },
): Promise<void> {
  const { cardKey, channel, threadTs, requester } = change;
  const thread = threadTs === null ? null : { ts: threadTs };
  const letter = { key: cardKey, channel, thread, priority: 'approval' as const, user: requester };
  const mayRollBack = change.plan.rollback.kind === 'steps' && change.rollbackOf === null;
  const message = changeCard(change, { approversHint: tools.approversHint, mayRollBack });
  await tools.outbox.put(letter, { kind: 'message', message });
}
