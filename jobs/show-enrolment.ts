import type { Enrolment } from '../src/approval/enrolment.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { enrolmentCard } from '../src/slack/views/enrolment-card.js';

/** Draws a card with host keys as its state now is. */
export async function showEnrolment(
  enrolment: Enrolment,
  tools: { readonly outbox: Outbox; readonly approversHint: string },
): Promise<void> {
  const { cardKey, channel, threadTs, requester } = enrolment;
  const thread = threadTs === null ? null : { ts: threadTs };
  const letter = { key: cardKey, channel, thread, priority: 'approval' as const, user: requester };
  await tools.outbox.put(letter, { kind: 'message', message: enrolmentCard(enrolment, tools.approversHint) });
}
